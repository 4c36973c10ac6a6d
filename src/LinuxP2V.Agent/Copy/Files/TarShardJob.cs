using LinuxP2V.Agent.Copy.Tar;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Listing;
using LinuxP2V.Agent.Source;
using LinuxP2V.Agent.Streams;
using LinuxP2V.Agent.Volumes;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Copy.Files;

/// <summary>What all jobs of one volume's transfer work with.</summary>
internal sealed record TransferContext(
    VolumeWork Work,
    Manifest Manifest,
    TarScript Script,
    StreamCompression Compression,
    TransferProgress Progress,
    IncidentReporter Incidents
)
{
    /// <summary>Files and folders that btrfs is to write in place.</summary>
    public IReadOnlySet<int> NoCow { get; init; } = new HashSet<int>();

    /// <summary>Nothing is written into the copy before.</summary>
    public Task TargetReady { get; init; } = Task.CompletedTask;
}

/// <summary>One shard: tar on the source, a lane, tar here.</summary>
internal sealed class TarShardJob(TransferContext context, IReadOnlyList<int> entries)
{
    private const int BufferBytes = 256 << 10;

    private readonly VolumeWork work = context.Work;

    /// <summary>Brings the entries over and ends when the helper's tar has written all of them.</summary>
    /// <exception cref="AgentException">SourceConnectionLost, TargetDiskFull, CopyFailed, VolumeNotFound.</exception>
    public async Task<ShardResult> RunAsync(CancellationToken cancellationToken)
    {
        // The lane is free for the next shard as soon as the source has sent this one.
        using var sent = await work.Streams.RunAsync(SendAsync, cancellationToken);
        await sent.Extractor.WaitAsync(cancellationToken);
        await sent.Messages.SettlePartlyReadAsync(work, context.Manifest, cancellationToken);
        sent.Messages.Report(context.Incidents);
        context.Progress.Keep(sent.Meter);
        return new ShardResult(sent.Meter.Bytes, sent.Meter.Files, sent.Names.Missing, sent.Messages.HasUnreadable);
    }

    private async Task<SentShard> SendAsync(ISourceLane lane, CancellationToken cancellationToken)
    {
        var messages = new SourceMessages(context.Script.SeesBelowMounts);
        var names = new ShardNames(context.Manifest, entries);
        var meter = new TarMeter((in TarMember member) => names.Accept(member), isPosix: true);
        context.Progress.Watch(meter);
        var extractor = TarExtractor.Start(work.Volume, work.TargetPath, messages.Add, work.Sink, context.Script.AclsAreAttributes);
        try
        {
            using var stream = lane.Start(context.Compression.Wrap(context.Script.Asked()), messages.OnLine, CommandInput.Of(names.List));
            await using var registration = cancellationToken.Register(() =>
            {
                stream.Kill();
                extractor.Kill();
            });
            await context.TargetReady.WaitAsync(cancellationToken);
            var isTargetOpen = await PumpAsync(stream, extractor, meter, cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
            if (!isTargetOpen)
            {
                // The source's end is then only a consequence.
                stream.Kill();
                await extractor.WaitAsync(cancellationToken);
                throw new AgentException(
                    ErrorIds.CopyFailed,
                    $"tar in the helper ended before {work.Volume.Id} was complete.",
                    "Resume the conversion; see the helper's log."
                );
            }

            var exitCode = await stream.WaitAsync(cancellationToken);
            names.Complete();
            messages.Judge(work, exitCode, meter, names);
            return new SentShard(extractor, meter, names, messages);
        }
        catch (Exception exception)
        {
            context.Progress.Forget(meter);
            extractor.Dispose();
            if (exception is UnexpectedArchiveException unexpected)
                throw SourceMessages.Unexpected(work, unexpected);

            throw;
        }
    }

    /// <returns>False when the target's side broke.</returns>
    private Task<bool> PumpAsync(ISourceStream stream, TarExtractor extractor, TarMeter meter, CancellationToken cancellationToken) =>
        Task.Factory.StartNew(
            () =>
            {
                using var from = context.Compression.Unpack(work.Streams.Limiter.Throttle(stream.Output, cancellationToken));
                return TarPump.Run(from, extractor.Input, meter, BufferBytes);
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default
        );

    private sealed record SentShard(TarExtractor Extractor, TarMeter Meter, ShardNames Names, SourceMessages Messages) : IDisposable
    {
        public void Dispose() => Extractor.Dispose();
    }
}

/// <param name="Files">Members that came.</param>
/// <param name="Missing">Entries that did not come, for whatever reason: an incident names it.</param>
/// <param name="HasUnreadable">Not all could be read: a resume asks for it again.</param>
internal sealed record ShardResult(long Bytes, long Files, IReadOnlyList<int> Missing, bool HasUnreadable);
