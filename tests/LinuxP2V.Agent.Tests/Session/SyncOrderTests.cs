using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Session;
using LinuxP2V.Agent.Storage;
using LinuxP2V.Agent.Verify;
using LinuxP2V.Agent.Volumes;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Tests.Session;

/// <summary>What a sync means for what comes before and after it, by a real journal.</summary>
public sealed class SyncOrderTests : IAsyncLifetime
{
    private readonly string root = Directory.CreateTempSubdirectory("p2v-order-").FullName;
    private readonly EventRecorder events = new();
    private readonly FakeWork work = new();
    private readonly FakePass pass = new();
    private readonly TargetLayout layout;
    private readonly AgentOperations operations;
    private int requests;

    public SyncOrderTests()
    {
        layout = new TargetLayout
        {
            Firmware = Firmware.Bios,
            Disks = [],
            Volumes = [Volume("/"), Volume("/var")],
        };
        operations = new AgentOperations(
            new AgentParts(new Disks(root), work, work, work) { Synchronizer = pass, Verifier = new VolumeVerifier() },
            events
        );
    }

    private TargetJournal Journal => TargetJournal.Open(root)!;

    public async Task InitializeAsync()
    {
        Directory.CreateDirectory(root + "/var");
        await RunAsync(id => new PrepareRequest
        {
            RequestId = id,
            ConversionId = "c",
            Layout = layout,
        });
        await ConnectAsync();
        await RunAsync(id => new CopyRequest { RequestId = id });
    }

    public async Task DisposeAsync()
    {
        await operations.DisposeAsync();
        Directory.Delete(root, recursive: true);
    }

    [Fact]
    public async Task A_sync_after_a_reconfiguration_takes_every_volume_and_makes_it_void()
    {
        await ReconfigureAsync();
        Assert.True(Journal.IsReconfigured);
        Assert.True(Journal.IsAltered("/var"));

        // The helper has forgotten the source before programs of the copy ran.
        Assert.False(operations.HasSource);
        var forgotten = await Assert.ThrowsAsync<AgentException>(() => SyncAsync("/"));
        Assert.Equal(ErrorIds.SourceCredentialRequired, forgotten.Error.Id);
        await ConnectAsync();
        await SyncAsync("/");

        Assert.Equal(["/ altered", "/var altered"], pass.Calls.Order());
        Assert.False(Journal.IsReconfigured);
        Assert.False(Journal.IsAltered("/") || Journal.IsAltered("/var") || Journal.IsSynchronizing);
        Assert.Equal(["/", "/var"], events.Of<VolumeSyncedEvent>().Select(e => e.VolumeId).Order());
        await SyncAsync("/var");
        Assert.Equal("/var", pass.Calls[^1]);
        Assert.Equal(3, pass.Calls.Count);
        await ReconfigureAsync();
        Assert.True(Journal.IsReconfigured);
    }

    [Fact]
    public async Task A_finished_copy_leaves_the_services_of_its_source_as_they_are()
    {
        await RunAsync(id => new FinishRequest { RequestId = id });

        var late = await Assert.ThrowsAsync<AgentException>(() =>
            RunAsync(id => new StartServicesRequest { RequestId = id, Stopped = ["app.service"] })
        );

        Assert.Equal(ErrorIds.OperationOutOfOrder, late.Error.Id);
    }

    [Fact]
    public async Task A_sync_that_broke_in_mid_pass_must_be_done_again_before_the_copy_is_used()
    {
        await ReconfigureAsync();
        await ConnectAsync();
        pass.OnPass = work =>
        {
            if (work.Volume.Id == "/var")
                return;

            work.Record.Create();
            File.WriteAllText(work.Record.NextManifestPath, "");
            throw new AgentException(ErrorIds.SourceConnectionLost, "It broke.", "Again.");
        };
        await Assert.ThrowsAsync<AgentException>(() => SyncAsync());

        var early = await Assert.ThrowsAsync<AgentException>(ReconfigureAsync);
        var finish = await Assert.ThrowsAsync<AgentException>(() => RunAsync(id => new FinishRequest { RequestId = id }));

        Assert.Equal((ErrorIds.OperationOutOfOrder, ErrorIds.OperationOutOfOrder), (early.Error.Id, finish.Error.Id));
        pass.Calls.Clear();
        pass.OnPass = work =>
        {
            if (work.Volume.Id == "/")
                File.Delete(work.Record.NextManifestPath);
        };
        await SyncAsync("/var");
        Assert.Contains("/ altered", pass.Calls);
        await ReconfigureAsync();
        Assert.Equal("reconfigure", work.Calls[^1]);
    }

    [Fact]
    public async Task A_sync_that_never_came_to_change_anything_holds_nothing_up()
    {
        pass.OnPass = _ => throw new AgentException(ErrorIds.HelperCannotReachSource, "It is off.", "On.");
        await Assert.ThrowsAsync<AgentException>(() => SyncAsync());

        await ReconfigureAsync();

        Assert.True(Journal.IsReconfigured);
    }

    [Fact]
    public async Task A_sync_needs_a_whole_copy()
    {
        await using var fresh = new AgentOperations(
            new AgentParts(new Disks(root), work, work, work) { Synchronizer = pass, Verifier = new VolumeVerifier() },
            events
        );
        await fresh.RunAsync(
            new PrepareRequest
            {
                RequestId = "p",
                ConversionId = "c",
                Layout = layout,
            },
            default
        );

        var error = await Assert.ThrowsAsync<AgentException>(() => fresh.RunAsync(new SyncRequest { RequestId = "s" }, default));

        Assert.Equal(ErrorIds.OperationOutOfOrder, error.Error.Id);
        Assert.Empty(pass.Calls);
    }

    [Fact]
    public async Task A_pass_that_met_unreadable_files_is_done_and_fails_unless_they_are_allowed()
    {
        pass.OnPass = work => ReportUnreadable(work.Volume, work.Sink);

        var error = await Assert.ThrowsAsync<AgentException>(() => SyncAsync());

        Assert.Equal(ErrorIds.FilesUnreadable, error.Error.Id);
        Assert.Contains("cannot read 1 of its files", error.Error.Cause, StringComparison.Ordinal);
        Assert.Contains("/var/bad (read error)", error.Error.Cause, StringComparison.Ordinal);
        Assert.Equal(["/", "/var"], events.Of<VolumeSyncedEvent>().Select(e => e.VolumeId).Order());
        // The copy lacks something: nothing goes on with it unasked.
        Assert.Equal(ErrorIds.OperationOutOfOrder, (await Assert.ThrowsAsync<AgentException>(ReconfigureAsync)).Error.Id);
        await RunAsync(id => new SyncRequest
        {
            RequestId = id,
            Options = new CopyOptions { AllowUnreadable = true },
        });
        await ReconfigureAsync();
        Assert.Equal(2, events.Of<CopyIncidentEvent>().Count);
    }

    [Fact]
    public async Task A_volume_with_unreadable_files_is_not_copied_yet_unless_they_are_allowed()
    {
        var disks = Directory.CreateDirectory(root + "/fresh");
        await using var fresh = new AgentOperations(
            new AgentParts(new Disks(disks.FullName), work, work, work) { Synchronizer = pass, Verifier = new VolumeVerifier() },
            events
        );
        var prepare = new PrepareRequest
        {
            RequestId = "p",
            ConversionId = "c",
            Layout = layout,
        };
        var connect = new ConnectSourceRequest
        {
            RequestId = "c",
            Source = new SourceAccess
            {
                Host = "h",
                User = "root",
                HostKeys = [],
            },
        };
        await fresh.RunAsync(prepare, default);
        await fresh.RunAsync(connect, default);
        work.OnCopy = (volume, sink, _) =>
        {
            ReportUnreadable(volume, sink);
            return Task.CompletedTask;
        };

        var error = await Assert.ThrowsAsync<AgentException>(() => fresh.RunAsync(new CopyRequest { RequestId = "1" }, default));

        Assert.Equal(ErrorIds.FilesUnreadable, error.Error.Id);
        var journal = TargetJournal.Open(disks.FullName)!;
        // Everything else went on to its end.
        Assert.Equal((true, false), (journal.IsVolumeComplete("/"), journal.IsVolumeComplete("/var")));
        var allowed = new CopyRequest
        {
            RequestId = "2",
            Options = new CopyOptions { AllowUnreadable = true },
        };
        await fresh.RunAsync(allowed, default);
        Assert.True(TargetJournal.Open(disks.FullName)!.IsVolumeComplete("/var"));
    }

    private static void ReportUnreadable(TargetVolume volume, IEventSink sink)
    {
        if (volume.Id == "/var")
            new IncidentReporter(volume.Id, "/var", sink).Report(new CopyIncident(CopyIncidentKind.Unreadable, "/bad", "read error"));
    }

    private static TargetVolume Volume(string mountPoint) =>
        new()
        {
            Id = mountPoint,
            Device = DeviceReference.OnDisk(0, 1),
            FileSystem = new FileSystemSpec { Kind = FileSystemKind.Ext4 },
            MountPoint = mountPoint,
            SourceDevice = "/dev/sda1",
        };

    private Task SyncAsync(params string[] volumes) => RunAsync(id => new SyncRequest { RequestId = id, VolumeIds = volumes });

    private Task ConnectAsync() =>
        RunAsync(id => new ConnectSourceRequest
        {
            RequestId = id,
            Source = new SourceAccess
            {
                Host = "h",
                User = "root",
                HostKeys = [],
            },
        });

    private Task ReconfigureAsync() =>
        RunAsync(id => new ReconfigureRequest
        {
            RequestId = id,
            Options = new ReconfigureOptions { RunningKernel = "6.1" },
        });

    private Task RunAsync(Func<string, AgentRequest> make) => operations.RunAsync(make($"{++requests}"), default);

    private sealed class FakePass : IVolumeSynchronizer
    {
        public List<string> Calls { get; } = [];

        public Action<VolumeWork> OnPass { get; set; } = _ => { };

        public Task<VolumeSyncedEvent> SyncAsync(VolumeWork work, CancellationToken cancellationToken)
        {
            lock (Calls)
            {
                Calls.Add(work.Volume.Id + (work.IsAltered ? " altered" : ""));
            }

            OnPass(work);
            return Task.FromResult(
                new VolumeSyncedEvent
                {
                    VolumeId = work.Volume.Id,
                    Counts = new SyncCounts
                    {
                        Created = 0,
                        Changed = 0,
                        MetadataOnly = 0,
                        Renamed = 0,
                        Deleted = 0,
                        Bytes = 0,
                    },
                    Duration = TimeSpan.Zero,
                    ScanDuration = TimeSpan.Zero,
                }
            );
        }
    }

    private sealed class Disks(string root) : ITargetStorage
    {
        public Task<MountedTarget> PrepareAsync(
            string conversionId,
            TargetLayout layout,
            IEventSink sink,
            CancellationToken cancellationToken
        ) =>
            Task.FromResult(
                new MountedTarget
                {
                    Layout = layout,
                    VolumePaths = layout.Volumes.ToDictionary(v => v.Id, v => root + v.MountPoint!.TrimEnd('/')),
                    VolumeDevices = new Dictionary<string, string>(),
                    DiskDevices = new Dictionary<int, string>(),
                    Journal = TargetJournal.Create(root, conversionId, "h", [.. layout.Volumes.Select(v => v.Id)]),
                }
            );

        public Task ReleaseAsync(MountedTarget target, IEventSink sink, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task OverwriteAsync(
            MountedTarget target,
            TargetVolume volume,
            Func<CancellationToken, Task> writeAsync,
            IEventSink sink,
            CancellationToken cancellationToken
        ) => writeAsync(cancellationToken);

        public Task MarkFinishedAsync(MountedTarget target, IEventSink sink, CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
