using LinuxP2V.Engine.Sources.Model;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Engine.Planning;

/// <summary>A volume that is copied, on its way through the planner.</summary>
internal sealed class PlannedVolume
{
    /// <summary>The mount point, or swap:UUID.</summary>
    public required string Id { get; init; }

    /// <summary>Null for swap.</summary>
    public MountFacts? Mount { get; init; }

    public required FileSystemSpec FileSystem { get; init; }

    /// <summary>As the source's tables name it.</summary>
    public required string SourceDevice { get; init; }

    public required BlockDeviceFacts Device { get; init; }

    public required Backing Backing { get; init; }

    public IReadOnlyList<string> ExcludedPaths { get; set; } = [];

    /// <summary>Bytes.</summary>
    public long TargetSize { get; set; }

    /// <summary>The admin, or the file system's minimum, asks for another size than the source's.</summary>
    public bool IsResized { get; set; }

    /// <summary>btrfs: the subvolume that it is; null for the top of the file system.</summary>
    public TargetSubvolume? Subvolume { get; init; }

    /// <summary>The volume of the same file system that has its place and its size. Null: itself.</summary>
    public PlannedVolume? Owner { get; set; }

    /// <summary>Bytes, where the file system is larger than the device that it is mounted from: btrfs over several devices.</summary>
    public long FileSystemSize { get; set; }

    /// <summary>Bytes used in all volumes of the file system together; null: only this one's.</summary>
    public long? FileSystemUsedBytes { get; set; }

    public long UsedBytes => FileSystemUsedBytes ?? Mount?.UsedBytes ?? 0;

    /// <summary>Where it goes; known once the disks are laid out.</summary>
    public DeviceReference? Reference { get; set; }

    /// <summary>The partition that a logical volume became.</summary>
    public int? SplitPartition { get; set; }

    public bool IsSwap => Mount is null;

    public long SourceSize => Math.Max(Backing.LogicalVolume?.SizeBytes ?? Device.SizeBytes, FileSystemSize);

    public bool IsEfiSystem =>
        FileSystem.Kind == FileSystemKind.Vfat
        && (Mount?.MountPoint is "/boot/efi" or "/efi" || PartitionTypes.IsEfiSystem(Backing.Location?.Partition?.Partition?.Type));

    public PartitionContent Content =>
        IsSwap ? PartitionContent.Swap
        : IsEfiSystem ? PartitionContent.EfiSystem
        : PartitionContent.FileSystem;
}
