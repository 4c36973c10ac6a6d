using System.Text.Json;
using System.Threading.Channels;
using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Helpers;
using LinuxP2V.Protocol;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Tests.Conversions;

/// <summary>An agent in memory that keeps the protocol's reservations: ids run once, events replayed, work goes on unattended.</summary>
internal sealed class FakeAgent : IAgentConnector
{
    private readonly object gate = new();
    private readonly List<AgentEvent> events = [];
    private readonly HashSet<string> seen = [];
    private FakeChannel? channel;
    private bool hasSource;
    private int releases;

    public string BootId { get; private set; } = "boot-1";

    /// <summary>Operations in the order in which they really ran.</summary>
    public List<string> Ran { get; } = [];

    /// <summary>Operation name to the error of its next run.</summary>
    public Dictionary<string, ErrorDescription> FailOnce { get; } = [];

    /// <summary>Operation name to a gate that its run waits at.</summary>
    public Dictionary<string, TaskCompletionSource> HoldAt { get; } = [];

    /// <summary>Every request that really ran, and every limit that was set, in order.</summary>
    public List<AgentRequest> Requests { get; } = [];

    public IEnumerable<double?> Limits => Requests.OfType<SetLimitsRequest>().Select(r => r.BandwidthLimitMbps);

    /// <summary>What a pass finds.</summary>
    public VolumeSyncedEvent Synced { get; set; } =
        new()
        {
            VolumeId = "/",
            Counts = new SyncCounts
            {
                Created = 1,
                Changed = 2,
                MetadataOnly = 3,
                Renamed = 4,
                Deleted = 5,
                Bytes = 60,
            },
            Duration = TimeSpan.FromSeconds(7),
            ScanDuration = TimeSpan.FromSeconds(6),
        };

    /// <summary>What a comparison finds.</summary>
    public List<DifferenceEvent> Differences { get; } = [];

    /// <summary>Services of the source that this daemon knows to be stopped.</summary>
    public List<string> Stopped { get; } = [];

    /// <summary>Services that do not run on the source, whatever daemon knows of it.</summary>
    public HashSet<string> Down { get; } = [];

    /// <summary>It stops services, and its word of that never arrives.</summary>
    public bool DieSilently { get; set; }

    /// <summary>Told by the next copy before all else.</summary>
    public VolumeResumedEvent? Resumed { get; set; }

    public int Connections { get; private set; }

    /// <summary>So many attempts to connect fail.</summary>
    public int RefuseConnections { get; set; }

    /// <summary>The helper has a new host key: who expects the old one is refused.</summary>
    public string? HostKey { get; set; }

    public bool IsIdle
    {
        get
        {
            lock (gate)
            {
                return seen.All(id => events.Any(e => Outcome(e) == id));
            }
        }
    }

    public Action? OnFinished { get; set; }

    public TaskCompletionSource<string> Entered { get; private set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<IAgentChannel> ConnectAsync(HelperEndpoint helper, ConversionKey key, CancellationToken cancellationToken)
    {
        if (RefuseConnections > 0)
        {
            RefuseConnections--;
            throw new IOException("refused");
        }

        if (HostKey is not null && helper.HostKey != HostKey)
        {
            throw new P2VException(ErrorIds.HelperHostKeyMismatch, "another key", "look");
        }

        Connections++;
        channel = new FakeChannel(this);
        return Task.FromResult<IAgentChannel>(channel);
    }

    public void DropConnection() => channel!.Dispose();

    public void Restart()
    {
        lock (gate)
        {
            BootId = $"boot-{int.Parse(BootId[5..], System.Globalization.CultureInfo.InvariantCulture) + 1}";
            events.Clear();
            seen.Clear();
            hasSource = false;
            Stopped.Clear();
            releases = 0;
        }

        DropConnection();
    }

    /// <summary>What it does when it was left alone for long with services stopped.</summary>
    public void ReleaseServices()
    {
        lock (gate)
        {
            releases++;
            Report(new OperationStartedEvent { RequestId = "start-alone" });
            StartStopped();
            Report(new OperationCompletedEvent { RequestId = "start-alone" });
        }
    }

    private void Receive(FakeChannel channel, AgentRequest request)
    {
        switch (request)
        {
            case HelloRequest hello:
                Greet(channel, hello);
                break;
            case CancelRequest:
                foreach (var hold in HoldAt.Values)
                {
                    hold.TrySetCanceled();
                }

                Report(new OperationCompletedEvent { RequestId = request.RequestId });
                break;
            case SetLimitsRequest:
                lock (gate)
                {
                    if (seen.Add(request.RequestId))
                    {
                        Requests.Add(request);
                        Report(new OperationCompletedEvent { RequestId = request.RequestId });
                    }
                }

                break;
            default:
                lock (gate)
                {
                    if (seen.Add(request.RequestId))
                    {
                        _ = Task.Run(() => WorkAsync(request));
                    }
                }

                break;
        }
    }

    private void Greet(FakeChannel channel, HelloRequest hello)
    {
        lock (gate)
        {
            channel.Send(
                new HelloEvent
                {
                    Version = ProtocolVersion.Current,
                    BootId = BootId,
                    LastSequence = events.Count,
                    HasSource = hasSource,
                    ServiceReleases = releases,
                    ActiveRequestId = seen.FirstOrDefault(id => !events.Any(e => Outcome(e) == id)),
                }
            );
            foreach (var missed in events.Where(e => e.Sequence > hello.AfterSequence))
            {
                channel.Send(missed);
            }
        }
    }

    private async Task WorkAsync(AgentRequest request)
    {
        var operation = request.RequestId.Split('-')[0];
        lock (gate)
        {
            Ran.Add(operation);
            Requests.Add(request);
        }

        Report(new OperationStartedEvent { RequestId = request.RequestId });
        Work(request);
        Entered.TrySetResult(operation);
        try
        {
            if (HoldAt.TryGetValue(operation, out var hold))
            {
                await hold.Task;
            }
        }
        catch (OperationCanceledException)
        {
            Report(
                new OperationFailedEvent
                {
                    RequestId = request.RequestId,
                    Error = new ErrorDescription(ErrorIds.OperationCancelled, "stopped", "resume"),
                }
            );
            return;
        }

        if (FailOnce.Remove(operation, out var error))
        {
            Report(new OperationFailedEvent { RequestId = request.RequestId, Error = error });
            return;
        }

        if (LacksSource(request))
        {
            var needed = new ErrorDescription(ErrorIds.SourceCredentialRequired, "no credential", "send it");
            Report(new OperationFailedEvent { RequestId = request.RequestId, Error = needed });
            return;
        }

        switch (request)
        {
            case ConnectSourceRequest:
                hasSource = true;
                break;
            case CopyRequest:
                Report(
                    new CopyIncidentEvent
                    {
                        VolumeId = "/",
                        Path = "/a\nb",
                        Kind = CopyIncidentKind.Changed,
                    }
                );
                Report(
                    new VolumeCopiedEvent
                    {
                        VolumeId = "/",
                        Bytes = 10,
                        Files = 2,
                        Duration = TimeSpan.FromSeconds(1),
                    }
                );
                break;
            case SyncRequest:
                Report(Synced);
                break;
            case VerifyRequest:
                Report(
                    new VolumeVerifiedEvent
                    {
                        VolumeId = "/",
                        Counts = new VerifyCounts
                        {
                            Entries = 100,
                            Files = 80,
                            Bytes = 4000,
                            Wrong = Differences.Count(d => !d.ChangedOnSource),
                            ChangedOnSource = Differences.Count(d => d.ChangedOnSource),
                        },
                        NotCompared = ["no getfattr"],
                        Duration = TimeSpan.FromSeconds(1),
                    }
                );
                break;
            case FinishRequest:
                OnFinished?.Invoke();
                break;
        }

        Report(new OperationCompletedEvent { RequestId = request.RequestId });
    }

    /// <summary>The end of a cutover takes the source's timer away, or starts its services.</summary>
    private bool LacksSource(AgentRequest request) => !hasSource && Stopped.Count > 0 && (request is StartServicesRequest or FinishRequest);

    /// <summary>What an operation has done before it can fail.</summary>
    private void Work(AgentRequest request)
    {
        switch (request)
        {
            case CopyRequest when Resumed is { } resumed:
                Report(resumed);
                break;
            case VerifyRequest:
                Differences.ForEach(Report);
                break;
            case StopServicesRequest stop:
                Adopt(stop.Stopped);
                if (DieSilently)
                {
                    Down.UnionWith(stop.Services);
                    break;
                }

                Stopped.AddRange(stop.Services.Where(Down.Add));
                Tell(isOngoing: HoldAt.ContainsKey("stop"));
                break;
            case ReconfigureRequest:
                hasSource = false;
                break;
            case StartServicesRequest start when hasSource && !FailOnce.ContainsKey("start"):
                Adopt(start.Stopped);
                StartStopped();
                break;
        }
    }

    private void Adopt(IReadOnlyList<string> stopped) => Stopped.AddRange(stopped.Where(Down.Contains).Except(Stopped).ToList());

    private void StartStopped()
    {
        Down.ExceptWith(Stopped);
        Stopped.Clear();
        Tell(isOngoing: false);
    }

    private void Tell(bool isOngoing) => Report(new SourceServicesEvent { Stopped = [.. Stopped], IsOngoing = isOngoing });

    /// <summary>Progress is not numbered, and goes to whoever listens.</summary>
    public void Tell(VolumeProgressEvent progress) =>
        channel?.Send(progress with { Time = progress.Time == default ? DateTimeOffset.UtcNow : progress.Time });

    private void Report(AgentEvent agentEvent)
    {
        lock (gate)
        {
            agentEvent = agentEvent with { Sequence = events.Count + 1, Time = DateTimeOffset.UtcNow };
            events.Add(agentEvent);
            channel?.Send(agentEvent);
        }
    }

    private static string? Outcome(AgentEvent agentEvent) =>
        agentEvent switch
        {
            OperationCompletedEvent completed => completed.RequestId,
            OperationFailedEvent failed => failed.RequestId,
            _ => null,
        };

    private sealed class FakeChannel(FakeAgent agent) : IAgentChannel
    {
        private readonly Channel<string> lines = Channel.CreateUnbounded<string>();

        public void Send(AgentEvent agentEvent) =>
            lines.Writer.TryWrite(JsonSerializer.Serialize(agentEvent, ProtocolJson.Default.AgentEvent));

        public Task WriteLineAsync(string line, CancellationToken cancellationToken)
        {
            agent.Receive(this, JsonSerializer.Deserialize(line, ProtocolJson.Default.AgentRequest)!);
            return Task.CompletedTask;
        }

        public async Task<string?> ReadLineAsync(CancellationToken cancellationToken) =>
            await lines.Reader.WaitToReadAsync(cancellationToken) && lines.Reader.TryRead(out var line) ? line : null;

        public void Dispose() => lines.Writer.TryComplete();
    }
}
