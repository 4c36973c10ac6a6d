using System.Text.RegularExpressions;

namespace LinuxP2V.Guest.Files;

/// <summary>Patterns of names as shells, systemd and NetworkManager read them: *, ? and [a-z].</summary>
internal static class ShellPattern
{
    private static readonly Regex SetPattern = new(@"\\\[(?<not>!|\\\^)?(?<set>[^\]]+)\]", RegexOptions.CultureInvariant);

    public static bool Matches(string name, string pattern)
    {
        var escaped = Regex.Escape(pattern).Replace("\\*", ".*").Replace("\\?", ".");
        var expression = SetPattern.Replace(escaped, match => $"[{(match.Groups["not"].Success ? "^" : "")}{match.Groups["set"].Value}]");
        try
        {
            return Regex.IsMatch(name, $"^{expression}$", RegexOptions.CultureInvariant | RegexOptions.Singleline);
        }
        catch (ArgumentException)
        {
            // A set that is none, such as [z-a].
            return name == pattern;
        }
    }
}
