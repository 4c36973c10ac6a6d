using LinuxP2V.Agent.Copy.Tar;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Listing;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Agent.Streams;
using LinuxP2V.Agent.Volumes;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Copy.Files;

/// <summary>
/// One transfer of entries of one volume, in this order: folders, shards and ranges over all streams at once, names that
/// take the place of vanished ones, links, folders' metadata; then everything is written to the disk.
/// </summary>
internal sealed class TransferRun
{
    /// <summary>Of names that travel because another one vanished.</summary>
    private const int LateShardFiles = 1000;

    private const long LeastMeasuredBytes = 64L << 20;

    private readonly VolumeWork work;
    private readonly Manifest manifest;
    private readonly IReadOnlyList<int> entries;
    private readonly TransferSettings settings;
    private readonly TarScript script;
    private readonly StreamCompression compression;
    private readonly LinkGroups links;

    private TransferRun(
        VolumeWork work,
        Manifest manifest,
        IReadOnlyList<int> entries,
        TransferSettings settings,
        TarScript script,
        StreamCompression compression
    )
    {
        (this.work, this.manifest, this.entries, this.settings) = (work, manifest, entries, settings);
        (this.script, this.compression) = (script, compression);
        links = LinkGroups.Find(manifest, entries);
        Plan = ShardPlan.Make(manifest, entries, links, settings);
    }

    public ShardPlan Plan { get; }

    /// <inheritdoc cref="TransferContext.NoCow"/>
    public IReadOnlySet<int> NoCow { get; init; } = new HashSet<int>();

    /// <param name="entries">Rising.</param>
    /// <param name="noCow">Files and folders that btrfs is to write in place.</param>
    public static async Task<TransferRun> PrepareAsync(
        VolumeWork work,
        Manifest manifest,
        IReadOnlyList<int> entries,
        TransferSettings settings,
        CancellationToken cancellationToken,
        IReadOnlySet<int>? noCow = null
    )
    {
        var script = new TarScript(await work.Streams.ReadToolsAsync(cancellationToken), work.View, work.Volume);
        if (!script.TakesLists)
        {
            throw new AgentException(
                ErrorIds.CopyFailed,
                $"The tar on {work.Streams.Source.Name} takes no lists of files.",
                "Install GNU tar on the source."
            );
        }

        // A pass that brings little is over before the measuring would be.
        var compression =
            work.Streams.Options.Compression == CopyCompression.Auto && BytesOf(manifest, entries) < LeastMeasuredBytes
                ? StreamCompression.None
                : await work.Streams.ChooseCompressionAsync(FileSample.DataOf(work, manifest), cancellationToken);
        return new TransferRun(work, manifest, entries, settings, script, compression) { NoCow = noCow ?? new HashSet<int>() };
    }

    /// <param name="finished">Units that the copy has.</param>
    /// <param name="log">
    /// Gets the units that are done; null for a copy that is not begun from nothing: what is there may be in the way.
    /// </param>
    /// <returns>What is in the copy by it, what it had before included.</returns>
    public async Task<TransferResult> RunAsync(
        IReadOnlyDictionary<int, FinishedUnit> finished,
        ShardLog? log,
        CancellationToken cancellationToken
    )
    {
        var incidents = new IncidentReporter(work.Volume.Id, work.Volume.MountPoint!, work.Sink);
        await using var progress = new TransferProgress(work.Volume.Id, work.Sink, Plan.Bytes, CountFiles());
        var tree = new CopyTree(work.Volume, work.TargetPath, manifest, incidents.Report) { NoCow = NoCow };
        var isNew = log is not null && finished.Count == 0;
        var context = new TransferContext(work, manifest, isNew ? script.ForNewCopy() : script, compression, progress, incidents)
        {
            NoCow = NoCow,
        };
        IReadOnlyList<(int Folder, FileStatus Status)> folders = [];
        await FileMetadata.CleanAsync(work, async () => folders = await BringAsync(context, tree, finished, log, cancellationToken));
        // Much of what came goes to the disk while links and folders follow.
        await Task.WhenAll(
            VolumeFlush.RunAsync(work.TargetPath, work.Volume.Id, cancellationToken),
            CompleteTreeAsync(context, tree, folders, cancellationToken)
        );
        await VolumeFlush.RunAsync(work.TargetPath, work.Volume.Id, cancellationToken);
        incidents.Close();
        await progress.CompleteAsync();
        return progress.Done;
    }

    /// <summary>What follows when all data is there: names, links, folders' metadata.</summary>
    private async Task CompleteTreeAsync(
        TransferContext context,
        CopyTree tree,
        IReadOnlyList<(int Folder, FileStatus Status)> folders,
        CancellationToken cancellationToken
    )
    {
        await RunLateAsync(context, tree, cancellationToken);
        foreach (var group in links.All)
        {
            if (group.Leader >= 0)
                context.Progress.Add(0, await tree.LinkAsync(group, cancellationToken));
        }

        tree.ClearAttributesOfKept();
        var directories = entries.Where(entry => manifest.TypeOf(entry) == EntryType.Directory).Concat(tree.Unasked);
        foreach (var gone in (await new DirectoryPass(context).RunAsync(directories, cancellationToken)).Reverse())
            tree.Remove(gone);

        tree.RestoreTimes(folders);
    }

    private static long BytesOf(Manifest manifest, IReadOnlyList<int> entries)
    {
        if (entries.Count == manifest.Count)
            return manifest.TotalBytes;

        long bytes = 0;
        foreach (var entry in entries)
            bytes += manifest.TypeOf(entry) == EntryType.File ? manifest[entry].Size : 0;

        return bytes;
    }

    /// <summary>
    /// Makes the copy ready and brings the units. Into a copy that is there already the source's commands start meanwhile:
    /// to look at what is there takes as long as their start. A first copy waits, as its streams are measured.
    /// </summary>
    /// <returns>The folders whose times are to be restored.</returns>
    private async Task<IReadOnlyList<(int Folder, FileStatus Status)>> BringAsync(
        TransferContext context,
        CopyTree tree,
        IReadOnlyDictionary<int, FinishedUnit> finished,
        ShardLog? log,
        CancellationToken cancellationToken
    )
    {
        var isUpdate = log is null;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var preparing = Task.Run(
            () => new CopyPreparation(context, tree, entries, links).RunAsync(isUpdate, HalfWritten(finished), stop.Token),
            stop.Token
        );
        try
        {
            if (!isUpdate)
                await preparing;

            await RunUnitsAsync(context with { TargetReady = preparing }, tree, finished, log, cancellationToken);
            return await preparing;
        }
        finally
        {
            // Whoever comes next must not meet it still at work.
            await stop.CancelAsync();
            await ((Task)preparing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task RunUnitsAsync(
        TransferContext context,
        CopyTree tree,
        IReadOnlyDictionary<int, FinishedUnit> finished,
        ShardLog? log,
        CancellationToken cancellationToken
    )
    {
        var ranged = Plan
            .Units.OfType<RangeUnit>()
            .GroupBy(unit => unit.Entry)
            .ToDictionary(
                group => group.Key,
                group => new RangedFile(
                    context,
                    tree,
                    group.Key,
                    group.Select(unit => finished.GetValueOrDefault(unit.Number)).OfType<FinishedUnit>().ToDictionary(unit => unit.Number)
                )
            );
        try
        {
            await InParallelAsync(
                InOrder(Plan.Units.Where(unit => unit is RangeUnit || !finished.ContainsKey(unit.Number))),
                (unit, token) =>
                    unit switch
                    {
                        ShardUnit shard => RunShardAsync(context, tree, shard, log, token),
                        RangeUnit range => RunRangeAsync(context, tree, ranged[range.Entry], range, log, token),
                        _ => throw new InvalidOperationException($"{unit} is of no known kind."),
                    },
                cancellationToken
            );
            foreach (var unit in finished.Values.Where(unit => Plan.Units[unit.Number] is ShardUnit))
                context.Progress.Add(unit.Bytes, unit.Files);

            await InParallelAsync(ranged.Values, (file, token) => CompleteAsync(file, tree, token), cancellationToken);
        }
        finally
        {
            foreach (var file in ranged.Values)
                file.Dispose();
        }
    }

    /// <summary>What an earlier run may have left half written.</summary>
    private IEnumerable<int> HalfWritten(IReadOnlyDictionary<int, FinishedUnit> finished) =>
        finished.Count == 0
            ? []
            : Plan.Units.OfType<ShardUnit>().Where(unit => !finished.ContainsKey(unit.Number)).SelectMany(Plan.EntriesOf);

    /// <summary>
    /// The large ones first, so that none of them is still under way when all else is done; the rest as they lie on
    /// the disk.
    /// </summary>
    private static IEnumerable<TransferUnit> InOrder(IEnumerable<TransferUnit> units) =>
        units.OrderBy(unit => unit is RangeUnit ? 0 : 1).ThenByDescending(unit => unit is ShardUnit { Files: 1 } ? unit.Bytes : 0);

    private async Task RunShardAsync(
        TransferContext context,
        CopyTree tree,
        ShardUnit shard,
        ShardLog? log,
        CancellationToken cancellationToken
    )
    {
        var result = await new TarShardJob(context, Plan.EntriesOf(shard)).RunAsync(cancellationToken);
        Remove(tree, result.Missing);
        if (!result.HasUnreadable)
            log?.Finish(new FinishedUnit(shard.Number, result.Bytes, result.Files));
    }

    private static async Task RunRangeAsync(
        TransferContext context,
        CopyTree tree,
        RangedFile file,
        RangeUnit range,
        ShardLog? log,
        CancellationToken cancellationToken
    )
    {
        await context.TargetReady.WaitAsync(cancellationToken);
        var state = await file.OpenAsync(cancellationToken);
        if (state == RangedState.Gone)
        {
            tree.Remove(file.Entry);
        }
        else if (file.IsKept(range))
        {
            file.AddKept(range);
        }
        else if (state == RangedState.Open)
        {
            // What could not be read is read again by a resume, which then tells of it again.
            if (await file.ReadAsync(range, cancellationToken) is { } bytes)
                log?.Finish(new FinishedUnit(range.Number, bytes, 0, file.Stamp));
        }
        else if (range.Offset == 0)
        {
            // All of it stands for its first range.
            var result = await new TarShardJob(context, [file.Entry]).RunAsync(cancellationToken);
            Remove(tree, result.Missing);
            if (!result.HasUnreadable)
                log?.Finish(new FinishedUnit(range.Number, result.Bytes, result.Files, file.Stamp));
        }
    }

    private static async Task CompleteAsync(RangedFile file, CopyTree tree, CancellationToken cancellationToken)
    {
        if (await file.OpenAsync(cancellationToken) == RangedState.Open && !await file.CompleteAsync(cancellationToken))
            tree.Remove(file.Entry);
    }

    /// <summary>
    /// Where the name that should have come is gone from the source, the file's next name comes. Where another file stands
    /// in its place by now, or the file changed, all names go to one tar: it knows which of them are still one file.
    /// </summary>
    private async Task RunLateAsync(TransferContext context, CopyTree tree, CancellationToken cancellationToken)
    {
        while (true)
        {
            var late = new List<int>();
            var split = new List<List<int>>();
            foreach (var group in links.All)
            {
                if (group.Leader < 0)
                    continue;

                if (!tree.IsThere(group.Leader))
                {
                    group.DropLeader();
                    if (group.Leader >= 0)
                        late.Add(group.Leader);
                }
                else if (group.Followers.Any() && !tree.IsAsListed(group.Leader))
                {
                    context.Incidents.Report(new CopyIncident(CopyIncidentKind.Changed, tree.TextOf(group.Leader), null));
                    if (split.Count == 0 || split[^1].Count >= LateShardFiles)
                        split.Add([]);

                    split[^1].AddRange(group.Split());
                }
            }

            if (late.Count == 0 && split.Count == 0)
                return;

            IReadOnlyList<IReadOnlyList<int>> names = [.. late.Order().Chunk(LateShardFiles), .. split];
            await InParallelAsync(
                names,
                async (chunk, token) => Remove(tree, (await new TarShardJob(context, chunk).RunAsync(token)).Missing),
                cancellationToken
            );
        }
    }

    private static void Remove(CopyTree tree, IReadOnlyList<int> missing)
    {
        foreach (var entry in missing)
            tree.Remove(entry);
    }

    /// <summary>More at once than there are streams: each free stream finds work waiting.</summary>
    private Task InParallelAsync<T>(IEnumerable<T> items, Func<T, CancellationToken, Task> run, CancellationToken cancellationToken) =>
        ParallelJobs.RunAsync(items, settings.JobsFor(work.Streams.Options.StreamCount ?? 0), run, cancellationToken);

    private long CountFiles() =>
        Plan.Files + entries.Count(entry => manifest.TypeOf(entry) == EntryType.Directory) + links.All.Sum(group => group.Names.Count - 1L);
}
