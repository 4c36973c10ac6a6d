using LinuxP2V.Agent.Copy.Files;
using LinuxP2V.Agent.Copy.Tar;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Listing;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Agent.Streams;
using LinuxP2V.Agent.Volumes;

namespace LinuxP2V.Agent.Sync;

/// <summary>
/// Large files of which the ctime alone moved: where both sides' contents prove the same, names and metadata are put right
/// without bringing the contents over.
/// </summary>
internal sealed class LargeFileUpdate(VolumeWork work, ManifestDifference difference, TargetFolder folder)
{
    private readonly Manifest manifest = difference.Manifest;

    /// <summary>Puts right what it can, and the rest into the plan's transfer.</summary>
    /// <returns>Entries whose contents are others.</returns>
    /// <exception cref="AgentException">SourceConnectionLost, TargetDiskFull, CopyFailed.</exception>
    public async Task<HashSet<int>> RunAsync(SyncPlan plan, CancellationToken cancellationToken)
    {
        if (plan.Large.Count == 0)
            return [];

        var equal = await new LargeFiles(work, manifest).FindEqualAsync(plan.Large, cancellationToken);
        var others = plan.Large.Where(entry => !equal.Contains(entry)).ToHashSet();
        var leaders = new Dictionary<ulong, int>();
        foreach (var entry in equal.Order())
            leaders.TryAdd(manifest[entry].Inode, entry);

        // A name whose contents are others means that the copy holds two files where the source has one.
        var settled = LinkNames(leaders);
        others.ExceptWith(settled);
        var headers = await GiveMetadataAsync([.. leaders.Values.Order()], cancellationToken);
        others.UnionWith(headers);
        plan.Settle(others, settled.Where(entry => !headers.Contains(leaders[manifest[entry].Inode])).ToHashSet());
        return others;
    }

    /// <summary>Gives each file the names that the source's has.</summary>
    /// <returns>The names that it has now.</returns>
    private HashSet<int> LinkNames(Dictionary<ulong, int> leaders)
    {
        var names = new HashSet<int>();
        for (var entry = 0; entry < manifest.Count; entry++)
        {
            var record = manifest[entry];
            if (record.Type != EntryType.File || record.Links < 2 || !leaders.TryGetValue(record.Inode, out var leader))
                continue;

            var existing = manifest.PathOf(leader);
            var name = manifest.PathOf(entry);
            if (entry == leader || folder.Read(name)?.Inode == folder.Read(existing)?.Inode || folder.Link(existing, name))
                names.Add(entry);
        }

        return names;
    }

    /// <returns>Those that changed meanwhile, or are gone: they must be brought over.</returns>
    private async Task<HashSet<int>> GiveMetadataAsync(IReadOnlyList<int> entries, CancellationToken cancellationToken)
    {
        var changed = new HashSet<int>();
        if (entries.Count == 0)
            return changed;

        var script = new TarScript(await work.Streams.ReadToolsAsync(cancellationToken), work.View, work.Volume);
        var incidents = new IncidentReporter(work.Volume.Id, work.Volume.MountPoint!, work.Sink);
        await using var progress = new TransferProgress(work.Volume.Id, work.Sink, 0, entries.Count);
        // Headers alone are not worth a compression.
        var context = new TransferContext(work, manifest, script, StreamCompression.None, progress, incidents);
        var paths = new TargetPaths(work.TargetPath, manifest);
        await FileMetadata.CleanAsync(
            work,
            async () =>
            {
                foreach (var entry in entries)
                {
                    var header = await work.Streams.RunAsync(
                        (lane, token) =>
                            SourceHeader.ReadAsync(
                                context,
                                entry,
                                new SourceMessages(seesBelowMounts: true),
                                lane,
                                findsHoles: false,
                                token
                            ),
                        cancellationToken
                    );
                    var record = manifest[entry];
                    if (header is { IsFile: true } && header.Size == record.Size && IsSameSecond(header.ModifyTime, record.ModifyTime))
                        await FileMetadata.GiveAsync(context, header, paths[entry], "/" + manifest.TextOf(entry), cancellationToken);
                    else
                        changed.Add(entry);
                }
            }
        );
        await progress.CompleteAsync();
        return changed;
    }

    /// <summary>Old formats of tar carry no more.</summary>
    private static bool IsSameSecond(Nanoseconds one, Nanoseconds other) => Nanoseconds.Abs(one - other) < 1_000_000_000;
}
