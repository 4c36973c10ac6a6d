using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Engine.Planning;

/// <summary>What a place on a disk must hold.</summary>
internal sealed class PlacementRequest
{
    /// <summary>Null: a disk that the source has not.</summary>
    public SourceLocation? Location { get; set; }

    public required PartitionContent Content { get; init; }

    /// <summary>Bytes; for a split, of all parts together.</summary>
    public required long Size { get; set; }

    /// <summary>The admin asked for another size, so that the disk follows.</summary>
    public bool IsResized { get; set; }

    public PlannedVolume? Volume { get; init; }

    /// <summary>Logical volumes that become partitions, one after another, in this place.</summary>
    public IReadOnlyList<PlannedVolume> Split { get; init; } = [];

    /// <summary>Set by the layout: the draft disk, and the partition's number or null for the whole disk.</summary>
    public DraftDisk? Disk { get; set; }

    public int? Partition { get; set; }

    public DeviceReference Reference => DeviceReference.OnDisk(Disk!.Number, Partition);
}

internal sealed class DraftDisk
{
    public required PartitionTableKind Table { get; init; }

    public string? Identifier { get; init; }

    public required long Size { get; init; }

    public IReadOnlyList<TargetPartition> Partitions { get; init; } = [];

    /// <summary>Data that comes onto it, roughly.</summary>
    public long UsedBytes { get; set; }

    public bool IsBootDisk { get; set; }

    /// <summary>GRUB for BIOS needs a partition of its own on a GPT disk; the source has none.</summary>
    public bool HasAddedBiosBoot { get; set; }

    public int Number { get; set; }
}
