using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Services;
using LinuxP2V.Agent.Source;
using LinuxP2V.Agent.Storage;
using LinuxP2V.Agent.Streams;
using LinuxP2V.Agent.Views;
using LinuxP2V.Agent.Volumes;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Session;

/// <summary>One request's work on volumes: streams to the source that all share, and for each a view of the source.</summary>
internal sealed class VolumeRun(MountedTarget mounted, ISource source, CopyOptions options, BandwidthLimiter limiter, IEventSink sink)
{
    /// <summary>Several keep each other's pauses filled; more would only be in each other's way on the source's disks.</summary>
    private const int VolumesAtOnce = 3;

    /// <summary>For a pass behind stopped services.</summary>
    public CutoverMaps? Maps { get; init; }

    private readonly string conversionId = (mounted.Journal as TargetJournal)?.ConversionId ?? "";

    /// <summary>
    /// Works on several volumes at once, begun in order. The first failure ends the others: what breaks one volume breaks
    /// the conversion, and what they have done so far is remembered.
    /// </summary>
    /// <param name="actAsync">Reads the source, by a view of it that is gone afterwards.</param>
    /// <param name="complete">Notes what came of it, once the view is known to have held to its end.</param>
    /// <param name="first">One of them that is done alone before the others.</param>
    /// <param name="unread">What becomes of a volume some of whose files the source cannot read, where that is not allowed.</param>
    /// <exception cref="AgentException">FilesUnreadable, once all volumes are done; what they throw.</exception>
    public async Task RunAsync<T>(
        IReadOnlyList<TargetVolume> volumes,
        Func<VolumeWork, CancellationToken, Task<T>> actAsync,
        Action<TargetVolume, T> complete,
        TargetVolume? first,
        UnreadRule unread,
        CancellationToken cancellationToken
    )
    {
        var unreadable = new UnreadableFiles(sink);
        await using var streams = new CopyStreams(source, options, limiter, sink);
        await streams.ReadToolsAsync(cancellationToken);
        if (options.Snapshot)
            await SnapshotLeftovers.RemoveAsync(streams, conversionId, sink, cancellationToken);

        async Task ActAsync(TargetVolume volume, CancellationToken token)
        {
            var ofVolume = new UnreadableFiles(unreadable);
            var result = await SourceViews.UseAsync(
                streams,
                volume,
                conversionId,
                Math.Min(volumes.Count, VolumesAtOnce),
                sink,
                (view, viewToken) => actAsync(WorkOn(volume, view, streams, ofVolume), viewToken),
                token
            );
            if (ofVolume.Count == 0 || options.AllowUnreadable || unread != UnreadRule.IsIncomplete)
                complete(volume, result);
        }

        if (first is not null)
            await ActAsync(first, cancellationToken);

        await VolumeQueue.RunAsync([.. volumes.Where(volume => volume != first)], VolumesAtOnce, ActAsync, cancellationToken);
        if (unreadable.Count > 0 && !options.AllowUnreadable && unread != UnreadRule.IsNoMatter)
            throw unreadable.ToException(source.Name, "Everything else is in the copy.");
    }

    private VolumeWork WorkOn(TargetVolume volume, ISourceView view, CopyStreams streams, IEventSink volumeSink) =>
        new()
        {
            Volume = volume,
            TargetPath = mounted.VolumePaths[volume.Id],
            TargetDevice = mounted.VolumeDevices.GetValueOrDefault(volume.Id, ""),
            Record = mounted.RecordOf(volume),
            IsAltered = mounted.Journal.IsAltered(volume.Id),
            View = view,
            Streams = streams,
            Sink = volumeSink,
            Maps = Maps,
            OtherMountPoints = mounted
                .Layout.Volumes.Where(other => other.Id != volume.Id)
                .Select(other => other.MountPoint)
                .OfType<string>()
                .ToHashSet(StringComparer.Ordinal),
        };
}

/// <summary>What a request makes of files that the source cannot read.</summary>
internal enum UnreadRule
{
    /// <summary>It tells of them, as it tells of all else.</summary>
    IsNoMatter,

    /// <summary>The pass is done, and fails: the next one reads them again.</summary>
    Fails,

    /// <summary>The volume counts as not copied yet: a resume reads them again, and nothing else.</summary>
    IsIncomplete,
}
