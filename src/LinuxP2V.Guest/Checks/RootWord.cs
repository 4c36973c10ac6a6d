using LinuxP2V.Guest.CommandLine;
using LinuxP2V.Guest.Devices;
using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Planning;

namespace LinuxP2V.Guest.Checks;

/// <summary>Whether a command line leads to the root of the copy.</summary>
internal static class RootWord
{
    /// <returns>In words that follow the name of what has the command line; null where it leads there, as far as can be told.</returns>
    public static string? Problem(string words, bool hasInitramfs, GuestTarget target)
    {
        var spec = Root(words);
        if (spec is null || !DeviceNames.IsDevice(spec))
            return null;

        if (!hasInitramfs && DeviceNames.Tag(spec) is { Name: "UUID" or "LABEL" })
            return $"has no initramfs, without which the kernel cannot find root={spec}";

        var root = target.Devices.Root;
        var resolved = target.Devices.Resolve(spec);
        // Subvolumes of btrfs have one UUID: any of them stands for the root's file system.
        var isRoot = resolved.Volume is { } volume && volume.Device == root?.Device;
        return resolved.State == DeviceState.Kept && isRoot ? null
            : root is not null && target.Layout.Disks.Count == 1 && target.DeviceOf(root.Device) == spec ? null
            : resolved.Volume is { } other && !isRoot ? $"takes {other.Id} for its root (root={spec})"
            : $"looks for root={spec}, which the copy does not have";
    }

    /// <summary>Words for the source's hardware; of the root <see cref="Problem"/> tells.</summary>
    public static IEnumerable<TextChange> Misfits(string words, GuestTarget target)
    {
        foreach (
            var change in CommandLineText
                .Transform(words, target.Devices)
                .Changes.Where(change => !change.Line.StartsWith("root=", StringComparison.Ordinal))
        )
            yield return change;

        if (Root(words) is null && !words.Contains("root="))
            yield return new TextChange("no root=", "", "the initramfs decides which volume is the root");
    }

    private static string? Root(string words) =>
        KernelWord.Split(words).Select(match => KernelWord.Parse(match.Value)).LastOrDefault(word => word.Name == "root")?.Value;
}
