using LinuxP2V.Guest.Planning;

namespace LinuxP2V.Guest.Network;

/// <summary>A file that was changed, read by the program that will read it in the VM. What it says against it is a warning.</summary>
/// <param name="Program">Its path or name in the copy; it must change nothing but what /run holds.</param>
public sealed record ConfigurationCheck(string Concern, string Subject, string Program, IReadOnlyList<string> Arguments)
    : ToolChange(Concern, Subject, $"read by {Program}", "the VM's network depends on it");
