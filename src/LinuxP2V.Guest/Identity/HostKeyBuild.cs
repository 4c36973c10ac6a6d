using LinuxP2V.Guest.Planning;

namespace LinuxP2V.Guest.Identity;

/// <summary>A host key, made by the copy's own program in the place of the source's.</summary>
/// <param name="Path">Of the private key, which is not there any more.</param>
public sealed record HostKeyBuild(string Concern, string Path, string Program, IReadOnlyList<string> Arguments)
    : ToolChange(Concern, Path, $"made anew by {Program}", "the copy is a machine of its own");
