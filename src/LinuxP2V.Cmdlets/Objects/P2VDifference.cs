namespace LinuxP2V.Cmdlets;

/// <summary>An entry of the copy that is not as its source has it.</summary>
public sealed class P2VDifference
{
    /// <summary>The VM's name.</summary>
    public required string Conversion { get; init; }

    /// <summary>The mount point on the source.</summary>
    public required string Volume { get; init; }

    /// <summary>Absolute, as on the source.</summary>
    public required string Path { get; init; }

    public required P2VDifferenceKind Kind { get; init; }

    /// <summary>It changed on the source since it was brought over: the next pass mends it. Else the copy is wrong.</summary>
    public required bool ChangedOnSource { get; init; }

    public string? OnSource { get; init; }

    public string? InCopy { get; init; }

    public override string ToString() => $"{Kind}: {Path}";
}

/// <summary>What a comparison of the copy with its source came to.</summary>
public sealed class P2VVerification
{
    public required DateTimeOffset StartTime { get; init; }

    public required TimeSpan Duration { get; init; }

    /// <summary>False while it runs, and when it broke off.</summary>
    public required bool IsComplete { get; init; }

    /// <summary>Of the files' contents; all else is always compared.</summary>
    public required double SamplePercent { get; init; }

    public required long Entries { get; init; }

    /// <summary>Files whose contents were compared.</summary>
    public required long Files { get; init; }

    public required long Bytes { get; init; }

    /// <summary>Differences that nothing explains.</summary>
    public required long Wrong { get; init; }

    /// <summary>Differences of what changed on the source since it was brought over.</summary>
    public required long ChangedOnSource { get; init; }

    /// <summary>What could not be compared, a sentence each.</summary>
    public required string[] NotCompared { get; init; }

    public override string ToString() => $"{Wrong} wrong, {ChangedOnSource} changed on the source, of {Entries}";
}

/// <summary>A pass that brought over what changed since the one before.</summary>
public sealed class P2VSyncPass
{
    public required int Number { get; init; }

    public required DateTimeOffset StartTime { get; init; }

    public required TimeSpan Duration { get; init; }

    /// <summary>Of it, listing the source's files, volume after volume.</summary>
    public required TimeSpan ScanDuration { get; init; }

    public required long Created { get; init; }

    public required long Changed { get; init; }

    /// <summary>Only owner, mode, times or attributes were other ones.</summary>
    public required long MetadataOnly { get; init; }

    public required long Renamed { get; init; }

    public required long Deleted { get; init; }

    /// <summary>Of file data, brought over.</summary>
    public required long Bytes { get; init; }

    /// <summary>False while it runs, and when it broke off.</summary>
    public required bool IsComplete { get; init; }

    public override string ToString() => $"pass {Number}";
}
