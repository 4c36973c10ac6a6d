namespace LinuxP2V.Protocol.Messages;

/// <summary>How data is brought over. A null or Auto is the helper's own choice, which it reports.</summary>
public sealed record CopyOptions
{
    /// <summary>Parallel SSH connections to the source, over all volumes; null: from CPUs and measured rate.</summary>
    public int? StreamCount { get; init; }

    /// <summary>How data is compressed on its way.</summary>
    public CopyCompression Compression { get; init; }

    /// <summary>Megabits (10^6) a second over all streams together; null or 0: no limit.</summary>
    public double? BandwidthLimitMbps { get; init; }

    /// <summary>The source's side runs with the lowest CPU and disk priority that it offers.</summary>
    public bool LowImpact { get; init; }

    /// <summary>Read LVM and btrfs volumes from a snapshot that is made for the copy and removed after it.</summary>
    public bool Snapshot { get; init; }

    /// <summary>Whether volumes are copied by their files or by their blocks.</summary>
    public CopyMode Mode { get; init; }

    /// <summary>
    /// Files and folders that the source cannot read are reported and do not fail the request. Without it a copy or a pass
    /// that met any ends with <see cref="ErrorIds.FilesUnreadable"/> once all else is brought over.
    /// </summary>
    public bool AllowUnreadable { get; init; }

    /// <summary>
    /// A pass deletes whatever the source no longer has. Without it a pass that would delete a large part of a volume ends
    /// with <see cref="ErrorIds.MassDeletion"/> before it changes anything.
    /// </summary>
    public bool AllowMassDeletion { get; init; }
}

/// <summary>How data is compressed between source and helper.</summary>
public enum CopyCompression
{
    /// <summary>Link and source are measured, then decided.</summary>
    Auto,

    /// <summary>Data is sent as it is.</summary>
    None,

    /// <summary>zstd; where the source lacks it, data is sent as it is.</summary>
    Zstd,

    /// <summary>gzip; where the source lacks it, data is sent as it is.</summary>
    Gzip,
}

/// <summary>How the data of a volume is read.</summary>
public enum CopyMode
{
    /// <summary>What is safe and fastest for each volume.</summary>
    Auto,

    /// <summary>File by file.</summary>
    File,

    /// <summary>The used blocks of a frozen ext or XFS file system whose size is kept.</summary>
    Block,
}
