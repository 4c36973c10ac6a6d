using LinuxP2V.Guest.Devices;
using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Shell;

namespace LinuxP2V.Guest.CommandLine;

/// <summary>dracut.conf: command lines that it puts into images, and devices that images must be able to reach.</summary>
internal static class DracutConfiguration
{
    public static CommandLineChange Change(string text, DeviceMap devices)
    {
        var line = ShellScript.Change(text, name => name == "kernel_cmdline", words => KernelWordRules.Judge(words, devices));
        var device = ShellScript.Change(
            line.Text.Text,
            name => name == "add_device",
            words => [.. words.Select(word => Judge(word, devices))]
        );
        return new CommandLineChange(
            new ChangedText(device.Text.Text, [.. line.Text.Changes, .. device.Text.Changes]),
            line.Words,
            [.. line.Doubts.Concat(device.Doubts).Distinct()]
        );
    }

    private static WordVerdict Judge(string word, DeviceMap devices) =>
        !DeviceNames.IsDevice(word)
            ? new WordVerdict(word, null)
            : devices.Resolve(word) switch
            {
                { State: DeviceState.Kept } => new WordVerdict(word, null),
                { State: DeviceState.Renamed, Volume.FileSystem.Uuid: { } uuid } => new WordVerdict(
                    $"/dev/disk/by-uuid/{uuid}",
                    $"the VM does not have {word}"
                ),
                _ => new WordVerdict(null, $"the VM does not have {word}"),
            };
}
