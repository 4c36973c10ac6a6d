namespace LinuxP2V.Protocol.Messages;

/// <summary>What a pass did, of one volume or of all. Each entry, which is a name, is counted once.</summary>
public sealed record SyncCounts
{
    /// <summary>Entries that the copy did not have.</summary>
    public long Created { get; init; }

    /// <summary>Entries whose contents, or type, were brought over again.</summary>
    public long Changed { get; init; }

    /// <summary>
    /// Entries of which only owner, mode, times, attributes or the like changed. Not a directory of which the times moved
    /// with what came and went in it, nor a file that got or lost another name.
    /// </summary>
    public long MetadataOnly { get; init; }

    /// <summary>Entries with another name or in another directory, what is in a renamed directory left out.</summary>
    public long Renamed { get; init; }

    /// <summary>Entries that were taken out of the copy and have no other in their place.</summary>
    public long Deleted { get; init; }

    /// <summary>Of file data, brought over.</summary>
    public long Bytes { get; init; }

    /// <summary>Of two volumes, or of two runs of one pass.</summary>
    public static SyncCounts operator +(SyncCounts one, SyncCounts other) =>
        new()
        {
            Created = one.Created + other.Created,
            Changed = one.Changed + other.Changed,
            MetadataOnly = one.MetadataOnly + other.MetadataOnly,
            Renamed = one.Renamed + other.Renamed,
            Deleted = one.Deleted + other.Deleted,
            Bytes = one.Bytes + other.Bytes,
        };
}

/// <summary>What a comparison came to, of one volume or of all.</summary>
public sealed record VerifyCounts
{
    /// <summary>Entries compared: files, directories, links and the like.</summary>
    public long Entries { get; init; }

    /// <summary>Files whose contents were compared.</summary>
    public long Files { get; init; }

    /// <summary>Bytes of the files whose contents were compared.</summary>
    public long Bytes { get; init; }

    /// <summary>Differences that nothing explains.</summary>
    public long Wrong { get; init; }

    /// <summary>Differences of entries that changed on the source since they were brought over.</summary>
    public long ChangedOnSource { get; init; }

    /// <summary>Of two volumes.</summary>
    public static VerifyCounts operator +(VerifyCounts one, VerifyCounts other) =>
        new()
        {
            Entries = one.Entries + other.Entries,
            Files = one.Files + other.Files,
            Bytes = one.Bytes + other.Bytes,
            Wrong = one.Wrong + other.Wrong,
            ChangedOnSource = one.ChangedOnSource + other.ChangedOnSource,
        };
}
