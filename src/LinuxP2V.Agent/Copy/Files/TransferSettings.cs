namespace LinuxP2V.Agent.Copy.Files;

/// <summary>Sizes by which a transfer is cut. A resume takes those that the copy was begun with.</summary>
internal sealed record TransferSettings
{
    /// <summary>A shard's file data; null: by the volume, so that there are enough for every stream and each costs little.</summary>
    public long? ShardBytes { get; init; }

    /// <summary>A shard's files; null: by the volume.</summary>
    public int? ShardFiles { get; init; }

    /// <summary>Files from here on are read by ranges, by several streams at once.</summary>
    public long RangedFrom { get; init; } = 128L << 20;

    /// <summary>Of data; a whole number of <see cref="FileMap.Unit"/>, as dd counts in them.</summary>
    public long RangeBytes { get; init; } = 64L << 20;

    /// <summary>What is done is noted so often: each time all of it is written to the disk first.</summary>
    public TimeSpan NoteInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Jobs that wait for a stream or run on one, where nobody asked for a number of streams.</summary>
    public int Jobs { get; init; } = 12;

    /// <summary>More jobs than there will be streams.</summary>
    public int JobsFor(int streams) => Math.Max(Jobs, streams + 4);

    public const int MebiByte = 1 << 20;
}
