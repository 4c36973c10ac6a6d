using LinuxP2V.Agent.Copy.Files;
using LinuxP2V.Agent.Session;
using LinuxP2V.Agent.Sync;
using LinuxP2V.Agent.Verify;
using LinuxP2V.Agent.Volumes;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Tests.Session;

/// <summary>When a volume's device may be written over: the root volume carries what is remembered of all others.</summary>
public sealed class BlockOrderTests
{
    private readonly FakeWork work = new();
    private readonly Copier copier = new();

    [Fact]
    public async Task The_root_volume_is_written_over_alone_and_first()
    {
        await CopyAsync(new CopyOptions { Mode = CopyMode.Block });

        Assert.Equal("/ over", copier.Calls[0]);
        Assert.Equal(["/srv over", "/var over"], copier.Calls.Skip(1).Order());
        Assert.Equal(1, copier.AtOnceWithRoot);
    }

    [Fact]
    public async Task The_root_volume_is_not_written_over_once_another_volume_is_there()
    {
        await CopyAsync(new CopyOptions { Mode = CopyMode.Block }, "/var");
        await CopyAsync(new CopyOptions { Mode = CopyMode.Block });
        Assert.Equal(["/ files", "/srv over", "/var over"], copier.Calls.Order());
    }

    [Fact]
    public async Task Nothing_waits_for_the_root_volume_where_it_cannot_keep_still()
    {
        await CopyAsync(new CopyOptions());

        Assert.Equal(["/ files", "/srv over", "/var over"], copier.Calls.Order());
    }

    private async Task CopyAsync(CopyOptions options, params string[] volumes)
    {
        var layout = new TargetLayout
        {
            Firmware = Firmware.Bios,
            Disks = [],
            Volumes = [Volume("/var"), Volume("/"), Volume("/srv")],
        };
        await using var operations = new AgentOperations(
            new AgentParts(work, work, copier, work)
            {
                Synchronizer = new VolumeSynchronizer(new EntryTransfer()),
                Verifier = new VolumeVerifier(),
            },
            new EventRecorder()
        );
        await operations.RunAsync(
            new ConnectSourceRequest
            {
                RequestId = "1",
                Source = new SourceAccess
                {
                    Host = "h",
                    User = "root",
                    HostKeys = [],
                },
            },
            default
        );
        await operations.RunAsync(
            new PrepareRequest
            {
                RequestId = "2",
                ConversionId = "c",
                Layout = layout,
            },
            default
        );
        await operations.RunAsync(
            new CopyRequest
            {
                RequestId = "3",
                VolumeIds = volumes,
                Options = options,
            },
            default
        );
    }

    private static TargetVolume Volume(string mountPoint) =>
        new()
        {
            Id = mountPoint,
            MountPoint = mountPoint,
            Device = DeviceReference.OnDisk(0, 1),
            FileSystem = new FileSystemSpec { Kind = FileSystemKind.Ext4 },
            SourceDevice = "/dev/sda1",
        };

    private sealed class Copier : IVolumeCopier
    {
        private int running;

        public List<string> Calls { get; } = [];

        public int AtOnceWithRoot { get; private set; }

        public async Task<VolumeCopyResult> CopyAsync(VolumeWork work, CancellationToken cancellationToken)
        {
            var count = Interlocked.Increment(ref running);
            lock (Calls)
                Calls.Add($"{work.Volume.Id} {(work.OverwriteAsync is null ? "files" : "over")}");

            await Task.Delay(20, cancellationToken);
            if (work.Volume.Id == "/")
                AtOnceWithRoot = Math.Max(count, running);
            Interlocked.Decrement(ref running);
            return new VolumeCopyResult(1, 1, TimeSpan.Zero);
        }
    }
}
