using LinuxP2V.Bench.Contenders;
using LinuxP2V.Bench.Data;
using LinuxP2V.Bench.Machine;
using LinuxP2V.Bench.Results;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Bench.Agents;

/// <summary>A copy that the agent made and still holds mounted.</summary>
internal sealed class AgentCopy : ISynchronizedCopy
{
    private readonly AgentBench bench;
    private readonly LoopDisk disk;
    private readonly AgentProcess agent;

    private AgentCopy(AgentBench bench, LoopDisk disk, AgentProcess agent) => (this.bench, this.disk, this.agent) = (bench, disk, agent);

    public Measurement Measurement { get; private set; } = new(0, 0, new Dictionary<string, double>());

    /// <summary>How far the copy was, and when.</summary>
    public IReadOnlyList<VolumeProgressEvent> Progress { get; private set; } = [];

    /// <summary>The copy's files, as they are seen from here.</summary>
    public string Folder => agent.Seen(LoopDisk.DataFolder);

    /// <summary>The copy's file system.</summary>
    public string Partition => disk.DataPartition;

    public static async Task<AgentCopy> MakeAsync(
        AgentBench bench,
        SourceVolume source,
        CopyOptions options,
        CancellationToken cancellationToken
    )
    {
        var disk = await LoopDisk.CreateAsync(bench.Work, source, cancellationToken);
        AgentProcess? agent = null;
        try
        {
            agent = await AgentProcess.StartAsync(bench.Agent, disk.Device, cancellationToken);
            var client = agent.Client;
            await client.RunAsync(
                new ConnectSourceRequest { RequestId = client.NextId(), Source = bench.Server.Access() },
                null,
                cancellationToken
            );
            await client.RunAsync(
                new PrepareRequest
                {
                    RequestId = client.NextId(),
                    ConversionId = "bench",
                    Layout = LoopDisk.Layout(source),
                },
                null,
                cancellationToken
            );
            // Not measured: / has nothing to copy, but counts as a volume.
            await client.RunAsync(new CopyRequest { RequestId = client.NextId(), VolumeIds = [LoopDisk.RootId] }, null, cancellationToken);

            var copy = new AgentCopy(bench, disk, agent);
            var (measurement, events) = await copy.TimeAsync(
                new CopyRequest
                {
                    RequestId = client.NextId(),
                    VolumeIds = [source.Folder],
                    Options = options,
                },
                cancellationToken
            );
            (copy.Measurement, copy.Progress) = (measurement, [.. events.OfType<VolumeProgressEvent>()]);
            return copy;
        }
        catch
        {
            if (agent is not null)
                await agent.DisposeAsync();

            await disk.DisposeAsync();
            throw;
        }
    }

    public async Task<Measurement> SyncAsync(SourceVolume source, CancellationToken cancellationToken)
    {
        var request = new SyncRequest { RequestId = agent.Client.NextId(), VolumeIds = [source.Folder] };
        var (measurement, events) = await TimeAsync(request, cancellationToken);
        if (events.OfType<VolumeSyncedEvent>().SingleOrDefault() is { Counts: var counts } synced)
        {
            bench.Say(
                $"created {counts.Created}, changed {counts.Changed}, metadata {counts.MetadataOnly}, renamed {counts.Renamed}, "
                    + $"deleted {counts.Deleted}, {counts.Bytes} bytes, scan {synced.ScanDuration.TotalSeconds:0.00} s"
            );
        }

        return measurement;
    }

    /// <returns>The event of the volume, and how long all took.</returns>
    /// <exception cref="BenchException">The agent told no result.</exception>
    public async Task<(VolumeVerifiedEvent Result, Measurement Measurement)> VerifyAsync(
        SourceVolume source,
        CancellationToken cancellationToken
    )
    {
        var request = new VerifyRequest { RequestId = agent.Client.NextId(), VolumeIds = [source.Folder] };
        var (measurement, events) = await TimeAsync(request, cancellationToken);
        var result =
            events.OfType<VolumeVerifiedEvent>().SingleOrDefault() ?? throw new BenchException("The agent verified, and told no result.");
        return (result, measurement);
    }

    public Task<string?> FindDifferenceAsync(SourceVolume source, TreeJudge judge, CancellationToken cancellationToken) =>
        judge.FindDifferenceAsync(source, Folder, Fidelity.Full, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await agent.DisposeAsync();
        await disk.DisposeAsync();
    }

    /// <summary>By the operation's own events; CPU time up to the moment in which its outcome is read.</summary>
    private async Task<(Measurement Measurement, IReadOnlyList<AgentEvent> Events)> TimeAsync(
        AgentRequest request,
        CancellationToken cancellationToken
    )
    {
        await Caches.DropAsync(cancellationToken);
        using var profile = new CpuProfile();
        var before = agent.CpuSeconds;
        var events = await agent.Client.RunAsync(request, Tell, cancellationToken);
        var own = agent.CpuSeconds - before;
        var (all, programs) = profile.Read();
        var started = events.OfType<OperationStartedEvent>().First().Time;
        return (new Measurement((events[^1].Time - started).TotalSeconds, all, programs, own), events);
    }

    private void Tell(AgentEvent agentEvent)
    {
        if (agentEvent is LogEvent { Level: not LogLevel.Debug } log)
            bench.Say(log.Message);
        else if (agentEvent is CopyIncidentEvent incident)
            bench.Say($"{incident.Kind} {incident.Path} {incident.Detail}");
    }
}
