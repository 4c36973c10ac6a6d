namespace LinuxP2V.Protocol.Layout;

/// <summary>
/// What the helper builds on the destination VM's disks: the planner's result and the agent's order.
/// All sizes and offsets are in bytes.
/// </summary>
public sealed record TargetLayout
{
    public required Firmware Firmware { get; init; }

    public required IReadOnlyList<TargetDisk> Disks { get; init; }

    public IReadOnlyList<TargetVolumeGroup> VolumeGroups { get; init; } = [];

    /// <summary>File systems and swap areas, those with a parent mount point first.</summary>
    public required IReadOnlyList<TargetVolume> Volumes { get; init; }
}

public enum Firmware
{
    Bios,
    Uefi,
}

public enum PartitionTableKind
{
    /// <summary>The whole disk is one device: a file system or a physical volume.</summary>
    None,
    Mbr,
    Gpt,
}

public enum DiskController
{
    Pvscsi,
    LsiLogicSas,
    LsiLogic,
    Ahci,
    Nvme,
    VirtioScsi,
}

/// <summary>
/// Where a disk sits in the VM. The agent tells disks apart by this, since sdX varies from boot to boot.
/// <paramref name="Bus"/> is the n-th controller of its kind in PCI order from 0; <paramref name="Unit"/> is the SCSI
/// target, the SATA port, or the NVMe namespace id less one.
/// </summary>
public sealed record DiskAddress(DiskController Controller, int Bus, int Unit);

public sealed record TargetDisk
{
    /// <summary>From 0, in the order of the VM's disks.</summary>
    public required int Number { get; init; }

    public required long SizeBytes { get; init; }

    public required DiskAddress Address { get; init; }

    public required PartitionTableKind PartitionTable { get; init; }

    /// <summary>GPT: the disk GUID. MBR: the disk signature, eight hex digits. Null: the tool chooses.</summary>
    public string? Identifier { get; init; }

    public IReadOnlyList<TargetPartition> Partitions { get; init; } = [];

    /// <summary>The disk that the firmware boots from and that gets the boot code.</summary>
    public bool IsBootDisk { get; init; }
}

public sealed record TargetPartition
{
    public required int Number { get; init; }

    public required long StartBytes { get; init; }

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

public sealed record TargetVolumeGroup
{
    public required string Name { get; init; }

    public required long ExtentSizeBytes { get; init; }

    /// <summary>Whole disks or partitions.</summary>
    public required IReadOnlyList<DeviceReference> PhysicalVolumes { get; init; }

    public required IReadOnlyList<TargetLogicalVolume> LogicalVolumes { get; init; }
}

public sealed record TargetLogicalVolume(string Name, long SizeBytes);

/// <summary>Either a disk (with a partition or whole), or a logical volume of a group.</summary>
public sealed record DeviceReference
{
    public int? Disk { get; init; }

    public int? Partition { get; init; }

    public string? VolumeGroup { get; init; }

    public string? LogicalVolume { get; init; }

    public static DeviceReference OnDisk(int disk, int? partition = null) => new() { Disk = disk, Partition = partition };

    public static DeviceReference OnVolumeGroup(string group, string volume) => new() { VolumeGroup = group, LogicalVolume = volume };

    public override string ToString() =>
        VolumeGroup is not null ? $"{VolumeGroup}/{LogicalVolume}"
        : Partition is null ? $"disk {Disk}"
        : $"disk {Disk} partition {Partition}";
}
