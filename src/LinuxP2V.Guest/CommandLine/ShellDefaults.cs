using LinuxP2V.Guest.Devices;
using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Shell;

namespace LinuxP2V.Guest.CommandLine;

/// <summary>
/// Files of shell assignments that hold the kernel's command line, such as /etc/default/grub. Words inside values change,
/// and nothing else, so that what a shell could read it still can. What grub-mkconfig will see in the end only a shell
/// can tell: <see cref="Wrong"/> judges what one printed.
/// </summary>
public static class ShellDefaults
{
    private const string MarkerLine = ChangedText.Marker + "the command line for this machine";

    private static readonly HashSet<string> CommandLines = new(StringComparer.Ordinal)
    {
        "DEFAULT_APPEND",
        "FAILSAFE_APPEND",
        "XEN_APPEND",
        "XEN_KERNEL_APPEND",
        "EXTLINUX_PARAMETERS",
        "U_BOOT_PARAMETERS",
        "TUNED_BOOT_CMDLINE",
    };

    /// <summary>grub-mkconfig finds them by itself and lets the file overrule it.</summary>
    private static readonly HashSet<string> Probed = new(StringComparer.Ordinal)
    {
        "GRUB_DEVICE",
        "GRUB_DEVICE_UUID",
        "GRUB_DEVICE_PARTUUID",
        "GRUB_DEVICE_BOOT",
        "GRUB_DEVICE_BOOT_UUID",
    };

    private static readonly HashSet<string> NoUuid = new(StringComparer.Ordinal) { "GRUB_DISABLE_UUID", "GRUB_DISABLE_LINUX_UUID" };

    /// <summary>Variables of /etc/default/grub to have a shell print, for <see cref="Wrong"/>.</summary>
    public static IReadOnlyList<string> GrubVariables { get; } =
    [
        "GRUB_CMDLINE_LINUX",
        "GRUB_CMDLINE_LINUX_DEFAULT",
        "GRUB_CMDLINE_LINUX_RECOVERY",
        "GRUB_CMDLINE_LINUX_XEN_REPLACE",
        "GRUB_CMDLINE_LINUX_XEN_REPLACE_DEFAULT",
    ];

    /// <param name="printed">Variables with the values that a shell printed after it had read the file.</param>
    /// <returns>The words that are still wrong for the copy; empty when all is well.</returns>
    public static IReadOnlyList<TextChange> Wrong(IReadOnlyDictionary<string, string> printed, DeviceMap devices) =>
        [
            .. printed
                .OrderBy(pair => pair.Key, StringComparer.Ordinal)
                .SelectMany(pair => CommandLineText.Transform(pair.Value, devices).Changes),
        ];

    /// <summary>
    /// Assignments to put at the end of what the shell reads, for values that cannot be mended word by word. On Debian the
    /// last file of /etc/default/grub.d counts, elsewhere the end of /etc/default/grub.
    /// </summary>
    /// <returns>Null when nothing is wrong.</returns>
    public static string? LastWord(IReadOnlyDictionary<string, string> printed, DeviceMap devices)
    {
        var lines = printed
            .OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => (pair.Key, Changed: CommandLineText.Transform(pair.Value, devices)))
            .Where(pair => pair.Changed.Changes.Count > 0)
            .Select(pair => $"{pair.Key}='{pair.Changed.Text.Replace("'", "'\\''")}'")
            .ToList();
        return lines.Count == 0 ? null : $"{MarkerLine}\n{string.Join("\n", lines)}\n";
    }

    internal static CommandLineChange Change(string text, DeviceMap devices)
    {
        var changed = ShellScript.Change(text, IsCommandLine, words => KernelWordRules.Judge(words, devices));
        var overrules = ShellScript.ChangeValues(
            changed.Text.Text,
            name => Probed.Contains(name) || NoUuid.Contains(name),
            (name, value) => Overrule(name, value, devices)
        );
        return new CommandLineChange(
            new ChangedText(overrules.Text, [.. changed.Text.Changes, .. overrules.Changes]),
            changed.Words,
            changed.Doubts
        );
    }

    private static bool IsCommandLine(string name) =>
        name.StartsWith("GRUB_CMDLINE_", StringComparison.Ordinal) || CommandLines.Contains(name);

    /// <returns>What to write in the place of a value; null for one that may stay.</returns>
    private static (string Now, string Why)? Overrule(string name, string value, DeviceMap devices)
    {
        if (NoUuid.Contains(name))
            return value == "true" && devices.Root?.Device.VolumeGroup is null
                ? ("false", "the names of disks change from boot to boot")
                : null;

        var spec =
            name.EndsWith("_PARTUUID", StringComparison.Ordinal) ? $"PARTUUID={value}"
            : name.EndsWith("_UUID", StringComparison.Ordinal) ? $"UUID={value}"
            : value;
        return value.Length == 0 || devices.Resolve(spec).State == DeviceState.Kept
            ? null
            : ($"\"${{{name}}}\"", $"the VM does not have {value}; grub-mkconfig finds the right one");
    }
}
