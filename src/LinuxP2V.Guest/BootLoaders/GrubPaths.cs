using System.Globalization;
using System.Text.RegularExpressions;
using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Storage;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Guest.BootLoaders;

/// <summary>Finds files that boot loaders name: by a path that begins at the file system that holds them.</summary>
internal sealed class GrubPaths(GuestTree files, TargetLayout layout)
{
    private static readonly Regex Located = new(@"^\((?<device>[^)]*)\)(?<path>/.*)$", RegexOptions.CultureInvariant);

    private static readonly Regex Numbered = new(@"^hd(?<disk>\d+)(?:,(?:gpt|msdos)?(?<partition>\d+))?$", RegexOptions.CultureInvariant);

    /// <param name="path">/vmlinuz, or (hd0,gpt2)/vmlinuz. Variables are replaced already.</param>
    /// <param name="root">The device that a path without one lies on; null for that of /boot.</param>
    /// <returns>The path in the guest; null where nothing is there.</returns>
    public string? Find(string path, string? root)
    {
        var located = Located.Match(path);
        var device = located.Success ? located.Groups["device"].Value : root;
        var inside = located.Success ? located.Groups["path"].Value : path;
        return Volumes(device).SelectMany(volume => Candidates(volume, inside)).FirstOrDefault(files.FileExists);
    }

    /// <summary>Where the file would be, for one that is yet to be made.</summary>
    public IReadOnlyList<string> Places(string path, string? root)
    {
        var located = Located.Match(path);
        var device = located.Success ? located.Groups["device"].Value : root;
        return [.. Volumes(device).SelectMany(volume => Candidates(volume, located.Success ? located.Groups["path"].Value : path))];
    }

    /// <summary>Whether the copy has such a device.</summary>
    public bool HasDevice(string device) => Volumes(device).Count > 0;

    private List<TargetVolume> Volumes(string? device)
    {
        if (device is null)
            return layout.VolumeAbove("/boot") is { } boot ? [boot] : [];

        if (device.StartsWith("uuid:", StringComparison.Ordinal))
            return [.. layout.Volumes.Where(volume => IsUuid(volume, device["uuid:".Length..]))];

        if (device.StartsWith("label:", StringComparison.Ordinal))
            return [.. layout.Volumes.Where(volume => volume.FileSystem.Label == device["label:".Length..])];

        if (device.StartsWith("mount:", StringComparison.Ordinal))
            return [.. layout.Volumes.Where(volume => volume.MountPoint == device["mount:".Length..])];

        // A file that is looked for can lie on any of them.
        if (device.StartsWith("file:", StringComparison.Ordinal))
            return [.. layout.Volumes.Where(volume => Candidates(volume, device["file:".Length..]).Any(files.FileExists))];

        if (device.StartsWith("lvm/", StringComparison.Ordinal))
            return
            [
                .. layout.Volumes.Where(volume =>
                    volume.Device is { VolumeGroup: { } group, LogicalVolume: { } name }
                    && LayoutQueries.MapperPath(group, name) == "/dev/mapper/" + device["lvm/".Length..]
                ),
            ];

        return Numbered.Match(device) is { Success: true } numbered ? ByNumber(numbered) : [];
    }

    /// <summary>The firmware's first disk is the one that it boots from.</summary>
    private List<TargetVolume> ByNumber(Match match)
    {
        var boot = layout.BootDisk();
        var disks = layout.Disks.Where(disk => disk != boot).Prepend(boot).ToList();
        if (
            !int.TryParse(match.Groups["disk"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            || number >= disks.Count
        )
            return [];

        int? partition = match.Groups["partition"].Success
            ? int.Parse(match.Groups["partition"].Value, CultureInfo.InvariantCulture)
            : null;
        return [.. layout.Volumes.Where(volume => volume.Device == DeviceReference.OnDisk(disks[number].Number, partition))];
    }

    /// <summary>btrfs: the path can begin at the top of the file system, and so with the name of a subvolume.</summary>
    private IEnumerable<string> Candidates(TargetVolume volume, string path)
    {
        if (volume.MountPoint is not { } mount)
            yield break;

        yield return Join(mount, path);
        if (volume.FileSystem.Kind != FileSystemKind.Btrfs)
            yield break;

        foreach (var (subvolume, place) in Subvolumes(volume))
        {
            if (path.StartsWith(subvolume + "/", StringComparison.Ordinal))
                yield return Join(place, path[subvolume.Length..]);
        }
    }

    private IEnumerable<(string Subvolume, string MountPoint)> Subvolumes(TargetVolume volume)
    {
        var own = (volume.MountOptions ?? "").Split(',').Select(option => (option, Place: volume.MountPoint!));
        var mounted = FstabEntry
            .ParseAll(files.TryReadText("/etc/fstab") ?? "")
            .Where(entry =>
                entry.Type == "btrfs" && entry.Spec.IndexOf(volume.FileSystem.Uuid ?? "\n", StringComparison.OrdinalIgnoreCase) >= 0
            )
            .SelectMany(entry => entry.Options.Select(option => (option, Place: entry.MountPoint)));
        return own.Concat(mounted)
            .Where(pair => pair.option.StartsWith("subvol=", StringComparison.Ordinal))
            .Select(pair => ("/" + pair.option["subvol=".Length..].Trim('/'), pair.Place));
    }

    private static bool IsUuid(TargetVolume volume, string uuid) =>
        string.Equals(volume.FileSystem.Uuid, uuid, StringComparison.OrdinalIgnoreCase);

    private static string Join(string mount, string path) => $"{mount.TrimEnd('/')}/{path.TrimStart('/')}";
}
