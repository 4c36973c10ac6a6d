namespace LinuxP2V.Cmdlets;

/// <summary>
/// A planned conversion. Plain data: <see cref="Definition"/> is the whole of it, so a task that went through
/// Export-Clixml or ConvertTo-Json is taken again wherever a task is. It never carries a password or key to a file.
/// </summary>
public sealed class P2VTask
{
    internal P2VTask(string definition) => Definition = definition;

    public string? Name { get; internal init; }

    public string? Source { get; internal init; }

    /// <summary>The server's address: a folder for the embedded destination.</summary>
    public string? Destination { get; internal init; }

    public string? OperatingSystem { get; internal init; }

    public string? Firmware { get; internal init; }

    public int NumCpu { get; internal init; }

    public decimal MemoryGB { get; internal init; }

    public decimal CapacityGB { get; internal init; }

    /// <summary>To be copied, as it was used when the source was read.</summary>
    public decimal UsedGB { get; internal init; }

    public string? DiskStorageFormat { get; internal init; }

    public string[] NetworkName { get; internal init; } = [];

    public P2VPlannedDisk[] Disks { get; internal init; } = [];

    public P2VPlannedVolume[] Volumes { get; internal init; } = [];

    public P2VSkippedVolume[] Skipped { get; internal init; } = [];

    /// <summary>Null: chosen by the helper.</summary>
    public int? StreamCount { get; internal init; }

    public P2VCompression Compression { get; internal init; }

    /// <summary>Megabits (10^6) a second; null: no limit.</summary>
    public double? BandwidthLimitMbps { get; internal init; }

    public bool LowImpact { get; internal init; }

    public bool Snapshot { get; internal init; }

    public P2VCopyMode CopyMode { get; internal init; }

    /// <summary>Files that the source cannot read are told and left out.</summary>
    public bool AllowUnreadable { get; internal init; }

    public bool SkipReconfiguration { get; internal init; }

    /// <summary>The helper gets the private key of the login, so that it can log in while this module is away.</summary>
    public bool AllowUnattended { get; internal init; }

    public bool PowerOn { get; internal init; }

    public string? Notes { get; internal init; }

    /// <summary>The task as JSON.</summary>
    public string Definition { get; }

    /// <summary>Of the session that planned it; null for a task from a file.</summary>
    internal SessionSecrets? Secrets { get; init; }

    public override string ToString() => Name ?? "task";
}

public sealed class P2VPlannedDisk
{
    public required int Number { get; init; }

    public required decimal CapacityGB { get; init; }

    public required string Controller { get; init; }

    public required string PartitionTable { get; init; }

    public required P2VPlannedPartition[] Partitions { get; init; }

    public override string ToString() => $"disk {Number}";
}

public sealed class P2VPlannedPartition
{
    public required int Number { get; init; }

    public required decimal CapacityGB { get; init; }

    /// <summary>The mount point, swap, a volume group, or the partition type where nothing is copied onto it.</summary>
    public required string Content { get; init; }

    public override string ToString() => $"partition {Number}";
}

public sealed class P2VPlannedVolume
{
    public required string Name { get; init; }

    /// <summary>Where it comes to lie: disk 0 partition 1, or group/volume.</summary>
    public required string Device { get; init; }

    public required string SourceDevice { get; init; }

    public required string FileSystem { get; init; }

    public required decimal CapacityGB { get; init; }

    public required decimal UsedGB { get; init; }

    public override string ToString() => Name;
}

public sealed class P2VSkippedVolume
{
    public required string Name { get; init; }

    public required string Device { get; init; }

    public required string Reason { get; init; }

    public override string ToString() => Name;
}
