using LinuxP2V.Agent.Source;
using LinuxP2V.Agent.Streams;
using LinuxP2V.Agent.Tests.Session;
using LinuxP2V.Agent.Tests.Source;
using LinuxP2V.Agent.Volumes;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Tests.Copy;

/// <summary>A real sshd, a volume to copy from and one to copy to.</summary>
public abstract class CopyTestBase : IDisposable
{
    private readonly string state = Directory.CreateTempSubdirectory("p2v-state-").FullName;

    /// <summary>A folder beside the volumes, which nothing of the source may reach; it goes with the test.</summary>
    private protected string Outside { get; } = Directory.CreateTempSubdirectory("p2v-outside-").FullName;

    private protected TestSshServer Server { get; } = new();

    private protected LoopVolume From { get; } = new(96);

    private protected LoopVolume To { get; } = new(96);

    private protected EventRecorder Events { get; } = new();

    /// <summary>The private folder of the agent's connections.</summary>
    private protected string State => state;

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        From.Dispose();
        To.Dispose();
        Server.Dispose();
        Assert.Empty(Directory.GetDirectories(state));
        Directory.Delete(state, recursive: true);
        Directory.Delete(Outside, recursive: true);
    }

    private protected Task<ISource> ConnectAsync(TestSshServer? server = null) =>
        new SshSourceConnector(state).ConnectAsync((server ?? Server).Access(), Events, default);

    private protected async Task<VolumeCopyResult> CopyAsync(IVolumeCopier copier, TargetVolume volume, string? target = null)
    {
        await using var source = await ConnectAsync();
        return await CopyAsync(copier, source, volume, target ?? To.MountPoint, default);
    }

    private protected async Task<VolumeCopyResult> CopyAsync(
        IVolumeCopier copier,
        ISource source,
        TargetVolume volume,
        string target,
        CancellationToken cancellationToken,
        BandwidthLimiter? limiter = null
    )
    {
        var work = await WorkAsync(source, volume, target, limiter);
        await using var streams = work.Streams;
        return await copier.CopyAsync(work, cancellationToken);
    }

    private protected Task<VolumeWork> WorkAsync(ISource source, TargetVolume volume, string target, BandwidthLimiter? limiter = null) =>
        Works.CreateAsync(source, volume, target, Events, new CopyOptions { StreamCount = 2, Compression = CopyCompression.None }, limiter);
}
