using LinuxP2V.Guest.Devices;
using LinuxP2V.Guest.Files;

namespace LinuxP2V.Guest.Storage;

/// <summary>Mount options that held on the source's disks and keep the copy's file systems from being mounted.</summary>
internal sealed class MountOptionRules(DeviceMap devices, Func<string, bool> isGone)
{
    /// <summary>
    /// No layout gives a file system a second device, or the geometry of a RAID card: what was on one, such as an external
    /// log (<see cref="Protocol.Layout.FileSystemSpec.HasExternalLog"/>), lies inside in the copy.
    /// </summary>
    private static readonly Dictionary<string, string> Obsolete = new(StringComparer.Ordinal)
    {
        ["sunit"] = "the copy's file system does not have the geometry of the source's disks",
        ["swidth"] = "the copy's file system does not have the geometry of the source's disks",
        ["logdev"] = "the copy's file system has its log inside",
        ["rtdev"] = "the copy's file system has no realtime device",
        ["journal_path"] = "the copy's file system has its journal inside",
        ["journal_dev"] = "the copy's file system has its journal inside",
        ["device"] = "the copy's file system lies on one device",
        ["dax"] = "the VM's disks are no persistent memory",
        ["subvolid"] = "the copy's subvolumes have other numbers",
    };

    private static readonly string[] Dependencies =
    [
        "x-systemd.requires",
        "x-systemd.after",
        "x-systemd.before",
        "x-systemd.requires-mounts-for",
    ];

    /// <returns>The options that stay, rewritten where needed.</returns>
    public IReadOnlyList<string> Apply(FstabEntry entry, List<TextChange> changes)
    {
        var kept = new List<string>();
        foreach (var option in entry.Options)
        {
            var (now, why) = Judge(option, entry);
            if (now != option)
                changes.Add(new TextChange($"{entry.MountPoint}: {option}", now is null ? "removed" : $"now {now}", why));

            if (now is not null)
                kept.Add(now);
        }

        return kept.Count > 0 ? kept : ["defaults"];
    }

    private (string? Option, string Why) Judge(string option, FstabEntry entry)
    {
        var split = option.IndexOf('=');
        var name = split < 0 ? option : option[..split];
        var value = split < 0 ? "" : option[(split + 1)..];
        if (name == "dax" && value is "never" or "inode")
            return (option, "");

        if (name == "subvolid" && !entry.Options.Any(other => other.StartsWith("subvol=", StringComparison.Ordinal)))
            return JudgeNumber(option, value, entry);

        if (Obsolete.TryGetValue(name, out var why))
            return (null, why);

        return Dependencies.Contains(name) ? JudgeDependency(option, name, value) : (option, "");
    }

    /// <summary>5 is the top of any file system; of the others the copy knows what is mounted where.</summary>
    private (string? Option, string Why) JudgeNumber(string option, string number, FstabEntry entry) =>
        number is not "5" and not "0" && devices.VolumeAt(entry.MountPoint)?.Subvolume is { } subvolume
            ? ($"subvol=/{subvolume.Path}", "the copy's subvolumes have other numbers")
            : (option, "");

    private (string? Option, string Why) JudgeDependency(string option, string name, string value)
    {
        var path = SystemdNames.PathOf(value);
        if (path is null)
            return (option, "");

        if (isGone(path))
            return (null, $"{path} is not part of the copy");

        if (!DeviceNames.IsDevice(path))
            return (option, "");

        return devices.Resolve(path) switch
        {
            { State: DeviceState.Kept } => (option, ""),
            { Volume.FileSystem.Uuid: { } uuid } => ($"{name}=/dev/disk/by-uuid/{uuid}", $"the VM does not have {path}"),
            _ => (null, $"the VM does not have {path}"),
        };
    }
}
