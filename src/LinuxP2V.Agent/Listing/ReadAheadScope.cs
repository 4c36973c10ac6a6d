namespace LinuxP2V.Agent.Listing;

/// <summary>What <see cref="ReadAhead"/> brings into the source's memory.</summary>
internal enum ReadAheadScope
{
    Nothing,

    /// <summary>Names alone, which no find asks another file system for.</summary>
    Directories,

    /// <summary>The files' inodes too: each directory must be known to be of the volume, with nothing mounted on it.</summary>
    Inodes,
}
