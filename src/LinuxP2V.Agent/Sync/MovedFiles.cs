using LinuxP2V.Agent.Platform;

namespace LinuxP2V.Agent.Sync;

/// <summary>Finds files that left their place under another name, by inode, type, size and mtime.</summary>
internal static class MovedFiles
{
    public static void Find(ManifestDifference difference, SyncRules rules)
    {
        var (manifest, departed) = (difference.Manifest, difference.Departed);
        if (!rules.HasInodes)
            return;

        var wanted = new Dictionary<ulong, int>();
        for (var row = 0; row < departed.Count; row++)
        {
            if (departed.IsGone(row) && departed.TypeOf(row) != EntryType.Directory && SyncRules.IsCarried(departed.TypeOf(row)))
                wanted.TryAdd(departed.InodeOf(row), row);
        }

        for (var entry = 1; entry < manifest.Count && wanted.Count > 0; entry++)
        {
            if (difference.VerdictOf(entry) != EntryState.New)
                continue;

            var record = manifest[entry];
            // With other contents it may as well be a new file that got a free inode: it is brought over in any case.
            if (!wanted.TryGetValue(record.Inode, out var row) || !departed.HasContentsOf(row, record))
                continue;

            departed.SetSuccessor(row, entry);
            // The rename itself moved the ctime, and whatever else did hides behind it.
            difference.SetVerdict(entry, EntryState.Suspect);
            difference.Mark(entry, EntryState.Moved);
            wanted.Remove(record.Inode);
        }
    }
}
