using LinuxP2V.Agent.Copy.Files;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Reconfigure;
using LinuxP2V.Agent.Session;
using LinuxP2V.Agent.Source;
using LinuxP2V.Agent.Storage;
using LinuxP2V.Agent.Streams;
using LinuxP2V.Agent.Sync;
using LinuxP2V.Agent.Verify;
using LinuxP2V.Agent.Volumes;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Tests.Session;

/// <summary>Stands in for disks, reconfiguration, source and copy, so that the session alone is on trial.</summary>
internal sealed class FakeWork : ITargetStorage, IReconfigurer, IVolumeCopier, ISourceConnector, IPowerSwitch
{
    public List<string> Calls { get; } = [];

    public FakeJournal Journal { get; } = new();

    /// <summary>What a copy does between its beginning and its end.</summary>
    public Func<TargetVolume, IEventSink, CancellationToken, Task> OnCopy { get; set; } = (_, _, _) => Task.CompletedTask;

    public bool IsPowerOff { get; private set; }

    /// <summary>Of the last copy.</summary>
    public BandwidthLimiter? Limiter { get; private set; }

    public AgentParts Parts =>
        new(this, this, this, this) { Synchronizer = new VolumeSynchronizer(new EntryTransfer()), Verifier = new VolumeVerifier() };

    public Task<MountedTarget> PrepareAsync(string conversionId, TargetLayout layout, IEventSink sink, CancellationToken cancellationToken)
    {
        Add("prepare");
        return Task.FromResult(
            new MountedTarget
            {
                Layout = layout,
                VolumePaths = layout.Volumes.Where(v => v.MountPoint is not null).ToDictionary(v => v.Id, v => "/nowhere" + v.MountPoint),
                VolumeDevices = new Dictionary<string, string>(),
                DiskDevices = new Dictionary<int, string>(),
                Journal = Journal,
            }
        );
    }

    public Task ReleaseAsync(MountedTarget target, IEventSink sink, CancellationToken cancellationToken)
    {
        Add("release");
        return Task.CompletedTask;
    }

    public Task OverwriteAsync(
        MountedTarget target,
        TargetVolume volume,
        Func<CancellationToken, Task> writeAsync,
        IEventSink sink,
        CancellationToken cancellationToken
    )
    {
        Add($"overwrite {volume.Id}");
        return writeAsync(cancellationToken);
    }

    public Task MarkFinishedAsync(MountedTarget target, IEventSink sink, CancellationToken cancellationToken)
    {
        Add("mark");
        return Task.CompletedTask;
    }

    public Task RunAsync(MountedTarget target, ReconfigureOptions options, IEventSink sink, CancellationToken cancellationToken)
    {
        Add("reconfigure");
        return Task.CompletedTask;
    }

    public async Task<VolumeCopyResult> CopyAsync(VolumeWork work, CancellationToken cancellationToken)
    {
        Limiter = work.Streams.Limiter;
        Add($"copy {work.Volume.Id}");
        await OnCopy(work.Volume, work.Sink, cancellationToken);
        return new VolumeCopyResult(10, 2, TimeSpan.FromSeconds(1));
    }

    public Task<ISource> ConnectAsync(SourceAccess access, IEventSink sink, CancellationToken cancellationToken)
    {
        Add("connect");
        return Task.FromResult<ISource>(new NoSource());
    }

    public Task PowerOffAsync(bool isFinished)
    {
        IsPowerOff = true;
        return Task.CompletedTask;
    }

    private void Add(string call)
    {
        lock (Calls)
        {
            Calls.Add(call);
        }
    }

    internal sealed class FakeJournal : ITargetJournal
    {
        private readonly HashSet<string> complete = [];

        public bool IsReconfigured { get; private set; }

        public bool IsVolumeComplete(string volumeId) => complete.Contains(volumeId);

        public void MarkVolumeComplete(string volumeId, long bytes, long files) => complete.Add(volumeId);

        public void MarkReconfiguring() { }

        public void MarkReconfigured() => IsReconfigured = true;

        public bool IsAltered(string volumeId) => IsReconfigured;

        public bool IsSynchronizing { get; private set; }

        public void MarkSynchronizing() => (IsReconfigured, IsSynchronizing) = (false, true);

        public void MarkVolumeSynchronized(string volumeId) => Synchronized.Add(volumeId);

        public void MarkSynchronized() => IsSynchronizing = false;

        public List<string> Synchronized { get; } = [];
    }

    private sealed class NoSource : ISource
    {
        public string Name => "none";

        public Task<SourceResult> RunAsync(string script, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ISourceStream Start(string script, Action<string>? onError = null) => throw new NotSupportedException();

        public Task<ISourceLane> OpenLaneAsync(CancellationToken cancellationToken) => Task.FromResult<ISourceLane>(new TarLane());

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    /// <summary>Has a tar, whatever it is asked.</summary>
    private sealed class TarLane : ISourceLane
    {
        public ISourceStream Start(string script, Action<string>? onError = null, CommandInput? input = null) => new Answer();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private sealed class Answer : ISourceStream
        {
            public Stream Output { get; } = new MemoryStream("tar=yes\n"u8.ToArray());

            public Task<int> WaitAsync(CancellationToken cancellationToken) => Task.FromResult(0);

            public void Kill() { }

            public void Dispose() => Output.Dispose();
        }
    }
}
