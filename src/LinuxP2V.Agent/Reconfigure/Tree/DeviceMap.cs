using LinuxP2V.Agent.Storage;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Reconfigure.Tree;

internal enum DeviceFate
{
    /// <summary>The name holds in the copy as it stands.</summary>
    Kept,

    /// <summary>The volume is there, under <see cref="DeviceVerdict.NewName"/>.</summary>
    Renamed,

    /// <summary>The admin left it out.</summary>
    Dropped,

    /// <summary>Nothing in the copy is known to answer to this name.</summary>
    Unknown,
}

internal sealed record DeviceVerdict(DeviceFate Fate, TargetVolume? Volume = null, string? NewName = null);

/// <summary>Tells what becomes of a device that a configuration file of the source names, in any of the spellings.</summary>
internal sealed class DeviceMap(TargetLayout layout, ReconfigureOptions options)
{
    private static readonly DeviceVerdict Unknown = new(DeviceFate.Unknown);

    /// <param name="spec">UUID=…, LABEL=…, PARTUUID=…, PARTLABEL=…, or a path below /dev; quotes around the value are allowed.</param>
    public DeviceVerdict Resolve(string spec)
    {
        var parts = spec.Split('=', 2);
        if (parts.Length == 2 && !spec.StartsWith('/'))
        {
            return Tagged(parts[0], parts[1].Trim('"', '\''));
        }

        foreach (
            var (folder, tag) in new[]
            {
                ("by-uuid", "UUID"),
                ("by-label", "LABEL"),
                ("by-partuuid", "PARTUUID"),
                ("by-partlabel", "PARTLABEL"),
            }
        )
        {
            if (spec.StartsWith($"/dev/disk/{folder}/", StringComparison.Ordinal))
            {
                return Tagged(tag, spec[(spec.LastIndexOf('/') + 1)..]);
            }
        }

        return Named(Canonical(spec));
    }

    /// <summary>A name that holds from boot to boot: the UUID, or for LVM the volume's path.</summary>
    public static string StableName(TargetVolume volume) =>
        volume.Device is { VolumeGroup: { } group, LogicalVolume: { } name } && volume.FileSystem.Uuid is null
            ? VolumeGroups.DevicePath(group, name)
            : $"UUID={volume.FileSystem.Uuid}";

    public TargetVolume? VolumeAt(string mountPoint) => layout.VolumeAt(mountPoint);

    public TargetVolume? OnlySwap =>
        layout.Volumes.Where(volume => volume.FileSystem.Kind == FileSystemKind.Swap).ToList() is [var swap] ? swap : null;

    public TargetVolume Root => layout.RootVolume();

    /// <summary>Whether a file-system UUID is one of the copy's.</summary>
    public bool HasUuid(string uuid) => ByUuid(uuid) is not null;

    public bool HasLogicalVolume(string group, string volume) =>
        layout.VolumeGroups.Any(candidate => candidate.Name == group && candidate.LogicalVolumes.Any(lv => lv.Name == volume));

    public bool HasVolumeGroup(string group) => layout.VolumeGroups.Any(candidate => candidate.Name == group);

    public bool IsDroppedMountPoint(string mountPoint) => options.Dropped.Any(dropped => dropped.MountPoint == mountPoint);

    private DeviceVerdict Tagged(string tag, string value) =>
        tag switch
        {
            "UUID" => ByUuid(value) is { } volume ? new(DeviceFate.Kept, volume)
            : options.Dropped.Any(dropped => Same(dropped.Uuid, value)) ? new(DeviceFate.Dropped)
            : Unknown,
            "LABEL" => Kept(layout.Volumes.FirstOrDefault(volume => volume.FileSystem.Label == value)),
            "PARTUUID" => Kept(OnPartition((disk, partition) => Same(partition.Uuid, value) || Same(MbrUuid(disk, partition), value))),
            "PARTLABEL" => Kept(OnPartition((_, partition) => partition.Name == value)),
            _ => Unknown,
        };

    private DeviceVerdict Named(string path)
    {
        if (options.Dropped.Any(dropped => Canonical(dropped.Device) == path))
        {
            return new(DeviceFate.Dropped);
        }

        var replaced = options.Replaced.FirstOrDefault(candidate => Canonical(candidate.SourceDevice) == path);
        var volume = replaced is not null
            ? layout.Volumes.FirstOrDefault(candidate => candidate.Id == replaced.VolumeId)
            : layout.Volumes.FirstOrDefault(candidate => Canonical(candidate.SourceDevice) == path);
        if (volume is not null)
        {
            return volume.Device is { VolumeGroup: { } group, LogicalVolume: { } name } && VolumeGroups.DevicePath(group, name) == path
                ? new(DeviceFate.Kept, volume)
                : new(DeviceFate.Renamed, volume, StableName(volume));
        }

        // A logical volume without a file system of its own, such as one that a database uses raw.
        return layout.VolumeGroups.Any(group => group.LogicalVolumes.Any(lv => VolumeGroups.DevicePath(group.Name, lv.Name) == path))
            ? new(DeviceFate.Kept)
            : Unknown;
    }

    /// <summary>/dev/vg/lv is /dev/mapper/vg-lv; folders that the kernel or udev fill are no volume groups.</summary>
    private static string Canonical(string path)
    {
        var parts = path.Split('/');
        return
            parts is ["", "dev", var group, var volume]
            && group is not ("mapper" or "disk" or "md" or "cciss" or "ida" or "rd" or "mmcblk" or "block")
            ? VolumeGroups.DevicePath(group, volume)
            : path;
    }

    private TargetVolume? ByUuid(string uuid) => layout.Volumes.FirstOrDefault(volume => Same(volume.FileSystem.Uuid, uuid));

    private TargetVolume? OnPartition(Func<TargetDisk, TargetPartition, bool> matches)
    {
        var found = layout
            .Disks.SelectMany(disk => disk.Partitions.Where(partition => matches(disk, partition)).Select(partition => (disk, partition)))
            .ToList();
        return found is [var (disk, partition)]
            ? layout.Volumes.FirstOrDefault(volume => volume.Device == DeviceReference.OnDisk(disk.Number, partition.Number))
            : null;
    }

    private static string? MbrUuid(TargetDisk disk, TargetPartition partition) =>
        disk is { PartitionTable: PartitionTableKind.Mbr, Identifier: { } signature } ? $"{signature}-{partition.Number:x2}" : null;

    private static DeviceVerdict Kept(TargetVolume? volume) => volume is null ? Unknown : new(DeviceFate.Kept, volume);

    private static bool Same(string? one, string? other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
}
