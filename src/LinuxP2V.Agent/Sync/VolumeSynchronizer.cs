using System.Collections;
using System.Diagnostics;
using LinuxP2V.Agent.Copy.Files;
using LinuxP2V.Agent.Copy.Tar;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Listing;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Agent.Streams;
using LinuxP2V.Agent.Volumes;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Sync;

/// <summary>
/// Brings over what changed: the source's new list against the one that the copy was made by. The new list takes the old
/// one's place when all of it is on the disk; a pass that breaks before is done again from its beginning, and trusts
/// nothing that the broken one may have touched.
/// </summary>
/// <param name="smallBytes">
/// Files up to this size are brought over when they may have changed; of larger ones both sides are hashed.
/// </param>
internal sealed class VolumeSynchronizer(IEntryTransfer transfer, long smallBytes = SyncPlan.SmallBytes) : IVolumeSynchronizer
{
    /// <inheritdoc/>
    public async Task<VolumeSyncedEvent> SyncAsync(VolumeWork work, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        if (VolumeExclusion.IsLeftOut(work.Volume))
            return Describe(work, new SyncCounts(), clock.Elapsed, TimeSpan.Zero);

        await EnsureSourceListsAsync(work, cancellationToken);
        var pass = new PassRecord(work.Record);
        pass.Begin();
        // Read while the source lists: a third of the comparison.
        await using var earlier = StoredManifest.Exists(work.Record.ManifestPath)
            ? new BackgroundDecompressor(File.OpenRead(work.Record.ManifestPath))
            : null;
        var scan = new IncidentWatch(work.Sink);
        var reading = await ManifestReader.ReadAsync(work with { Sink = scan }, work.Record.NextManifestPath, cancellationToken);
        var isWhole = scan.Unreadable == 0 && reading.IsWhole;
        if (!isWhole)
            work.Sink.Warning($"{work.Volume.Id}: parts of the source could not be listed: nothing is deleted in this pass.");

        var comparison = await Task.Run(
            () => CompareOrAbandon(work, reading, earlier?.Stream, pass, isWhole, cancellationToken),
            cancellationToken
        );
        var difference = comparison.Difference;
        if (work.Maps is { } maps)
            MappedFileCheck.Run(work, difference, maps);

        using var folder = new TargetFolder(work.Volume.Id, work.TargetPath);
        var flags = await FlagUpdate.LiftAsync(work, cancellationToken);
        var deleted = await Task.Run(() => UpdateNamesAsync(work, comparison, pass, folder, isWhole, cancellationToken), cancellationToken);
        var plan = SyncPlan.Make(difference, smallBytes);
        var otherContents = await new LargeFileUpdate(work, difference, folder).RunAsync(plan, cancellationToken);
        otherContents.UnionWith(plan.Assumed);
        var digests = new ContentDigests(folder, difference, plan.Small);
        await Task.Run(() => digests.Begin(cancellationToken), cancellationToken);

        var incidents = new IncidentWatch(work.Sink);
        var (result, sourceFlags) = await BothAsync(
            token => transfer.TransferAsync(work with { Sink = incidents }, reading.Manifest, plan.Transfer, token),
            token => flags.ReadAsync(difference, token),
            cancellationToken
        );
        await Task.Run(() => otherContents.UnionWith(digests.Changed(cancellationToken)), cancellationToken);
        RestoreTimes(difference, plan, folder);
        await flags.RestoreAsync(sourceFlags, cancellationToken);
        (await Tool.RunAsync("sync", ["-f", work.TargetPath], cancellationToken)).OrThrow(
            ErrorIds.CopyFailed,
            $"The helper could not write {work.Volume.Id} to its disk.",
            "Check the datastore, then synchronise again."
        );
        pass.Commit(isInDoubt: !isWhole || incidents.Missed > 0);
        var counts = SyncCounter.Count(difference, otherContents) with { Deleted = deleted, Bytes = result.Bytes };
        return Describe(work, counts, clock.Elapsed, reading.Duration);
    }

    /// <summary>Side by side; when the first fails, the second ends too.</summary>
    private static async Task<(TFirst First, TSecond Second)> BothAsync<TFirst, TSecond>(
        Func<CancellationToken, Task<TFirst>> firstAsync,
        Func<CancellationToken, Task<TSecond>> secondAsync,
        CancellationToken cancellationToken
    )
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        // Its commands before the second's: the streams are few, and all waits for the files.
        var first = firstAsync(cancellationToken);
        var second = Task.Run(() => secondAsync(stop.Token), stop.Token);
        try
        {
            return (await first, await second);
        }
        finally
        {
            await stop.CancelAsync();
            await ((Task)second).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Before anything changes: without them nothing could be brought over.</summary>
    private static async Task EnsureSourceListsAsync(VolumeWork work, CancellationToken cancellationToken)
    {
        var tools = await work.Streams.ReadToolsAsync(cancellationToken);
        if (new TarScript(tools, work.View, work.Volume).TakesLists)
            return;

        throw new AgentException(
            ErrorIds.CopyFailed,
            $"{work.Streams.Source.Name} cannot be synchronised: its tar takes no lists of files.",
            "Install GNU tar on the source, or copy the volume anew in a new conversion.",
            tools.TarVersion
        );
    }

    /// <summary>What the new list says, and whether a pass may do it. Nothing of the copy is changed yet.</summary>
    /// <exception cref="AgentException">
    /// SourceVolumeReplaced, MassDeletion: the copy is what it was, as if there had been no pass.
    /// </exception>
    private static ListComparison CompareOrAbandon(
        VolumeWork work,
        ManifestReading reading,
        Stream? earlier,
        PassRecord pass,
        bool isWhole,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return Compare(work, reading, earlier, isWhole, cancellationToken);
        }
        catch (AgentException)
        {
            pass.Abandon();
            throw;
        }
    }

    private static ListComparison Compare(
        VolumeWork work,
        ManifestReading reading,
        Stream? earlier,
        bool isWhole,
        CancellationToken cancellationToken
    )
    {
        var difference = new ManifestDifference(reading.Manifest);
        SyncRules? rules = null;
        ManifestDifferenceReader? reader = null;
        if (earlier is not null)
        {
            StoredManifest.Read(
                earlier,
                (ReadOnlySpan<byte> path, in ManifestRecord record) => reader!.Add(path, record),
                header =>
                {
                    SameSource.Ensure(work, header, reading.Header);
                    rules = new SyncRules(work.Volume, header.Start);
                    reader = new ManifestDifferenceReader(difference, rules, header.Tool == ListingTool.Find);
                },
                cancellationToken
            );
        }
        else
        {
            SameSource.Ensure(work, reading.Header);
        }

        reader?.Complete();
        if (reader is not null && isWhole)
        {
            var departed = difference.Departed;
            DeletionLimit.Ensure(
                work,
                departed,
                [.. Enumerable.Range(0, departed.Count).Where(row => departed.IsGone(row) && departed.PlaceOf(row) < 0)],
                reader.Count,
                "The copy was not changed."
            );
        }

        return new ListComparison(difference, rules ?? new SyncRules(work.Volume, Nanoseconds.MinValue / 2), IsOnlyWitness: rules is null);
    }

    /// <returns>How many entries were taken out of the copy.</returns>
    private static async Task<long> UpdateNamesAsync(
        VolumeWork work,
        ListComparison comparison,
        PassRecord pass,
        TargetFolder folder,
        bool isWhole,
        CancellationToken cancellationToken
    )
    {
        var (difference, rules, isOnlyWitness) = comparison;
        foreach (var broken in pass.Broken)
            BrokenPassCheck.Run(broken, difference, rules, cancellationToken);

        var update = new StructureUpdate(difference, folder, isWhole);
        update.Apply(cancellationToken);
        if (!isOnlyWitness && !update.IsInDoubt && !work.IsAltered && pass is { IsInDoubt: false, Broken.Count: 0 })
            return update.Deleted;

        work.Sink.Information($"{work.Volume.Id}: the copy itself is listed too, as the earlier list does not tell all that is in it.");
        var surplus = await new CopyCheck(work, difference, rules, isOnlyWitness).RunAsync(folder, isWhole, cancellationToken);
        return update.Deleted + surplus;
    }

    /// <param name="IsOnlyWitness">There was no earlier list.</param>
    private sealed record ListComparison(ManifestDifference Difference, SyncRules Rules, bool IsOnlyWitness);

    /// <summary>A directory in which the pass worked has the source's time again; those that were brought over have it already.</summary>
    private static void RestoreTimes(ManifestDifference difference, SyncPlan plan, TargetFolder folder)
    {
        var manifest = difference.Manifest;
        var isWorked = new BitArray(manifest.Count);
        isWorked[Manifest.Root] = true;
        foreach (var entry in plan.Transfer)
        {
            if (entry != Manifest.Root)
                isWorked[manifest.ParentOf(entry)] = true;
        }

        foreach (var entry in plan.Large)
            isWorked[manifest.ParentOf(entry)] = true;

        // From the end: each after what is in it.
        for (var entry = manifest.Count - 1; entry >= 0; entry--)
        {
            if (manifest.TypeOf(entry) == EntryType.Directory && (isWorked[entry] || difference.Has(entry, EntryState.NamesMoved)))
                folder.SetModifyTime(manifest.PathOf(entry), manifest[entry].ModifyTime);
        }
    }

    private static VolumeSyncedEvent Describe(VolumeWork work, SyncCounts counts, TimeSpan duration, TimeSpan scan) =>
        new()
        {
            VolumeId = work.Volume.Id,
            Counts = counts,
            Duration = duration,
            ScanDuration = scan,
        };
}
