using System.Text.RegularExpressions;

namespace LinuxP2V.Guest.CommandLine;

/// <summary>A word of the kernel's command line.</summary>
/// <param name="Value">Without quotes around it; null for a word without an equals sign.</param>
internal sealed record KernelWord(string Text, string Name, string? Value)
{
    private static readonly Regex Pattern = new("""(?:[^\s"]|"[^"]*(?:"|$))+""", RegexOptions.CultureInvariant);

    /// <summary>A variable of GRUB or of a shell: what it means stands elsewhere.</summary>
    public bool IsVariable => Value is not null && Value.IndexOfAny(['$', '`']) >= 0;

    public static KernelWord Parse(string text)
    {
        var split = text.IndexOf('=');
        return split < 0
            ? new KernelWord(text, text.Trim('"'), null)
            : new KernelWord(text, text[..split].Trim('"'), text[(split + 1)..].Trim('"'));
    }

    /// <summary>The words of a line as they are written, and where they stand.</summary>
    public static IReadOnlyList<Match> Split(string line) => [.. Pattern.Matches(line).Cast<Match>()];
}
