using System.Text.RegularExpressions;

namespace LinuxP2V.Agent.Reconfigure.Tree;

/// <summary>Where the kernel's command line stands in each boot loader's files.</summary>
internal static partial class CommandLineFiles
{
    private const int GrubEnvironmentBytes = 1024;

    /// <summary>/etc/default/grub and its parts: GRUB_CMDLINE_LINUX and its relatives, in any quotes.</summary>
    public static (string Text, IReadOnlyList<TextChange> Changes) DefaultGrub(string text, DeviceMap devices) =>
        Replace(text, DefaultGrubLine(), devices);

    /// <summary>A Boot Loader Specification entry: its options lines.</summary>
    public static (string Text, IReadOnlyList<TextChange> Changes) Entry(string text, DeviceMap devices) =>
        Replace(text, OptionsLine(), devices);

    /// <summary>grubenv: kernelopts; the file is 1024 bytes, filled up with #.</summary>
    public static (string Text, IReadOnlyList<TextChange> Changes) Environment(string text, DeviceMap devices)
    {
        var (changed, changes) = Replace(text, KernelOptionsLine(), devices);
        return changes.Count == 0
            ? (text, changes)
            : (
                changed.TrimEnd('#', '\n') + "\n" is var body && body.Length <= GrubEnvironmentBytes
                    ? body.PadRight(GrubEnvironmentBytes, '#')
                    : text,
                changes
            );
    }

    private static (string Text, IReadOnlyList<TextChange> Changes) Replace(string text, Regex pattern, DeviceMap devices)
    {
        var changes = new List<TextChange>();
        var result = pattern.Replace(
            text,
            match =>
            {
                var value = match.Groups["value"];
                var (line, found) = CommandLineText.Transform(value.Value, devices);
                changes.AddRange(found);
                return string.Concat(
                    match.Value.AsSpan(0, value.Index - match.Index),
                    line,
                    match.Value.AsSpan(value.Index - match.Index + value.Length)
                );
            }
        );
        return (changes.Count == 0 ? text : result, changes);
    }

    [GeneratedRegex(
        """^[ \t]*(?:export[ \t]+)?GRUB_CMDLINE_LINUX\w*\+?=(?<quote>["']?)(?<value>[^\n]*?)\k<quote>[ \t]*$""",
        RegexOptions.Multiline
    )]
    private static partial Regex DefaultGrubLine();

    [GeneratedRegex(@"^options[ \t]+(?<value>[^\n]*)$", RegexOptions.Multiline)]
    private static partial Regex OptionsLine();

    [GeneratedRegex(@"^kernelopts=(?<value>[^\n]*)$", RegexOptions.Multiline)]
    private static partial Regex KernelOptionsLine();
}
