using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Engine.Sources.Model;

public enum BlockDeviceKind
{
    Disk,
    Partition,
    Raid,
    LogicalVolume,
    Crypt,
    Multipath,
    Loop,
    Other,
}

public sealed record BlockDeviceFacts
{
    /// <summary>The kernel's name: sda, sda1, dm-0, md0.</summary>
    public required string Name { get; init; }

    /// <summary>What the admin knows it by: /dev/sda1, /dev/mapper/vg-root.</summary>
    public required string Path { get; init; }

    public required BlockDeviceKind Kind { get; init; }

    public required long SizeBytes { get; init; }

    public int LogicalSectorBytes { get; init; } = 512;

    /// <summary>Kernel names of the devices it lies on: the disk of a partition, the members of an md.</summary>
    public IReadOnlyList<string> Parents { get; init; } = [];

    public bool IsRemovable { get; init; }

    public string? Model { get; init; }

    /// <summary>What is on it: ext4, LVM2_member, crypto_LUKS, linux_raid_member, swap, …</summary>
    public string? ContentType { get; init; }

    public string? Uuid { get; init; }

    public string? Label { get; init; }

    /// <summary>Disks only.</summary>
    public PartitionTableKind PartitionTable { get; init; }

    /// <summary>Disks only: GPT disk GUID, or MBR signature as eight hex digits.</summary>
    public string? TableIdentifier { get; init; }

    public PartitionFacts? Partition { get; init; }

    /// <summary>LUKS version, md level, and other names that belong to the kind.</summary>
    public string? Detail { get; init; }

    /// <summary>Logical volumes: the UUIDs of group and volume, one after the other and without dashes.</summary>
    public string? VolumeUuid { get; init; }

    /// <summary>A program has it open, as a database has a disk without a file system.</summary>
    public bool IsOpen { get; init; }
}

/// <param name="Type">GPT: type GUID, lower case. MBR: two hex digits.</param>
/// <param name="Uuid">PARTUUID.</param>
public sealed record PartitionFacts(int Number, long StartBytes, string? Type, string? Uuid, string? Name, bool IsActive);

public sealed record VolumeGroupFacts
{
    public required string Name { get; init; }

    /// <summary>Tells groups of one name apart. Null in what an older LinuxP2V read.</summary>
    public string? Uuid { get; init; }

    public required long ExtentSizeBytes { get; init; }

    public required long SizeBytes { get; init; }

    public required long FreeBytes { get; init; }

    /// <summary>Device paths.</summary>
    public required IReadOnlyList<string> PhysicalVolumes { get; init; }

    /// <summary>Physical volumes that the group names and the machine has not.</summary>
    public int MissingPhysicalVolumes { get; init; }

    public required IReadOnlyList<LogicalVolumeFacts> LogicalVolumes { get; init; }
}

/// <param name="Layout">linear, striped, raid1, thin, thin-pool, snapshot, cache, …, as lvs segtype.</param>
public sealed record LogicalVolumeFacts(string Name, string Path, long SizeBytes, string Layout)
{
    public string? Uuid { get; init; }

    /// <summary>It has a device.</summary>
    public bool IsActive { get; init; } = true;

    /// <summary>Something uses its device: a mount, swap, a virtual machine, a database.</summary>
    public bool IsOpen { get; init; }

    /// <summary>Some of it lies on a physical volume that is missing.</summary>
    public bool IsPartial { get; init; }
}

public enum MountClass
{
    /// <summary>A local file system on a block device: can be copied.</summary>
    Volume,

    /// <summary>proc, tmpfs, cgroup, overlay, …: made by the running system.</summary>
    Pseudo,

    Network,

    Removable,

    /// <summary>Another view of a volume that is listed already.</summary>
    Bind,

    /// <summary>A file made into a device: snap images.</summary>
    Loop,

    /// <summary>A later mount lies over it, so that nothing of it can be read.</summary>
    Covered,
}

public sealed record MountFacts
{
    public required string MountPoint { get; init; }

    /// <summary>Device path, or what stands in its place (tmpfs, server:/export).</summary>
    public required string Device { get; init; }

    public required string FileSystem { get; init; }

    public required MountClass Class { get; init; }

    public string Options { get; init; } = "";

    /// <summary>The folder of the file system that is seen here.</summary>
    public string Root { get; init; } = "/";

    /// <summary>btrfs: the path of the subvolume below the file system's top, without a slash before it; null for the top itself.</summary>
    public string? Subvolume { get; init; }

    /// <summary>For <see cref="MountClass.Covered"/>: the mount point of what lies over it.</summary>
    public string? CoveredBy { get; init; }

    /// <summary>Options in /etc/fstab; null when it is not named there.</summary>
    public string? FstabOptions { get; init; }

    public long SizeBytes { get; init; }

    /// <summary>Of a file system with several views, the subvolumes of btrfs, only the first tells what is used.</summary>
    public long UsedBytes { get; init; }

    public long UsedInodes { get; init; }

    /// <summary>For <see cref="MountClass.Volume"/>: how to make it again. Null where the type is not supported.</summary>
    public FileSystemSpec? Specification { get; init; }
}

/// <summary>A mounted btrfs.</summary>
public sealed record BtrfsFacts
{
    /// <summary>The path of the device that it is mounted from.</summary>
    public required string Device { get; init; }

    /// <summary>Paths of all its devices that are there.</summary>
    public required IReadOnlyList<string> Devices { get; init; }

    /// <summary>Null where the source has no tool to list them.</summary>
    public IReadOnlyList<BtrfsSubvolumeFacts>? Subvolumes { get; init; }

    /// <summary>The path of the subvolume that is mounted when none is named; null for the top itself.</summary>
    public string? DefaultSubvolume { get; init; }
}

/// <param name="Path">Below the top of the file system, without a slash before it.</param>
public sealed record BtrfsSubvolumeFacts(string Path, bool IsSnapshot);

/// <param name="Path">Device or file.</param>
public sealed record SwapFacts(string Path, bool IsFile, long SizeBytes, string? Uuid, string? Label);
