using System.Text.RegularExpressions;
using LinuxP2V.Guest.Files;

namespace LinuxP2V.Guest.Modprobe;

/// <summary>modprobe's rules: those that keep a driver of the VM from being loaded are switched off.</summary>
internal static class ModprobeText
{
    /// <summary>
    /// "install NAME COMMAND", "blacklist NAME", "alias NAME off"; a command that loads the module itself is none of
    /// these.
    /// </summary>
    private static readonly Regex RulePattern = new(
        @"^\s*(?:blacklist\s+(?<name>\S+)|install\s+(?<name>\S+)\s+(?<command>.+)|alias\s+(?<name>\S+)\s+(?<off>off|/bin/true|/bin/false))\s*$",
        RegexOptions.CultureInvariant | RegexOptions.Singleline
    );

    /// <summary>Names in old rules that stand for "the driver of the disks".</summary>
    private static readonly Regex HostAdapterPattern = new(
        @"^\s*alias\s+(?<name>scsi_hostadapter\d*)\s+(?<module>\S+)\s*$",
        RegexOptions.CultureInvariant
    );

    private static readonly Regex EthernetPattern = new(@"^\s*alias\s+(?<name>eth\d+)\s+(?<module>\S+)\s*$", RegexOptions.CultureInvariant);

    /// <param name="modules">With underscores.</param>
    public static ChangedText Unblock(string text, IReadOnlyCollection<string> modules) =>
        Edit(
            text,
            rule =>
                Blocked(rule) is { } name && modules.Contains(name)
                    ? (
                        $"{ChangedText.Marker}the VM needs {name}: {rule}",
                        new TextChange(Shown(rule), "switched off", "it keeps a driver of the VM from being loaded")
                    )
                    : null
        );

    /// <summary>
    /// Old systems name the driver of the disks and of each adapter: their mkinitrd packs the one, and the other makes the
    /// adapter appear.
    /// </summary>
    public static ChangedText Aliases(string text, string disks, string adapters)
    {
        var isFirst = true;
        return Edit(
            text,
            rule =>
            {
                if (HostAdapterPattern.Match(rule) is { Success: true } host)
                {
                    var line = isFirst ? $"alias {host.Groups["name"].Value} {disks}" : $"{ChangedText.Marker}not in the VM: {rule}";
                    var change = new TextChange(
                        Shown(rule),
                        isFirst ? $"now {disks}" : "switched off",
                        "the VM has another disk controller"
                    );
                    isFirst = false;
                    return (line, change);
                }

                return EthernetPattern.Match(rule) is { Success: true } match && match.Groups["module"].Value != adapters
                    ? (
                        $"alias {match.Groups["name"].Value} {adapters}",
                        new TextChange(Shown(rule), $"now {adapters}", "the VM has other adapters")
                    )
                    : null;
            }
        );
    }

    /// <summary>Those of the modules that a file's rules keep from being loaded.</summary>
    public static IReadOnlyList<string> BlockedBy(string text, IReadOnlyCollection<string> modules) =>
        [.. Rules(text).Select(Blocked).OfType<string>().Where(modules.Contains).Distinct()];

    private static string? Blocked(string rule)
    {
        if (RulePattern.Match(rule.Replace("\\\n", " ")) is not { Success: true } match)
            return null;

        var name = match.Groups["name"].Value.Replace('-', '_');
        var command = match.Groups["command"].Value;
        return command.Contains("modprobe") || command.Contains("insmod") ? null : name;
    }

    private static ChangedText Edit(string text, Func<string, (string Line, TextChange Change)?> edit)
    {
        var changes = new List<TextChange>();
        var lines = new List<string>();
        foreach (var rule in Rules(text))
        {
            var edited = rule.TrimStart().StartsWith("#", StringComparison.Ordinal) ? null : edit(rule);
            // A rule of several lines stays a comment of several lines.
            lines.Add(edited is { } done ? done.Line.Replace("\\\n", "\\\n# ") : rule);
            if (edited is { } made)
                changes.Add(made.Change);
        }

        return new ChangedText(changes.Count == 0 ? text : string.Join("\n", lines), changes);
    }

    /// <summary>Lines, those that a backslash continues taken together.</summary>
    private static IEnumerable<string> Rules(string text)
    {
        var start = 0;
        for (var end = text.IndexOf('\n'); end >= 0; end = text.IndexOf('\n', end + 1))
        {
            if (end > start && text[end - 1] == '\\')
                continue;

            yield return text[start..end];
            start = end + 1;
        }

        yield return text[start..];
    }

    private static string Shown(string rule) => rule.Replace("\\\n", " ").Trim();
}
