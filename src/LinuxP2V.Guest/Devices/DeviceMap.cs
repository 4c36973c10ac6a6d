using System.Globalization;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Guest.Devices;

/// <summary>Tells what becomes of a device that a configuration file of the source names, in any of the spellings.</summary>
public sealed class DeviceMap(TargetLayout layout, ReconfigureOptions options)
{
    public TargetLayout Layout => layout;

    public ReconfigureOptions Options => options;

    public TargetVolume? Root => layout.VolumeAt("/");

    /// <summary>Swap areas of the copy, in the order of the layout.</summary>
    public IEnumerable<TargetVolume> Swaps => layout.Volumes.Where(volume => volume.FileSystem.Kind == FileSystemKind.Swap);

    /// <summary>A name that holds from boot to boot: the UUID, or for LVM without one the volume's path.</summary>
    public static string StableName(TargetVolume volume) =>
        volume.Device is { VolumeGroup: { } group, LogicalVolume: { } name } && volume.FileSystem.Uuid is null
            ? LayoutQueries.MapperPath(group, name)
            : $"UUID={volume.FileSystem.Uuid}";

    /// <param name="spec">
    /// UUID=…, LABEL=…, PARTUUID=…, PARTLABEL=…, or a path below /dev; quotes around the value are allowed.
    /// </param>
    public ResolvedDevice Resolve(string spec) =>
        DeviceNames.Tag(spec) is var (tag, value) ? Tagged(tag, value) : Named(DeviceNames.Canonical(spec));

    /// <summary>
    /// The same for a device that is mounted: the mount point tells which volume it is where the name, such as one by the
    /// disk's serial number, does not; and of a file system that is mounted several times, one place can be left out.
    /// </summary>
    /// <param name="mountPoint">Without escapes and without a slash at its end.</param>
    public ResolvedDevice ResolveMount(string spec, string mountPoint)
    {
        if (IsLeftOut(mountPoint))
            return ResolvedDevice.LeftOut;

        var resolved = Resolve(spec);
        return VolumeAt(mountPoint) switch
        {
            { } volume when resolved.State == DeviceState.Unknown => ResolvedDevice.Renamed(volume),
            // Two mounts of one file system: the device was left out for the other one.
            { } volume when resolved.State == DeviceState.LeftOut && IsSourceOf(volume, spec) => Found(volume, spec),
            _ => resolved,
        };
    }

    /// <summary>
    /// The same for a swap area to resume from. One that was named by its disk's serial number or place can only be the
    /// copy's own where there is just one.
    /// </summary>
    public ResolvedDevice ResolveResume(string spec)
    {
        var resolved = Resolve(spec);
        return resolved.State == DeviceState.Unknown && DeviceNames.IsHardwareName(spec) && Swaps.ToList() is [var only]
            ? ResolvedDevice.Renamed(only)
            : resolved;
    }

    public TargetVolume? VolumeAt(string mountPoint) => layout.VolumeAt(mountPoint);

    public bool HasUuid(string uuid) => ByUuid(uuid) is not null;

    public bool HasLogicalVolume(string group, string volume) =>
        layout.VolumeGroups.Any(candidate => candidate.Name == group && candidate.LogicalVolumes.Any(lv => lv.Name == volume));

    public bool HasVolumeGroup(string group) => layout.VolumeGroups.Any(candidate => candidate.Name == group);

    /// <summary>Whether the admin left out what was mounted there, and nothing of the copy is.</summary>
    public bool IsLeftOut(string mountPoint) =>
        VolumeAt(mountPoint) is null && options.Dropped.Any(dropped => dropped.MountPoint == mountPoint);

    /// <summary>Whether a path of the source is not in the copy: its volume was left out, or a folder above it.</summary>
    public bool IsLeftOutPath(string path) =>
        path.StartsWith("/", StringComparison.Ordinal)
        && !path.StartsWith("/dev/", StringComparison.Ordinal)
        && options
            .Dropped.Select(dropped => dropped.MountPoint)
            .OfType<string>()
            .Where(IsLeftOut)
            .Concat(layout.Volumes.SelectMany(volume => volume.ExcludedPaths))
            .Select(folder => folder.TrimEnd('/'))
            .Where(folder => (path + "/").StartsWith(folder + "/", StringComparison.Ordinal))
            .Any(folder => folder.Length > (layout.VolumeAbove(path)?.MountPoint?.Length ?? 0));

    private ResolvedDevice Tagged(string tag, string value) =>
        tag switch
        {
            "UUID" => ByUuid(value) is { } volume ? ResolvedDevice.Kept(volume)
            : options.Dropped.Any(dropped => IsSame(dropped.Uuid, value)) ? ResolvedDevice.LeftOut
            : ResolvedDevice.Unknown,
            "LABEL" => KeptOrUnknown(Only(layout.Volumes.Where(volume => volume.FileSystem.Label == value))),
            "PARTUUID" => ByPartitionUuid(value),
            "PARTLABEL" => KeptOrUnknown(Only(OnPartitions((_, partition) => partition.Name == value))),
            _ => ResolvedDevice.Unknown,
        };

    /// <summary>
    /// GPT keeps the identifier. On MBR it is the disk's signature and the partition's number, which the copy may have
    /// numbered anew: the source's own number tells which volume is meant.
    /// </summary>
    private ResolvedDevice ByPartitionUuid(string value)
    {
        if (Only(OnPartitions((_, partition) => IsSame(partition.Uuid, value))) is { } kept)
            return ResolvedDevice.Kept(kept);

        foreach (var disk in layout.Disks.Where(disk => disk is { PartitionTable: PartitionTableKind.Mbr, Identifier: not null }))
        {
            var own = layout.Volumes.Where(volume => volume.Device.Disk == disk.Number && volume.Device.Partition is not null).ToList();
            var meant = own.Where(volume => SourceNumbers(volume).Any(number => IsSame(MbrUuid(disk, number), value))).ToList();
            if (meant.Count == 0 && own.All(HasItsNumber))
                // One that was a RAID array or LUKS tells no number: where all others kept theirs, it kept its own.
                meant = [.. own.Where(volume => !SourceNumbers(volume).Any() && IsSame(MbrUuid(disk, volume.Device.Partition), value))];

            if (meant is [var only])
                return IsSame(MbrUuid(disk, only.Device.Partition), value) ? ResolvedDevice.Kept(only) : ResolvedDevice.Renamed(only);
        }

        return ResolvedDevice.Unknown;
    }

    private ResolvedDevice Named(string path)
    {
        if (options.Replaced.FirstOrDefault(candidate => DeviceNames.Canonical(candidate.SourceDevice) == path) is { } replaced)
            return layout.Volumes.FirstOrDefault(candidate => candidate.Id == replaced.VolumeId) is { } successor
                ? Found(successor, path)
                : ResolvedDevice.Unknown;

        if (layout.Volumes.FirstOrDefault(candidate => IsSourceOf(candidate, path)) is { } volume)
            return Found(volume, path);

        if (options.Dropped.Any(dropped => DeviceNames.Canonical(dropped.Device) == path))
            return ResolvedDevice.LeftOut;

        // A logical volume without a file system of its own, such as one that a database uses raw.
        return layout.VolumeGroups.Any(group => group.LogicalVolumes.Any(lv => LayoutQueries.MapperPath(group.Name, lv.Name) == path))
            ? new ResolvedDevice(DeviceState.Kept)
            : ResolvedDevice.Unknown;
    }

    /// <summary>The path of a logical volume holds; the names of disks change from boot to boot.</summary>
    private static ResolvedDevice Found(TargetVolume volume, string spec) =>
        DeviceNames.Tag(spec) is not null
        || volume.Device is { VolumeGroup: { } group, LogicalVolume: { } name }
            && LayoutQueries.MapperPath(group, name) == DeviceNames.Canonical(spec)
            ? ResolvedDevice.Kept(volume)
            : ResolvedDevice.Renamed(volume);

    private static bool IsSourceOf(TargetVolume volume, string spec) =>
        DeviceNames.Canonical(volume.SourceDevice) == DeviceNames.Canonical(spec)
        || IsSame(volume.FileSystem.Uuid, DeviceNames.Tag(spec)?.Value);

    private TargetVolume? ByUuid(string uuid) => layout.Volumes.FirstOrDefault(volume => IsSame(volume.FileSystem.Uuid, uuid));

    private IEnumerable<TargetVolume> OnPartitions(Func<TargetDisk, TargetPartition, bool> isMeant) =>
        from disk in layout.Disks
        from partition in disk.Partitions
        where isMeant(disk, partition)
        from volume in layout.Volumes
        where volume.Device == DeviceReference.OnDisk(disk.Number, partition.Number)
        select volume;

    /// <summary>Numbers of the source's partitions that the volume takes the place of; none where none is known.</summary>
    private IEnumerable<int> SourceNumbers(TargetVolume volume) =>
        options
            .Replaced.Where(replaced => replaced.VolumeId == volume.Id)
            .Select(replaced => replaced.SourceDevice)
            .Append(volume.SourceDevice)
            .Select(DeviceNames.PartitionNumberOf)
            .OfType<int>()
            .Distinct();

    private bool HasItsNumber(TargetVolume volume) => SourceNumbers(volume).All(number => number == volume.Device.Partition);

    private static string? MbrUuid(TargetDisk disk, int? partition) =>
        partition is { } number ? string.Format(CultureInfo.InvariantCulture, "{0}-{1:x2}", disk.Identifier, number) : null;

    private static TargetVolume? Only(IEnumerable<TargetVolume> volumes) => volumes.ToList() is [var only] ? only : null;

    private static ResolvedDevice KeptOrUnknown(TargetVolume? volume) =>
        volume is null ? ResolvedDevice.Unknown : ResolvedDevice.Kept(volume);

    private static bool IsSame(string? one, string? other) =>
        one is not null && string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
}
