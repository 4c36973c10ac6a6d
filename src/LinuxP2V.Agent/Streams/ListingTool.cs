namespace LinuxP2V.Agent.Streams;

/// <summary>What lists the files of a volume.</summary>
internal enum ListingTool
{
    None,

    /// <summary>GNU find alone: times to the nanosecond.</summary>
    Find,

    /// <summary>find and a stat that takes a format, as busybox has them: times to the second.</summary>
    Stat,
}
