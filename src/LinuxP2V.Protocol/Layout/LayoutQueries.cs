namespace LinuxP2V.Protocol.Layout;

/// <summary>Questions that engine, agent and the rules for guests all ask of a layout.</summary>
public static class LayoutQueries
{
    /// <summary>The GPT type of an EFI system partition.</summary>
    public const string EfiSystemPartitionType = "c12a7328-f81f-11d2-ba4b-00a0c93ec93b";

    /// <summary>
    /// Where an EFI system partition is mounted as a rule, and where LinuxP2V sets up loaders; the commonest place first.
    /// </summary>
    public static readonly IReadOnlyList<string> EfiSystemMountPoints = ["/boot/efi", "/efi", "/boot"];

    /// <summary>As lvm makes it without udev: /dev/mapper/vg-lv, with the dashes inside names doubled.</summary>
    public static string MapperPath(string group, string volume) => $"/dev/mapper/{Escape(group)}-{Escape(volume)}";

    /// <summary>The volume that is mounted there; null where none is.</summary>
    public static TargetVolume? VolumeAt(this TargetLayout layout, string mountPoint) =>
        layout.Volumes.FirstOrDefault(volume => volume.MountPoint == mountPoint);

    /// <summary>The volume that a path lies on: the one with the longest mount point above it. Null without a root volume.</summary>
    public static TargetVolume? VolumeAbove(this TargetLayout layout, string path) =>
        layout
            .Volumes.Where(volume => volume.MountPoint is { } mount && IsBelow(path, mount))
            .OrderByDescending(volume => volume.MountPoint!.Length)
            .FirstOrDefault();

    /// <summary>
    /// The volume of the EFI system partition: by the partition's type, else by the usual mount points; null where
    /// there is none.
    /// </summary>
    public static TargetVolume? EfiVolume(this TargetLayout layout)
    {
        var mounted = layout.Volumes.Where(volume => volume is { FileSystem.Kind: FileSystemKind.Vfat, MountPoint: not null }).ToList();
        return mounted.FirstOrDefault(volume => IsEfiSystemPartition(layout.PartitionOf(volume)))
            ?? EfiSystemMountPoints
                .Select(path => mounted.FirstOrDefault(volume => volume.MountPoint == path))
                .FirstOrDefault(volume => volume is not null);
    }

    /// <summary>Disks that a volume lies on: its own, or all of its group's.</summary>
    public static IEnumerable<TargetDisk> DisksOf(this TargetLayout layout, TargetVolume volume)
    {
        var references = volume.Device.VolumeGroup is { } name
            ? layout.VolumeGroups.Where(group => group.Name == name).SelectMany(group => group.PhysicalVolumes)
            : [volume.Device];
        var numbers = new HashSet<int?>(references.Select(reference => reference.Disk));
        return layout.Disks.Where(disk => numbers.Contains(disk.Number));
    }

    /// <summary>Null for a volume that is no partition.</summary>
    public static TargetPartition? PartitionOf(this TargetLayout layout, TargetVolume volume) =>
        layout
            .Disks.FirstOrDefault(disk => disk.Number == volume.Device.Disk)
            ?.Partitions.FirstOrDefault(partition => partition.Number == volume.Device.Partition);

    /// <summary>The disk that the firmware starts from.</summary>
    public static TargetDisk BootDisk(this TargetLayout layout) => layout.Disks.FirstOrDefault(disk => disk.IsBootDisk) ?? layout.Disks[0];

    private static bool IsEfiSystemPartition(TargetPartition? partition) =>
        string.Equals(partition?.Type, EfiSystemPartitionType, StringComparison.OrdinalIgnoreCase)
        || string.Equals(partition?.Type, "ef", StringComparison.OrdinalIgnoreCase);

    private static bool IsBelow(string path, string mount) =>
        mount == "/" || path == mount || path.StartsWith(mount + "/", StringComparison.Ordinal);

    private static string Escape(string name) => name.Replace("-", "--");
}
