namespace LinuxP2V.Protocol.Layout;

/// <summary>
/// What the helper builds on the destination VM's disks: the planner's result and the agent's order.
/// All sizes and offsets are in bytes.
/// </summary>
public sealed record TargetLayout
{
    /// <summary>What the VM starts with; it decides which boot loader is installed.</summary>
    public required Firmware Firmware { get; init; }

    /// <summary>In the order of <see cref="TargetDisk.Number"/>.</summary>
    public required IReadOnlyList<TargetDisk> Disks
    {
        get;
        init => field = value ?? [];
    }

    /// <summary>LVM volume groups to create; empty where the copy uses no LVM.</summary>
    public IReadOnlyList<TargetVolumeGroup> VolumeGroups
    {
        get;
        init => field = value ?? [];
    } = [];

    /// <summary>File systems and swap areas, those with a parent mount point first.</summary>
    public required IReadOnlyList<TargetVolume> Volumes
    {
        get;
        init => field = value ?? [];
    }
}

/// <summary>The firmware of a machine.</summary>
public enum Firmware
{
    /// <summary>BIOS: the boot code lies in the boot disk's first sector.</summary>
    Bios,

    /// <summary>UEFI: the boot loader is a file on an EFI system partition.</summary>
    Uefi,
}

/// <summary>How a disk is divided.</summary>
public enum PartitionTableKind
{
    /// <summary>The whole disk is one device: a file system or a physical volume.</summary>
    None,

    /// <summary>An MBR (DOS) partition table.</summary>
    Mbr,

    /// <summary>A GUID partition table.</summary>
    Gpt,
}

/// <summary>
/// The kind of controller that a disk is attached to. Disks of one kind are counted apart from those of others.
/// </summary>
public enum DiskController
{
    /// <summary>VMware's paravirtual SCSI.</summary>
    Pvscsi,

    /// <summary>LSI Logic SAS.</summary>
    LsiLogicSas,

    /// <summary>LSI Logic parallel SCSI.</summary>
    LsiLogic,

    /// <summary>SATA.</summary>
    Ahci,

    /// <summary>NVMe; each disk is a namespace of the controller.</summary>
    Nvme,

    /// <summary>virtio-scsi, which QEMU has and VMware has not.</summary>
    VirtioScsi,
}

/// <summary>
/// Where a disk sits in the VM. The agent tells disks apart by this, since sdX varies from boot to boot.
/// <paramref name="Bus"/> is the n-th controller of its kind in PCI order from 0; <paramref name="Unit"/> is the SCSI
/// target, the SATA port, or the NVMe namespace id less one.
/// </summary>
public sealed record DiskAddress(DiskController Controller, int Bus, int Unit);

/// <summary>A disk of the VM, and the partitions that are created on it.</summary>
public sealed record TargetDisk
{
    /// <summary>From 0, in the order of the VM's disks.</summary>
    public required int Number { get; init; }

    /// <summary>The whole disk. The agent refuses a smaller disk.</summary>
    public required long SizeBytes { get; init; }

    /// <summary>Where the agent finds the disk.</summary>
    public required DiskAddress Address { get; init; }

    /// <summary>The table that is written, of the source disk's kind.</summary>
    public required PartitionTableKind PartitionTable { get; init; }

    /// <summary>GPT: the disk GUID. MBR: the disk signature, eight hex digits. Null: the tool chooses.</summary>
    public string? Identifier { get; init; }

    /// <summary>By number; empty where the disk has no partition table.</summary>
    public IReadOnlyList<TargetPartition> Partitions
    {
        get;
        init => field = value ?? [];
    } = [];

    /// <summary>The disk that the firmware boots from and that gets the boot code.</summary>
    public bool IsBootDisk { get; init; }
}

/// <summary>A partition to create.</summary>
public sealed record TargetPartition
{
    /// <summary>From 1, as the partition is numbered in its table.</summary>
    public required int Number { get; init; }

    /// <summary>From the beginning of the disk; a multiple of the disk's sector size.</summary>
    public required long StartBytes { get; init; }

    /// <summary>A multiple of the disk's sector size.</summary>
    public required long SizeBytes { get; init; }

    /// <summary>GPT: the type GUID. MBR: the type, two hex digits.</summary>
    public required string Type { get; init; }

    /// <summary>GPT: PARTUUID, kept from the source. MBR has none of its own.</summary>
    public string? Uuid { get; init; }

    /// <summary>GPT partition name.</summary>
    public string? Name { get; init; }

    /// <summary>MBR's active flag, or GPT's legacy BIOS bootable attribute.</summary>
    public bool IsActive { get; init; }
}

/// <summary>An LVM volume group to create.</summary>
public sealed record TargetVolumeGroup
{
    /// <summary>As on the source, since fstab and boot loader name it.</summary>
    public required string Name { get; init; }

    /// <summary>As on the source.</summary>
    public required long ExtentSizeBytes { get; init; }

    /// <summary>Whole disks or partitions.</summary>
    public required IReadOnlyList<DeviceReference> PhysicalVolumes
    {
        get;
        init => field = value ?? [];
    }

    /// <summary>In the order in which they are created.</summary>
    public required IReadOnlyList<TargetLogicalVolume> LogicalVolumes
    {
        get;
        init => field = value ?? [];
    }
}

/// <summary>An LVM logical volume to create.</summary>
/// <param name="Name">Within its group, as on the source.</param>
/// <param name="SizeBytes">A multiple of the group's extent size.</param>
public sealed record TargetLogicalVolume(string Name, long SizeBytes);

/// <summary>Either a disk (with a partition or whole), or a logical volume of a group.</summary>
public sealed record DeviceReference
{
    /// <summary><see cref="TargetDisk.Number"/>; null for a logical volume.</summary>
    public int? Disk { get; init; }

    /// <summary><see cref="TargetPartition.Number"/>; null for a whole disk and for a logical volume.</summary>
    public int? Partition { get; init; }

    /// <summary>The group of a logical volume, else null.</summary>
    public string? VolumeGroup { get; init; }

    /// <summary>The name of a logical volume within its group, else null.</summary>
    public string? LogicalVolume { get; init; }

    /// <summary>A disk, or one of its partitions.</summary>
    public static DeviceReference OnDisk(int disk, int? partition = null) => new() { Disk = disk, Partition = partition };

    /// <summary>A logical volume.</summary>
    public static DeviceReference OnVolumeGroup(string group, string volume) => new() { VolumeGroup = group, LogicalVolume = volume };

    /// <summary>For logs and messages, such as <c>disk 0 partition 1</c> or <c>vg/root</c>.</summary>
    public override string ToString() =>
        VolumeGroup is not null ? $"{VolumeGroup}/{LogicalVolume}"
        : Partition is null ? $"disk {Disk}"
        : $"disk {Disk} partition {Partition}";
}
