namespace LinuxP2V.Protocol.Messages;

/// <summary>A volume's copy goes on where it broke off: what it need not bring over again.</summary>
public sealed record VolumeResumedEvent : AgentEvent
{
    public required string VolumeId { get; init; }

    public required long BytesKept { get; init; }

    public required long FilesKept { get; init; }
}

/// <summary>One pass of a sync over one volume is done and on the disk. Each entry, which is a name, is counted once.</summary>
public sealed record VolumeSyncedEvent : AgentEvent
{
    public required string VolumeId { get; init; }

    /// <summary>Entries that the copy did not have.</summary>
    public required long Created { get; init; }

    /// <summary>Entries whose contents, or type, were brought over again.</summary>
    public required long Changed { get; init; }

    /// <summary>
    /// Entries of which only owner, mode, times, attributes or the like changed. Not a directory of which the times moved
    /// with what came and went in it, nor a file that got or lost another name.
    /// </summary>
    public required long MetadataOnly { get; init; }

    /// <summary>Entries with another name or in another directory, what is in a renamed directory left out.</summary>
    public required long Renamed { get; init; }

    /// <summary>Entries that were taken out of the copy and have no other in their place.</summary>
    public required long Deleted { get; init; }

    /// <summary>Of file data, brought over.</summary>
    public required long Bytes { get; init; }

    /// <summary>All of the pass.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Of it, reading the source's list of files: what the next pass takes even if nothing changes.</summary>
    public required TimeSpan ScanDuration { get; init; }
}

/// <summary>One volume was compared.</summary>
public sealed record VolumeVerifiedEvent : AgentEvent
{
    public required string VolumeId { get; init; }

    /// <summary>Entries compared.</summary>
    public required long Entries { get; init; }

    /// <summary>Files whose contents were compared, and their bytes.</summary>
    public required long Files { get; init; }

    public required long Bytes { get; init; }

    /// <summary>Differences that nothing explains.</summary>
    public required long Wrong { get; init; }

    /// <summary>Differences of entries that changed on the source since they were brought over.</summary>
    public required long ChangedOnSource { get; init; }

    /// <summary>What could not be compared, a sentence each, such as extended attributes where the source has no tool for them.</summary>
    public IReadOnlyList<string> NotCompared { get; init; } = [];

    public required TimeSpan Duration { get; init; }
}

public enum DifferenceKind
{
    /// <summary>On the source, not in the copy.</summary>
    Missing,

    /// <summary>In the copy, not on the source.</summary>
    Extra,
    Type,
    Size,
    Content,
    Mode,
    Owner,
    Time,
    LinkTarget,

    /// <summary>Names of one file here, of several there.</summary>
    HardLink,

    /// <summary>Extended attributes: ACLs, capabilities and SELinux labels are among them.</summary>
    Attributes,
    Device,
}

/// <summary>One entry of the copy is not as its source.</summary>
public sealed record DifferenceEvent : AgentEvent
{
    public required string VolumeId { get; init; }

    /// <summary>Absolute, as on the source.</summary>
    public required string Path { get; init; }

    public required DifferenceKind Kind { get; init; }

    /// <summary>It changed on the source since it was brought over: the next pass mends it. Else the copy is wrong.</summary>
    public required bool ChangedOnSource { get; init; }

    /// <summary>What the source has, for people.</summary>
    public string? OnSource { get; init; }

    public string? InCopy { get; init; }
}
