namespace LinuxP2V.Agent.Platform;

/// <summary>Paths of entries that a source names: relative to a volume's root, and never out of it.</summary>
internal static class EntryPath
{
    /// <summary>No file system's name is longer: FAT's 255 characters take up to three bytes each.</summary>
    public const int LongestName = 765;

    /// <summary>
    /// Whether it consists of names alone: it does not begin or end with a slash, and no part is empty, a dot or two dots.
    /// The empty path is the root.
    /// </summary>
    public static bool IsInside(ReadOnlySpan<byte> path)
    {
        if (path.IsEmpty)
            return true;

        // Most paths have no part that begins with a dot: two fast looks are enough for them.
        if (path[0] is not ((byte)'.' or (byte)'/') && path[^1] != '/' && path.IndexOf("/."u8) < 0 && path.IndexOf("//"u8) < 0)
            return true;

        foreach (var part in path.Split((byte)'/'))
        {
            var name = path[part];
            if (name.IsEmpty || name.SequenceEqual("."u8) || name.SequenceEqual(".."u8))
                return false;
        }

        return true;
    }
}
