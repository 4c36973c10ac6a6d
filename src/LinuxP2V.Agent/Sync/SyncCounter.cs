using LinuxP2V.Agent.Platform;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Sync;

/// <summary>
/// Counts what a pass did, each entry once: a rename before all else; then what is new; then contents or type; then
/// metadata, unless something counted explains why the entry's ctime moved: a directory's by names that came and went, a
/// file's by names that it got or lost.
/// </summary>
internal static class SyncCounter
{
    /// <returns>Without what was deleted, and without bytes.</returns>
    /// <param name="otherContents">Files that only looked the same.</param>
    public static SyncCounts Count(ManifestDifference difference, IReadOnlySet<int> otherContents)
    {
        var (created, changed, metadata, renamed) = (0L, 0L, 0L, 0L);
        for (var entry = 0; entry < difference.Manifest.Count; entry++)
        {
            var type = difference.Manifest.TypeOf(entry);
            if (!SyncRules.IsCarried(type))
                continue;

            if (difference.Has(entry, EntryState.Moved))
            {
                renamed++;
                continue;
            }

            switch (difference.VerdictOf(entry))
            {
                case EntryState.New:
                    created++;
                    break;
                case EntryState.Modified or EntryState.Replaced:
                    changed++;
                    break;
                case EntryState.Suspect or EntryState.Touched when otherContents.Contains(entry):
                    changed++;
                    break;
                case EntryState.Touched:
                    metadata++;
                    break;
                case EntryState.Suspect when difference.Has(entry, EntryState.MetadataDiffers) || !IsExplained(difference, entry, type):
                    metadata++;
                    break;
            }
        }

        return new SyncCounts
        {
            Created = created,
            Changed = changed,
            MetadataOnly = metadata,
            Renamed = renamed,
        };
    }

    private static bool IsExplained(ManifestDifference difference, int entry, EntryType type) =>
        difference.Has(entry, EntryState.Racy | (type == EntryType.Directory ? EntryState.NamesMoved : EntryState.LinksDiffer));
}
