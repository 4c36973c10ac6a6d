using System.Diagnostics;
using LinuxP2V.Agent.Listing;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Agent.Streams;
using LinuxP2V.Agent.Volumes;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Verify;

/// <summary>
/// Compares a volume with its source: both lists, then what lists do not hold, contents last. Both ends read at the same
/// time, each with its own tools. Of the lists only the source's is kept in memory.
/// </summary>
internal sealed class VolumeVerifier : IVolumeVerifier
{
    public async Task<VolumeVerifiedEvent> VerifyAsync(VolumeWork work, double samplePercent, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        if (VolumeExclusion.IsLeftOut(work.Volume))
        {
            return new VolumeVerifiedEvent
            {
                VolumeId = work.Volume.Id,
                Counts = new VerifyCounts(),
                NotCompared = [$"{work.Volume.Id} is left out by an excluded path."],
                Duration = clock.Elapsed,
            };
        }

        // Tried and measured while the source lists its files.
        var trying = VerifyTools.ReadAsync(work, cancellationToken);
        var listingSource = ManifestReader.ReadAsync(work, null, cancellationToken);
        await Task.WhenAll(trying, listingSource);
        var (tools, listed) = (await trying, await listingSource);
        var source = listed.Manifest;
        var limits = VerifyLimits.Of(work, await work.Streams.ReadToolsAsync(cancellationToken), tools, listed.Header.Tool);

        limits.NotCompared.AddRange(listed.NotListed);
        var changes = await ChangesAsync(work, source, limits, cancellationToken);
        var report = new DifferenceReport(work, source, changes);
        var listing = new ListingComparison(source, report, limits.Precision);
        await VerifyLists.ReadCopyAsync(work, listing.Add, cancellationToken);
        listing.Complete();

        var comparison = new Comparison(work, source, report, new SourceSide(work), new CopySide(work.TargetPath));
        await comparison.RunAsync(
            [.. OfMetadata(listing, tools, listed.Header.Tool, limits.Precision), .. limits.ComparesFlags ? OfFlags(source, listing) : []],
            cancellationToken
        );
        await CompareContentsAsync(work, report, comparison, listing, source, tools, samplePercent, cancellationToken);
        await SettleAsync(work, source, listed.Header.Tool, report, cancellationToken);
        report.Close();
        return new VolumeVerifiedEvent
        {
            VolumeId = work.Volume.Id,
            Counts = new VerifyCounts
            {
                Entries = listing.Entries,
                Files = comparison.Files,
                Bytes = comparison.Bytes,
                Wrong = report.Wrong,
                ChangedOnSource = report.ChangedOnSource,
            },
            NotCompared = limits.NotCompared,
            Duration = clock.Elapsed,
        };
    }

    private static async Task<SourceChanges> ChangesAsync(
        VolumeWork work,
        Manifest source,
        VerifyLimits limits,
        CancellationToken cancellationToken
    )
    {
        if (await VerifyLists.ReadStoredAsync(work, source, cancellationToken) is { } changes)
            return changes;

        limits.NotCompared.Add(
            $"What changed on the source of {work.Volume.Id} since it was copied: "
                + "the copy holds no list of what it was copied from. Every difference counts as wrong."
        );
        return SourceChanges.None(source);
    }

    private static IEnumerable<Batch> OfMetadata(
        ListingComparison listing,
        VerifyTools tools,
        ListingTool lister,
        ListingPrecision precision
    )
    {
        var links = Batch.Of(PropertyCheck.LinkTargets(lister), listing.Matched(type => type == EntryType.Link));
        var devices = Batch.Of(
            PropertyCheck.Devices(),
            listing.Matched(type => type is EntryType.CharacterDevice or EntryType.BlockDevice)
        );
        var attributes =
            precision.HasOwners && tools.Attributes is { } tool
                ? Batch.Of(PropertyCheck.AttributesBy(tool), listing.Matched(type => type != EntryType.Socket))
                : [];
        return [.. links, .. devices, .. attributes];
    }

    private static IEnumerable<Batch> OfFlags(Manifest source, ListingComparison listing) =>
        listing
            .Matched(type => type is EntryType.File or EntryType.Directory)
            .GroupBy(entry => source.PathOf(entry).AsSpan().IndexOf((byte)'\n') >= 0)
            .SelectMany(names => Batch.Of(PropertyCheck.Flags(names.Key), names));

    private static async Task CompareContentsAsync(
        VolumeWork work,
        DifferenceReport report,
        Comparison comparison,
        ListingComparison listing,
        Manifest source,
        VerifyTools tools,
        double samplePercent,
        CancellationToken cancellationToken
    )
    {
        var chosen = RandomSample.Of([.. listing.Contents()], samplePercent, Random.Shared);
        var files = chosen.FindAll(entry => source[entry].Size > 0);
        comparison.Expect(files.Count, files.Sum(entry => source[entry].Size), chosen.Count - files.Count);
        var (sparse, whole) = await SparseFilesAsync(work, report, source, tools, files, cancellationToken);
        var batches = Batch.OfContents(source, whole, isOdd => PropertyCheck.Contents(tools.Hash, isOdd));
        await comparison.RunAsync([.. sparse, .. batches], cancellationToken);
    }

    /// <summary>Large files that are mostly holes are compared by their data, each by a question of its own.</summary>
    private static async Task<(List<Batch> Sparse, List<int> Whole)> SparseFilesAsync(
        VolumeWork work,
        DifferenceReport report,
        Manifest source,
        VerifyTools tools,
        List<int> files,
        CancellationToken cancellationToken
    )
    {
        var (sparse, whole) = (new List<Batch>(), new List<int>(files.Count));
        foreach (var entry in files)
        {
            var record = source[entry];
            if (
                !DataRanges.AreWorthAsking(record)
                || await DataRanges.ReadAsync(work, source.PathOf(entry), record.Size, cancellationToken) is not { } ranges
            )
            {
                whole.Add(entry);
                continue;
            }

            sparse.Add(new Batch(PropertyCheck.SparseContents(tools.Hash, ranges), [entry], ranges.Sum(range => range.Length)));
            if (DataRanges.FirstDataOutside(work.TargetPath, source.PathOf(entry), ranges, cancellationToken) is { } at)
                report.Suspect(entry, DifferenceKind.Content, "a hole", $"data at byte {at}");
        }

        return (sparse, whole);
    }

    /// <summary>What differs may have changed on the source since it was listed: only another list can tell.</summary>
    private static async Task SettleAsync(
        VolumeWork work,
        Manifest source,
        ListingTool lister,
        DifferenceReport report,
        CancellationToken cancellationToken
    )
    {
        if (!report.HasSuspects)
            return;

        var later = await VerifyLists.ReadSourceAgainAsync(work, source, lister, cancellationToken);
        report.Settle(entry => !later.HasChanged(entry));
    }
}
