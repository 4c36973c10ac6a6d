using LinuxP2V.Guest.Planning;

namespace LinuxP2V.Guest.Network;

/// <summary>A file that was changed, read by the program that will read it in the VM. What it says against it is a warning.</summary>
/// <param name="Program">Its path or name in the copy; it must change nothing but what /run holds.</param>
public sealed record ConfigurationCheck(string Concern, string Subject, string Program, IReadOnlyList<string> Arguments)
    : ToolChange(Concern, Subject, $"read by {Program}", "the VM's network depends on it")
{
    /// <summary>A file that the program gets on its standard input; null where it finds its files itself.</summary>
    public string? Input { get; init; }

    /// <summary>
    /// Texts that must be in what it prints: a program that passes over what it does not understand prints the rest
    /// without it.
    /// </summary>
    public IReadOnlyList<string> MustPrint { get; init; } = [];

    /// <summary>What an older program says that cannot check; null where any can.</summary>
    public string? CannotCheck { get; init; }

    /// <summary>The file may hold passwords, so that nothing of what the program prints may be told.</summary>
    public bool HoldsSecrets { get; init; }
}
