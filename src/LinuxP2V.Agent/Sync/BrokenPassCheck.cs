using System.Collections;
using LinuxP2V.Agent.Listing;

namespace LinuxP2V.Agent.Sync;

/// <summary>
/// A broken pass brought some of what its list says: an entry is as the copy has it only if that list, too, has it as it is.
/// </summary>
internal static class BrokenPassCheck
{
    /// <param name="path">The broken pass's list.</param>
    public static void Run(string path, ManifestDifference difference, SyncRules rules, CancellationToken cancellationToken)
    {
        var manifest = difference.Manifest;
        var isConfirmed = new BitArray(manifest.Count);
        try
        {
            StoredManifest.Read(
                path,
                (ReadOnlySpan<byte> name, in ManifestRecord record) =>
                {
                    if (manifest.Find(name) is var entry and >= 0 && rules.IsSameObject(record, manifest[entry]))
                    {
                        var verdict = rules.Compare(record, manifest[entry]);
                        isConfirmed[entry] = verdict == EntryState.Same || (verdict & EntryState.Racy) != 0;
                    }
                },
                null,
                cancellationToken
            );
        }
        catch (InvalidDataException)
        {
            // A list that cannot be read confirms nothing further.
        }

        for (var entry = 0; entry < manifest.Count; entry++)
        {
            if (!isConfirmed[entry] && difference.VerdictOf(entry) == EntryState.Same)
            {
                difference.SetVerdict(entry, EntryState.Suspect);
                difference.Mark(entry, EntryState.Racy);
            }
        }
    }
}
