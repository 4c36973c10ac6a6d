namespace LinuxP2V.Cmdlets;

/// <summary>An entry of the copy that is not as its source has it.</summary>
public sealed class P2VDifference
{
    /// <summary>The VM's name.</summary>
    public string Conversion { get; internal init; } = "";

    /// <summary>The mount point on the source.</summary>
    public string Volume { get; internal init; } = "";

    /// <summary>Absolute, as on the source.</summary>
    public string Path { get; internal init; } = "";

    public P2VDifferenceKind Kind { get; internal init; }

    /// <summary>It changed on the source since it was brought over: the next pass mends it. Else the copy is wrong.</summary>
    public bool ChangedOnSource { get; internal init; }

    public string? OnSource { get; internal init; }

    public string? InCopy { get; internal init; }

    public override string ToString() => $"{Kind}: {Path}";
}

/// <summary>What a comparison of the copy with its source came to.</summary>
public sealed class P2VVerification
{
    public DateTimeOffset StartTime { get; internal init; }

    public TimeSpan Duration { get; internal init; }

    /// <summary>False while it runs, and when it broke off.</summary>
    public bool IsComplete { get; internal init; }

    /// <summary>Of the files' contents; all else is always compared.</summary>
    public double SamplePercent { get; internal init; }

    public long Entries { get; internal init; }

    /// <summary>Files whose contents were compared.</summary>
    public long Files { get; internal init; }

    public long Bytes { get; internal init; }

    /// <summary>Differences that nothing explains.</summary>
    public long Wrong { get; internal init; }

    /// <summary>Differences of what changed on the source since it was brought over.</summary>
    public long ChangedOnSource { get; internal init; }

    /// <summary>What could not be compared, a sentence each.</summary>
    public string[] NotCompared { get; internal init; } = [];

    public override string ToString() => $"{Wrong} wrong, {ChangedOnSource} changed on the source, of {Entries}";
}

/// <summary>A pass that brought over what changed since the one before.</summary>
public sealed class P2VSyncPass
{
    public int Number { get; internal init; }

    public DateTimeOffset StartTime { get; internal init; }

    public TimeSpan Duration { get; internal init; }

    /// <summary>Of it, listing the source's files, volume after volume.</summary>
    public TimeSpan ScanDuration { get; internal init; }

    public long Created { get; internal init; }

    public long Changed { get; internal init; }

    /// <summary>Only owner, mode, times or attributes were other ones.</summary>
    public long MetadataOnly { get; internal init; }

    public long Renamed { get; internal init; }

    public long Deleted { get; internal init; }

    /// <summary>Of file data, brought over.</summary>
    public long Bytes { get; internal init; }

    /// <summary>False while it runs, and when it broke off.</summary>
    public bool IsComplete { get; internal init; }

    public override string ToString() => $"pass {Number}";
}
