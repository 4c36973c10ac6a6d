using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Engine.Sources.Model;

/// <summary>What a block device is.</summary>
public enum BlockDeviceKind
{
    /// <summary>A whole disk.</summary>
    Disk,

    /// <summary>A partition of a disk, of a RAID or of a multipath device.</summary>
    Partition,

    /// <summary>An md array.</summary>
    Raid,

    /// <summary>Of LVM.</summary>
    LogicalVolume,

    /// <summary>An opened LUKS or dm-crypt volume.</summary>
    Crypt,

    /// <summary>Several paths to one disk.</summary>
    Multipath,

    /// <summary>A file made into a device.</summary>
    Loop,

    /// <summary>Another device of the device mapper, or of a driver of its own.</summary>
    Other,
}

/// <summary>A block device, from /sys and udev's database, or from its own bytes.</summary>
public sealed record BlockDeviceFacts
{
    /// <summary>The kernel's name: sda, sda1, dm-0, md0.</summary>
    public required string Name { get; init; }

    /// <summary>What the admin knows it by: /dev/sda1, /dev/mapper/vg-root.</summary>
    public required string Path { get; init; }

    /// <summary>What it is.</summary>
    public required BlockDeviceKind Kind { get; init; }

    /// <summary>Bytes.</summary>
    public required long SizeBytes { get; init; }

    /// <summary>512 or 4096.</summary>
    public int LogicalSectorBytes { get; init; } = 512;

    /// <summary>Kernel names of the devices it lies on: the disk of a partition, the members of an md.</summary>
    public IReadOnlyList<string> Parents { get; init; } = [];

    /// <summary>It calls itself removable, as USB disks and those in hot-plug bays do.</summary>
    public bool IsRemovable { get; init; }

    /// <summary>As the disk gives it; disks only.</summary>
    public string? Model { get; init; }

    /// <summary>What is on it: ext4, LVM2_member, crypto_LUKS, linux_raid_member, swap, …</summary>
    public string? ContentType { get; init; }

    /// <summary>Of what is on it, as blkid prints it.</summary>
    public string? Uuid { get; init; }

    /// <summary>Of what is on it.</summary>
    public string? Label { get; init; }

    /// <summary>Disks only.</summary>
    public PartitionTableKind PartitionTable { get; init; }

    /// <summary>Disks only: GPT disk GUID, or MBR signature as eight hex digits.</summary>
    public string? TableIdentifier { get; init; }

    /// <summary>Of a partition alone.</summary>
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

/// <summary>An LVM volume group.</summary>
public sealed record VolumeGroupFacts
{
    /// <summary>As vgs prints it; two groups may have one name.</summary>
    public required string Name { get; init; }

    /// <summary>Tells groups of one name apart. Null in what an older LinuxP2V read.</summary>
    public string? Uuid { get; init; }

    /// <summary>Bytes.</summary>
    public required long ExtentSizeBytes { get; init; }

    /// <summary>Of all its extents.</summary>
    public required long SizeBytes { get; init; }

    /// <summary>Of extents that no volume has.</summary>
    public required long FreeBytes { get; init; }

    /// <summary>Device paths.</summary>
    public required IReadOnlyList<string> PhysicalVolumes { get; init; }

    /// <summary>Physical volumes that the group names and the machine has not.</summary>
    public int MissingPhysicalVolumes { get; init; }

    /// <summary>All, hidden ones left out.</summary>
    public required IReadOnlyList<LogicalVolumeFacts> LogicalVolumes { get; init; }
}

/// <param name="Layout">linear, striped, raid1, thin, thin-pool, snapshot, cache, …, as lvs segtype.</param>
public sealed record LogicalVolumeFacts(string Name, string Path, long SizeBytes, string Layout)
{
    /// <summary>As lvs prints it; null in facts of older versions.</summary>
    public string? Uuid { get; init; }

    /// <summary>It has a device.</summary>
    public bool IsActive { get; init; } = true;

    /// <summary>Something uses its device: a mount, swap, a virtual machine, a database.</summary>
    public bool IsOpen { get; init; }

    /// <summary>Some of it lies on a physical volume that is missing.</summary>
    public bool IsPartial { get; init; }
}

/// <summary>Whether a mount can be copied, and if not, why.</summary>
public enum MountClass
{
    /// <summary>A local file system on a block device: can be copied.</summary>
    Volume,

    /// <summary>proc, tmpfs, cgroup, overlay, …: made by the running system.</summary>
    Pseudo,

    /// <summary>NFS, CIFS and the like.</summary>
    Network,

    /// <summary>On a disk that calls itself removable.</summary>
    Removable,

    /// <summary>Another view of a volume that is listed already.</summary>
    Bind,

    /// <summary>A file made into a device: snap images.</summary>
    Loop,

    /// <summary>A later mount lies over it, so that nothing of it can be read.</summary>
    Covered,
}

/// <summary>A mounted file system.</summary>
public sealed record MountFacts
{
    /// <summary>Absolute, without escapes.</summary>
    public required string MountPoint { get; init; }

    /// <summary>Device path, or what stands in its place (tmpfs, server:/export).</summary>
    public required string Device { get; init; }

    /// <summary>The kernel's name of the type: ext4.</summary>
    public required string FileSystem { get; init; }

    /// <summary>Whether it can be copied.</summary>
    public required MountClass Class { get; init; }

    /// <summary>As /proc/self/mountinfo has them, separated by commas.</summary>
    public string Options { get; init; } = "";

    /// <summary>The folder of the file system that is seen here.</summary>
    public string Root { get; init; } = "/";

    /// <summary>btrfs: the path of the subvolume below the file system's top, without a slash before it; null for the top itself.</summary>
    public string? Subvolume { get; init; }

    /// <summary>For <see cref="MountClass.Covered"/>: the mount point of what lies over it.</summary>
    public string? CoveredBy { get; init; }

    /// <summary>Options in /etc/fstab; null when it is not named there.</summary>
    public string? FstabOptions { get; init; }

    /// <summary>Of the file system; 0 when it does not tell.</summary>
    public long SizeBytes { get; init; }

    /// <summary>Of a file system with several views, the subvolumes of btrfs, only the first tells what is used.</summary>
    public long UsedBytes { get; init; }

    /// <summary>0 when the file system does not tell.</summary>
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
