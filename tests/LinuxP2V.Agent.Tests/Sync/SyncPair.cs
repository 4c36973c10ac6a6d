using LinuxP2V.Agent.Copy;
using LinuxP2V.Agent.Copy.Files;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Services;
using LinuxP2V.Agent.Source;
using LinuxP2V.Agent.Storage;
using LinuxP2V.Agent.Sync;
using LinuxP2V.Agent.Tests.Copy;
using LinuxP2V.Agent.Tests.Session;
using LinuxP2V.Agent.Tests.Source;
using LinuxP2V.Agent.Verify;
using LinuxP2V.Agent.Volumes;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Tests.Sync;

/// <summary>A source volume, its copy and the way between, as the agent uses them. The tools that compare are others.</summary>
internal sealed class SyncPair : IDisposable
{
    public const long SmallBytes = 1 << 20;

    private readonly TestSshServer server;
    private readonly string state = Directory.CreateTempSubdirectory("p2v-state-").FullName;
    private ISource? source;

    /// <param name="network">Between the two; null: the loopback.</param>
    public SyncPair(
        string? replacedTools = null,
        int targetMegabytes = 64,
        Func<LoopVolume>? makeVolume = null,
        TestNetwork? network = null
    )
    {
        // Before the server: its own view of mounts must have them.
        (From, To) = (makeVolume?.Invoke() ?? new LoopVolume(), makeVolume?.Invoke() ?? new LoopVolume(targetMegabytes));
        server = new TestSshServer(replacedTools: replacedTools, network: network);
    }

    public LoopVolume From { get; }

    public LoopVolume To { get; }

    public EventRecorder Events { get; } = new();

    /// <summary>Called when the copy has its list and has brought nothing yet.</summary>
    public Action? OnListed { get; set; }

    /// <summary>Absolute paths on the source.</summary>
    public string[] Excluded { get; set; } = [];

    public CopyOptions Options { get; set; } = new() { StreamCount = 2 };

    public VolumeRecord Record { get; private set; } = null!;

    /// <summary>As in a pass behind stopped services.</summary>
    public CutoverMaps? Maps { get; set; }

    /// <summary>Changes the source.</summary>
    public void Do(string script) => Shell.Run(script, From.MountPoint);

    /// <summary>Until what was written so far is surely older than a list that begins now.</summary>
    public static void Settle()
    {
        // A list is as old as the second it begins in; what was written in the last tenth before that may be younger.
        var millisecond = DateTime.UtcNow.Millisecond;
        Thread.Sleep((millisecond < 880 ? 1150 : 2150) - millisecond);
    }

    public Task CopyAsync(IVolumeCopier? copier = null) =>
        WorkAsync(async work => await (copier ?? new VolumeCopier()).CopyAsync(work, default), default);

    public async Task<VolumeSyncedEvent> SyncAsync(bool isAltered = false, CancellationToken cancellationToken = default)
    {
        VolumeSyncedEvent? pass = null;
        await WorkAsync(
            async work =>
                pass = await new VolumeSynchronizer(new EntryTransfer(), SmallBytes).SyncAsync(
                    work with
                    {
                        IsAltered = isAltered,
                        Maps = Maps,
                    },
                    cancellationToken
                ),
            cancellationToken
        );
        return pass!;
    }

    /// <summary>Compares as the product does.</summary>
    public async Task<VolumeVerifiedEvent> VerifyAsync()
    {
        VolumeVerifiedEvent? verified = null;
        await WorkAsync(async work => verified = await new VolumeVerifier().VerifyAsync(work, 100, default), default);
        return verified!;
    }

    /// <summary>Contents and all metadata are alike, and names of one file here are names of one file there.</summary>
    public void AssertEqual()
    {
        Assert.Equal(Listing(From), Listing(To));
        Assert.Equal("", Shell.Run("find . -maxdepth 1 -name '.linuxp2v-*'", To.MountPoint));
    }

    /// <summary>How many entries of each kind a pass touched.</summary>
    public static (long Created, long Changed, long MetadataOnly, long Renamed, long Deleted) Counts(VolumeSyncedEvent pass) =>
        (pass.Counts.Created, pass.Counts.Changed, pass.Counts.MetadataOnly, pass.Counts.Renamed, pass.Counts.Deleted);

    public void Dispose()
    {
        source?.DisposeAsync().AsTask().GetAwaiter().GetResult();
        server.Dispose();
        From.Dispose();
        To.Dispose();
        Assert.Empty(Directory.GetDirectories(state));
        Directory.Delete(state, recursive: true);
    }

    private static string[] Listing(LoopVolume volume) => volume.Fingerprint().Split('\n');

    private async Task WorkAsync(Func<VolumeWork, Task> act, CancellationToken cancellationToken)
    {
        source ??= await new SshSourceConnector(state).ConnectAsync(server.Access(), Events, cancellationToken);
        var work = await Works.CreateAsync(source, From.Describe(Excluded), To.MountPoint, new Listener(this), Options);
        await using var streams = work.Streams;
        Record = work.Record;
        await act(work);
    }

    private sealed class Listener(SyncPair pair) : IEventSink
    {
        public void Report(AgentEvent agentEvent)
        {
            pair.Events.Report(agentEvent);
            if (agentEvent is LogEvent log && log.Message.Contains("listing them took", StringComparison.Ordinal))
                pair.OnListed?.Invoke();
        }
    }
}
