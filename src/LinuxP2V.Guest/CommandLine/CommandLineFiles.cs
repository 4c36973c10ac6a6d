using System.Text.RegularExpressions;
using LinuxP2V.Guest.Devices;
using LinuxP2V.Guest.Files;

namespace LinuxP2V.Guest.CommandLine;

/// <summary>Where the kernel's command line stands in each boot loader's files.</summary>
internal static class CommandLineFiles
{
    private static readonly Regex DefaultGrubLinePattern = new(
        """^[ \t]*(?:export[ \t]+)?GRUB_CMDLINE_LINUX\w*\+?=(?<quote>["']?)(?<value>[^\n]*?)\k<quote>[ \t]*$""",
        RegexOptions.CultureInvariant | RegexOptions.Multiline
    );

    private static readonly Regex OptionsLinePattern = new(
        @"^options[ \t]+(?<value>[^\n]*)$",
        RegexOptions.CultureInvariant | RegexOptions.Multiline
    );

    private static readonly Regex KernelOptionsLinePattern = new(
        @"^kernelopts=(?<value>[^\n]*)$",
        RegexOptions.CultureInvariant | RegexOptions.Multiline
    );

    private const int GrubEnvironmentBytes = 1024;

    /// <summary>/etc/default/grub and its parts: GRUB_CMDLINE_LINUX and its relatives, in any quotes.</summary>
    public static ChangedText DefaultGrub(string text, DeviceMap devices) => Replace(text, DefaultGrubLinePattern, devices);

    /// <summary>A Boot Loader Specification entry: its options lines.</summary>
    public static ChangedText Entry(string text, DeviceMap devices) => Replace(text, OptionsLinePattern, devices);

    /// <summary>grubenv: kernelopts; the file is 1024 bytes, filled up with #.</summary>
    public static ChangedText Environment(string text, DeviceMap devices)
    {
        var changed = Replace(text, KernelOptionsLinePattern, devices);
        if (changed.Changes.Count == 0)
            return changed;

        var body = changed.Text.TrimEnd('#', '\n') + "\n";
        return changed with { Text = body.Length <= GrubEnvironmentBytes ? body.PadRight(GrubEnvironmentBytes, '#') : text };
    }

    private static ChangedText Replace(string text, Regex pattern, DeviceMap devices)
    {
        var changes = new List<TextChange>();
        var result = pattern.Replace(
            text,
            match =>
            {
                var value = match.Groups["value"];
                var line = CommandLineText.Transform(value.Value, devices);
                changes.AddRange(line.Changes);
                var start = value.Index - match.Index;
                return match.Value[..start] + line.Text + match.Value[(start + value.Length)..];
            }
        );
        return new ChangedText(changes.Count == 0 ? text : result, changes);
    }
}
