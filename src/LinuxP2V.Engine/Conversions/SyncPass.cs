using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Conversions;

/// <summary>A pass that brought over what changed, all volumes together. Times are by the helper's clock.</summary>
public sealed record SyncPass
{
    /// <summary>From 1.</summary>
    public required int Number { get; init; }

    /// <summary>The start of the copy or pass before it: what changed since is its work.</summary>
    public DateTimeOffset CoversSince { get; init; }

    /// <summary>Of its first run.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Of its newest run: one that breaks off is done again.</summary>
    public DateTimeOffset RunStartedAt { get; init; }

    /// <summary>All runs of it.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Reading the source's lists of files, volume after volume: what a pass takes even if nothing changed.</summary>
    public TimeSpan ScanDuration { get; init; }

    /// <summary><see cref="VolumeSyncedEvent.Created"/> of all volumes.</summary>
    public long Created { get; init; }

    /// <summary><see cref="VolumeSyncedEvent.Changed"/> of all volumes.</summary>
    public long Changed { get; init; }

    /// <summary><see cref="VolumeSyncedEvent.MetadataOnly"/> of all volumes.</summary>
    public long MetadataOnly { get; init; }

    /// <summary><see cref="VolumeSyncedEvent.Renamed"/> of all volumes.</summary>
    public long Renamed { get; init; }

    /// <summary><see cref="VolumeSyncedEvent.Deleted"/> of all volumes.</summary>
    public long Deleted { get; init; }

    /// <summary>Of file data, brought over.</summary>
    public long Bytes { get; init; }

    /// <summary>All that the pass found is in the copy.</summary>
    public bool IsComplete { get; init; }
}

/// <summary>A comparison of the copy with its source, all volumes together. The differences themselves are in a file.</summary>
public sealed record Verification
{
    /// <summary>By the helper's clock.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>From the start to the last volume that was compared.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Of the files' contents; all else is always compared.</summary>
    public double SamplePercent { get; init; }

    /// <summary>Entries compared: files, directories, links and the like.</summary>
    public long Entries { get; init; }

    /// <summary>Files whose contents were compared, and their bytes.</summary>
    public long Files { get; init; }

    /// <summary>Bytes of the files whose contents were compared.</summary>
    public long Bytes { get; init; }

    /// <summary>Differences that nothing explains.</summary>
    public long Wrong { get; init; }

    /// <summary>Differences of what changed on the source since it was brought over.</summary>
    public long ChangedOnSource { get; init; }

    /// <summary>A sentence each.</summary>
    public IReadOnlyList<string> NotCompared { get; init; } = [];

    /// <summary>Every volume was compared.</summary>
    public bool IsComplete { get; init; }
}
