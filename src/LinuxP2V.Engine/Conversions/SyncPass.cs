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

    /// <summary>What it did, of all volumes.</summary>
    public SyncCounts Counts { get; init; } = new();

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

    /// <summary>What it came to, of all volumes.</summary>
    public VerifyCounts Counts { get; init; } = new();

    /// <summary>A sentence each.</summary>
    public IReadOnlyList<string> NotCompared { get; init; } = [];

    /// <summary>Every volume was compared.</summary>
    public bool IsComplete { get; init; }
}
