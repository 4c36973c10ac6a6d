namespace LinuxP2V.Protocol.Messages;

/// <summary>A volume's copy goes on where it broke off: what it need not bring over again.</summary>
public sealed record VolumeResumedEvent : AgentEvent
{
    /// <summary><see cref="Layout.TargetVolume.Id"/>.</summary>
    public required string VolumeId { get; init; }

    /// <summary>Bytes of file data that an earlier run copied.</summary>
    public required long BytesKept { get; init; }

    /// <summary>Files that an earlier run copied.</summary>
    public required long FilesKept { get; init; }
}

/// <summary>One pass of a sync over one volume is done and on the disk.</summary>
public sealed record VolumeSyncedEvent : AgentEvent
{
    /// <summary><see cref="Layout.TargetVolume.Id"/>.</summary>
    public required string VolumeId { get; init; }

    /// <summary>What the pass did.</summary>
    public required SyncCounts Counts { get; init; }

    /// <summary>All of the pass.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Of it, reading the source's list of files: what the next pass takes even if nothing changes.</summary>
    public required TimeSpan ScanDuration { get; init; }
}

/// <summary>One volume was compared.</summary>
public sealed record VolumeVerifiedEvent : AgentEvent
{
    /// <summary><see cref="Layout.TargetVolume.Id"/>.</summary>
    public required string VolumeId { get; init; }

    /// <summary>What the comparison came to.</summary>
    public required VerifyCounts Counts { get; init; }

    /// <summary>What could not be compared, a sentence each, such as extended attributes where the source has no tool for them.</summary>
    public IReadOnlyList<string> NotCompared
    {
        get;
        init => field = value ?? [];
    } = [];

    /// <summary>Of the whole comparison, listing the files included.</summary>
    public required TimeSpan Duration { get; init; }
}

/// <summary>In what an entry of the copy differs from its source.</summary>
public enum DifferenceKind
{
    /// <summary>On the source, not in the copy.</summary>
    Missing,

    /// <summary>In the copy, not on the source.</summary>
    Extra,

    /// <summary>A file here is a directory, a link or the like there.</summary>
    Type,

    /// <summary>Regular files of different sizes.</summary>
    Size,

    /// <summary>Regular files of one size with different contents.</summary>
    Content,

    /// <summary>Permission bits.</summary>
    Mode,

    /// <summary>User id or group id.</summary>
    Owner,

    /// <summary>Time of the last change of contents.</summary>
    Time,

    /// <summary>What a symbolic link points to.</summary>
    LinkTarget,

    /// <summary>Names of one file here, of several there.</summary>
    HardLink,

    /// <summary>Extended attributes: ACLs, capabilities and SELinux labels are among them.</summary>
    Attributes,

    /// <summary>Major or minor number of a device node.</summary>
    Device,

    /// <summary>Flags of chattr such as immutable, or the project whose quota it counts for.</summary>
    Flags,
}

/// <summary>One entry of the copy is not as its source.</summary>
public sealed record DifferenceEvent : AgentEvent
{
    /// <summary><see cref="Layout.TargetVolume.Id"/>.</summary>
    public required string VolumeId { get; init; }

    /// <summary>Absolute, as on the source.</summary>
    public required string Path { get; init; }

    /// <summary>In what they differ. An entry that differs in several ways gives an event for each.</summary>
    public required DifferenceKind Kind { get; init; }

    /// <summary>It changed on the source since it was brought over: the next pass mends it. Else the copy is wrong.</summary>
    public required bool ChangedOnSource { get; init; }

    /// <summary>What the source has, for people.</summary>
    public string? OnSource { get; init; }

    /// <summary>What the copy has, for people.</summary>
    public string? InCopy { get; init; }
}
