using System.Text.RegularExpressions;
using LinuxP2V.Guest.Devices;
using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Shell;

namespace LinuxP2V.Guest.CommandLine;

/// <summary>The kernel's command line in each of the formats that it is kept in.</summary>
internal static class CommandLineFiles
{
    private const int GrubEnvironmentBytes = 1024;

    private static readonly Regex PlainLine = new(
        @"^[ \t]*(?<value>[^#\s][^\n]*)$",
        RegexOptions.CultureInvariant | RegexOptions.Multiline
    );

    private static readonly Regex OptionsLine = new(
        @"^[ \t]*options[ \t]+(?<value>[^\n]*)$",
        RegexOptions.CultureInvariant | RegexOptions.Multiline
    );

    private static readonly Regex KernelOptionsLine = new(
        @"^(?:kernelopts|tuned_params)=(?<value>[^\n]*)$",
        RegexOptions.CultureInvariant | RegexOptions.Multiline
    );

    /// <summary>Its value goes on in lines that are indented. One that begins with @ names a file.</summary>
    private static readonly Regex UkiLine = new(
        @"^Cmdline[ \t]*[=:][ \t]*(?<value>[^@\n][^\n]*(?:\n[ \t]+[^\n]+)*)$",
        RegexOptions.CultureInvariant | RegexOptions.Multiline | RegexOptions.IgnoreCase
    );

    private static readonly Regex AppendLine = new(
        @"^[ \t]*append[ \t]+(?<value>[^\n]*)$",
        RegexOptions.CultureInvariant | RegexOptions.Multiline | RegexOptions.IgnoreCase
    );

    /// <summary>
    /// Kernel lines of a GRUB menu; the custom entries of an administrator stand on one line with their brackets at
    /// times.
    /// </summary>
    private static readonly Regex GrubLine = new(
        @"(?<=^|[{;])[ \t]*(?:linux|linux16|linuxefi|module|module2)[ \t]+(?<image>[^\s;{}]+)[ \t]+(?<value>[^\n;{}]*[^\s;{}])",
        RegexOptions.CultureInvariant | RegexOptions.Multiline
    );

    public static CommandLineChange Change(CommandLineFormat format, string text, DeviceMap devices) =>
        format switch
        {
            CommandLineFormat.Words => Lines(text, PlainLine, devices),
            CommandLineFormat.Entry => Lines(text, OptionsLine, devices),
            CommandLineFormat.GrubEnvironment => GrubEnvironment(text, devices),
            CommandLineFormat.Shell => ShellDefaults.Change(text, devices),
            CommandLineFormat.Dracut => DracutConfiguration.Change(text, devices),
            CommandLineFormat.UnifiedImage => Lines(text, UkiLine, devices),
            CommandLineFormat.Extlinux => Lines(text, AppendLine, devices),
            _ => Lines(text, GrubLine, devices),
        };

    /// <summary>/etc/default/grub and its parts: GRUB_CMDLINE_LINUX and its relatives, as a shell reads them.</summary>
    public static ChangedText DefaultGrub(string text, DeviceMap devices) => ShellDefaults.Change(text, devices).Text;

    /// <summary>A Boot Loader Specification entry: its options lines.</summary>
    public static ChangedText Entry(string text, DeviceMap devices) => Lines(text, OptionsLine, devices).Text;

    /// <summary>grubenv: kernelopts; the file is 1024 bytes, filled up with #.</summary>
    public static ChangedText Environment(string text, DeviceMap devices) => GrubEnvironment(text, devices).Text;

    private static CommandLineChange GrubEnvironment(string text, DeviceMap devices)
    {
        var changed = Lines(text, KernelOptionsLine, devices);
        if (changed.Text.Changes.Count == 0)
            return changed;

        var body = changed.Text.Text.TrimEnd('#', '\n') + "\n";
        return body.Length <= GrubEnvironmentBytes
            ? changed with
            {
                Text = changed.Text with { Text = body.PadRight(GrubEnvironmentBytes, '#') },
            }
            : new CommandLineChange(new ChangedText(text, []), changed.Words, ["more than the 1024 bytes that grubenv has room for"]);
    }

    /// <summary>Every line that the pattern finds, each a command line or a part of one.</summary>
    private static CommandLineChange Lines(string text, Regex pattern, DeviceMap devices)
    {
        var lines = pattern.Matches(text).Cast<Match>().Select(match => match.Groups["value"]).ToList();
        var words = lines.Select(line => KernelWord.Split(line.Value)).ToList();
        var verdicts = KernelWordRules.Judge([.. words.SelectMany(line => line).Select(word => word.Value)], devices);
        var changes = new List<TextChange>();
        var edits = new List<(int, int, string)>();
        var first = 0;
        for (var index = 0; index < lines.Count; index++)
        {
            var own = verdicts.Skip(first).Take(words[index].Count).ToList();
            edits.AddRange(Edits(text, lines[index].Index, words[index], own));
            changes.AddRange(
                own.Zip(words[index], (verdict, word) => (verdict, word.Value))
                    .Where(pair => pair.verdict.Why is not null)
                    .Select(pair => new TextChange(
                        pair.Value,
                        pair.verdict.Now is null ? "removed" : $"now {pair.verdict.Now}",
                        pair.verdict.Why!
                    ))
            );
            first += own.Count;
        }

        return new CommandLineChange(
            new ChangedText(ShellScript.Apply(text, edits), changes),
            [.. verdicts.Select(verdict => verdict.Now).OfType<string>()],
            []
        );
    }

    /// <summary>A word that goes takes the blanks before it along; at the beginning of a line those behind it.</summary>
    private static IEnumerable<(int Start, int End, string Text)> Edits(
        string text,
        int offset,
        IReadOnlyList<Match> words,
        List<WordVerdict> verdicts
    )
    {
        var isFirst = true;
        for (var index = 0; index < words.Count; index++)
        {
            var start = offset + words[index].Index;
            var end = start + words[index].Length;
            var isLast = index == words.Count - 1;
            if (verdicts[index] is { Now: { } now, Why: not null })
                yield return (start, end, now);
            else if (verdicts[index].Now is null && isFirst)
                yield return (start, isLast ? EndOfBlanks(text, end) : offset + words[index + 1].Index, "");
            else if (verdicts[index].Now is null)
                yield return (offset + words[index - 1].Index + words[index - 1].Length, isLast ? EndOfBlanks(text, end) : end, "");

            isFirst &= verdicts[index].Now is null;
        }
    }

    private static int EndOfBlanks(string text, int position)
    {
        var end = position;
        while (end < text.Length && text[end] is ' ' or '\t')
            end++;

        // A bracket behind an entry on one line needs its blank.
        return end == text.Length || text[end] == '\n' ? end : position;
    }
}
