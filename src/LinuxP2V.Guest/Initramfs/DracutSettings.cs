using System.Text.RegularExpressions;
using LinuxP2V.Guest.Files;

namespace LinuxP2V.Guest.Initramfs;

/// <summary>dracut's configuration, a shell's: lists that leave out what the VM needs.</summary>
/// <param name="Drivers">Names of modules, with underscores.</param>
/// <param name="Parts">dracut's own modules, such as lvm.</param>
/// <param name="FileSystems">Those of the root volume and what else is mounted early.</param>
internal sealed record DracutSettings(
    IReadOnlyCollection<string> Drivers,
    IReadOnlyCollection<string> Parts,
    IReadOnlyCollection<string> FileSystems
)
{
    private static readonly Regex ListPattern = new(
        """^(?<head>[ \t]*(?<name>omit_drivers|omit_dracutmodules|drivers|dracutmodules|filesystems)\+?=)(?:(?<quote>["'])(?<words>[^"']*)\k<quote>|(?<words>[^\s"'#]+))""",
        RegexOptions.CultureInvariant | RegexOptions.Multiline
    );

    public ChangedText Transform(string text)
    {
        var changes = new List<TextChange>();
        var result = ListPattern.Replace(
            text,
            match =>
            {
                var name = match.Groups["name"].Value;
                var old = match.Groups["words"].Value.Split([' ', '\t', '\n'], StringSplitOptions.RemoveEmptyEntries);
                var words = Change(name, old);
                if (words.Length == old.Length)
                    return match.Value;

                changes.Add(
                    new TextChange(
                        match.Value.Trim().Replace("\n", " "),
                        $"now \"{string.Join(" ", words)}\"",
                        "it leaves out what the VM needs"
                    )
                );
                return $"{match.Groups["head"].Value}\" {string.Join(" ", words)} \"";
            }
        );
        return new ChangedText(changes.Count == 0 ? text : result, changes);
    }

    private string[] Change(string name, string[] words) =>
        name switch
        {
            "omit_drivers" => [.. words.Where(word => !Drivers.Any(driver => Names(word, driver)))],
            "omit_dracutmodules" => [.. words.Where(word => !Parts.Contains(word))],
            _ when words.Length == 0 => words,
            // Lists of all that may go in; empty ones mean anything.
            "drivers" => [.. words, .. Drivers.Except(words.Select(word => word.Replace('-', '_')))],
            "dracutmodules" => [.. words, .. Parts.Except(words)],
            _ => [.. words, .. FileSystems.Except(words)],
        };

    /// <summary>Words of omit_drivers are patterns that match a whole name.</summary>
    private static bool Names(string word, string driver)
    {
        try
        {
            return word.Replace('-', '_') == driver
                || Regex.IsMatch(driver, $"^(?:{word})$", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
        }
        catch (Exception exception) when (exception is ArgumentException or RegexMatchTimeoutException)
        {
            return false;
        }
    }
}
