using System.Collections;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Listing;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Agent.Volumes;

namespace LinuxP2V.Agent.Sync;

/// <summary>
/// Looks at what the copy really holds, where no list of the source can be trusted to tell: after a copy that kept none,
/// after a pass that broke, after a reconfiguration. What the copy has too much goes.
/// </summary>
/// <param name="isOnlyWitness">There is no earlier list: what the copy shows is all that is known.</param>
internal sealed class CopyCheck(VolumeWork work, ManifestDifference difference, SyncRules rules, bool isOnlyWitness)
{
    private readonly Manifest manifest = difference.Manifest;
    private readonly BitArray seen = new(difference.Manifest.Count);
    private readonly GoneOrMovedEntries surplus = new();
    private readonly Dictionary<ulong, ulong> copies = [];
    private readonly Dictionary<ulong, ulong> sources = [];
    private readonly HashSet<ulong> mixed = [];

    /// <param name="mayDelete">The source's list is whole: what it does not name is gone.</param>
    /// <returns>How many entries were taken out of the copy.</returns>
    /// <exception cref="AgentException">CopyFailed.</exception>
    public async Task<long> RunAsync(TargetFolder folder, bool mayDelete, CancellationToken cancellationToken)
    {
        string[] excluded =
        [
            .. ManifestScript.ExcludedFrom(work.Volume).Where(path => path != ".linuxp2v"),
            ".linuxp2v",
            StructureUpdate.AsideName,
        ];
        await LocalListing.ReadAsync(work.TargetPath, excluded, OnRecord, cancellationToken);
        for (var entry = 1; entry < manifest.Count; entry++)
        {
            if (!seen[entry] && SyncRules.IsCarried(manifest.TypeOf(entry)))
            {
                difference.SetVerdict(entry, EntryState.New);
                difference.MarkNames(manifest.ParentOf(entry));
            }
        }

        DistrustMixed();
        if (mayDelete)
            EnsureFewGo();

        long deleted = 0;
        for (var row = surplus.Count - 1; row >= 0 && mayDelete; row--)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (folder.Remove(surplus.PathOf(row)))
                deleted++;
        }

        return deleted;
    }

    private void EnsureFewGo()
    {
        var entries = (long)surplus.Count;
        for (var entry = 0; entry < manifest.Count; entry++)
            entries += seen[entry] ? 1 : 0;

        DeletionLimit.Ensure(
            work,
            surplus,
            [.. Enumerable.Range(0, surplus.Count)],
            entries,
            "Until then the copy is of two moments, and cannot be finished."
        );
    }

    private void OnRecord(ReadOnlySpan<byte> path, in ManifestRecord copy)
    {
        if (path.IsEmpty)
        {
            seen[Manifest.Root] = true;
            Judge(Manifest.Root, copy);
            return;
        }

        var entry = manifest.Find(path);
        if (entry >= 0 && SyncRules.IsCarried(manifest.TypeOf(entry)))
        {
            seen[entry] = true;
            Judge(entry, copy);
        }
        else if (!rules.IsKept(path))
        {
            difference.MarkNames(manifest.Find(path[..Math.Max(0, path.LastIndexOf((byte)'/'))]));
            surplus.Add(GoneOrMovedEntries.Root, path, copy, isGone: true, GoneOrMovedEntries.None);
        }
    }

    private void Judge(int entry, in ManifestRecord copy)
    {
        var now = manifest[entry];
        var verdict = rules.CompareCopy(copy, now);
        if (now.Links > 1 && now.Type != EntryType.Directory)
            NoteNames(copy.Inode, now.Inode);

        // Whatever was done in a folder moved its time: that alone is put right without asking the source.
        if (now.Type == EntryType.Directory && !rules.IsSameTime(copy.ModifyTime, now.ModifyTime))
            difference.MarkNames(entry);

        if (isOnlyWitness || IsWorse(verdict & EntryState.Verdict, difference.VerdictOf(entry)))
        {
            difference.SetVerdict(entry, verdict & EntryState.Verdict);
            difference.Mark(entry, verdict & ~EntryState.Verdict);
        }
    }

    /// <summary>Files with several names have the same ones on both sides if each inode there is one inode here.</summary>
    private void NoteNames(ulong copy, ulong source)
    {
        copies.TryAdd(source, copy);
        sources.TryAdd(copy, source);
        if (copies[source] == copy && sources[copy] == source)
            return;

        mixed.Add(source);
        mixed.Add(sources[copy]);
    }

    /// <summary>One of its names is another file's here: which of them is right shows only when all are brought over.</summary>
    private void DistrustMixed()
    {
        for (var entry = 1; entry < manifest.Count && mixed.Count > 0; entry++)
        {
            var record = manifest[entry];
            if (
                record.Links > 1
                && record.Type != EntryType.Directory
                && difference.VerdictOf(entry) == EntryState.Same
                && mixed.Contains(record.Inode)
            )
            {
                difference.SetVerdict(entry, EntryState.Suspect);
                difference.Mark(entry, EntryState.LinksDiffer);
            }
        }
    }

    private static bool IsWorse(EntryState found, EntryState known) => known is EntryState.Same or EntryState.Suspect && found > known;
}
