using LinuxP2V.Engine.Conversions;
using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Helpers;
using LinuxP2V.Engine.Sources;
using LinuxP2V.Engine.Sources.Model;
using LinuxP2V.Engine.Tasks;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Tests.Conversions;

public sealed partial class ConversionManagerTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly string _folder = Directory.CreateTempSubdirectory("linuxp2v-test").FullName;
    private readonly FakeAgent _agent = new();
    private readonly FakeDestination _destination;
    private readonly SourceSecrets _secrets = new() { Password = "s3cret-word" };

    public ConversionManagerTests()
    {
        _destination = new FakeDestination(_agent);
        _agent.OnFinished = PowerOffFinished;
        File.WriteAllText(Path.Combine(_folder, "helper.iso"), "");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_conversion_goes_through_every_state_and_stores_no_secret()
    {
        var manager = Manager();
        var done = await RunAsync(manager, manager.Create(NewTask()).Id);

        Assert.Equal(ConversionState.Completed, done.State);
        Assert.Equal(["connect", "prepare", "copy", "reconfigure", "finish"], _agent.Ran);
        Assert.True(_destination.IsHandedOver);
        Assert.Equal(1, done.IncidentCount);
        Assert.Equal(new VolumeState("/", 10, 10, 2, 2, true), Assert.Single(done.Volumes));
        Assert.Equal(
            [ConversionState.Queued, ConversionState.DeployingHelper, ConversionState.HelperReady, ConversionState.Preparing, ConversionState.Copying, ConversionState.Synchronized, ConversionState.Reconfiguring, ConversionState.Finishing],
            done.Phases.Select(p => p.State));
        foreach (var file in Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories))
        {
            var text = await File.ReadAllTextAsync(file);
            Assert.DoesNotContain("s3cret-word", text, StringComparison.Ordinal);
            Assert.DoesNotContain("PRIVATE KEY", text, StringComparison.Ordinal);
        }

        Assert.Contains("/a\\x0ab", await File.ReadAllTextAsync(manager.GetLogPath(done.Id)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Create", null)]
    [InlineData("PowerOn", null)]
    [InlineData("Attach", null)]
    [InlineData(null, "connect")]
    [InlineData(null, "prepare")]
    [InlineData(null, "copy")]
    [InlineData(null, "reconfigure")]
    [InlineData(null, "finish")]
    [InlineData("Finish", null)]
    public async Task A_driver_that_vanishes_at_any_step_is_followed_by_another_and_nothing_runs_twice(string? call, string? operation)
    {
        var task = NewTask();
        var store = new ConversionStore(_folder);
        var id = Manager().Create(task).Id;
        var never = new TaskCompletionSource();
        var hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (call is not null)
        {
            _destination.HoldAt[call] = never.Task;
        }
        else
        {
            _agent.HoldAt[operation!] = hold;
        }

        var dying = new DyingConnector(_agent);

        // The first driver stands still for ever, as a killed one does; its lock goes with it.
        var log = new ConversionLog(Path.Combine(_folder, "first.log"), NullConsole.Instance);
        var first = new ConversionDriver(new ConversionTracker(store, log, store.Find(id)!), _destination, null, _secrets, Options(), dying, NullConsole.Instance);
        _ = first.RunAsync(ConversionState.Completed, CancellationToken.None);
        await UntilAsync(() => call is not null ? _destination.Calls.Contains(call) : _agent.Ran.Contains(operation!));
        if (call is not null)
        {
            _destination.HoldAt.Clear();
        }
        else
        {
            _agent.HoldAt.Clear();
            dying.IsDead = true;
            _agent.DropConnection();
            hold.SetResult();
        }

        var second = Manager();
        var done = await RunAsync(second, id);

        Assert.True(done.State == ConversionState.Completed, done.Error?.ToString());
        Assert.Equal(_agent.Ran.Distinct(), _agent.Ran);
        Assert.Equal(1, done.IncidentCount);
        Assert.True(_destination.IsHandedOver);
    }

    [Fact]
    public async Task A_failed_operation_is_told_with_its_id_and_a_resume_tries_it_again()
    {
        _agent.FailOnce["copy"] = new ErrorDescription(ErrorIds.TargetDiskFull, "disk 0 is full", "make it larger");
        var manager = Manager();
        var failed = await RunAsync(manager, manager.Create(NewTask()).Id);

        Assert.Equal(ConversionState.Failed, failed.State);
        Assert.Equal(ConversionState.Copying, failed.InterruptedState);
        Assert.Equal(ErrorIds.TargetDiskFull, failed.Error!.Id);
        Assert.Equal("make it larger", failed.Error.Remedy);

        manager.Drive(failed.Id, _destination, _secrets, Options(), NullConsole.Instance);
        var resumed = Manager().Get(failed.Id);
        Assert.NotEqual(ConversionState.Failed, resumed.State);
        Assert.Null(resumed.Error);

        var done = await manager.WaitAsync(failed.Id, null, Timeout());
        Assert.Equal(ConversionState.Completed, done.State);
        Assert.Null(done.Error);
    }

    [Fact]
    public async Task A_dropped_connection_loses_no_event_and_repeats_no_work()
    {
        var hold = _agent.HoldAt["copy"] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var manager = Manager();
        var id = manager.Create(NewTask()).Id;
        manager.Drive(id, _destination, _secrets, Options(), NullConsole.Instance);
        await UntilAsync(() => _agent.Ran.Contains("copy"));
        _agent.DropConnection();
        await UntilAsync(() => _agent.Connections > 1);
        hold.SetResult();

        var done = await manager.WaitAsync(id, null, Timeout());
        Assert.Equal(ConversionState.Completed, done.State);
        Assert.Equal(1, done.IncidentCount);
        Assert.Single(_agent.Ran, "copy");
    }

    [Fact]
    public async Task A_helper_that_restarts_in_mid_copy_is_gone_on_with()
    {
        _agent.HoldAt["copy"] = new TaskCompletionSource();
        var manager = Manager();
        var id = manager.Create(NewTask()).Id;
        manager.Drive(id, _destination, _secrets, Options(), NullConsole.Instance);
        await UntilAsync(() => _agent.Ran.Contains("copy"));
        _agent.HoldAt.Clear();
        _agent.Restart();

        var done = await manager.WaitAsync(id, null, Timeout());
        Assert.Equal(ConversionState.Completed, done.State);
        Assert.Equal(2, _agent.Ran.Count(o => o == "prepare"));
    }

    [Fact]
    public async Task A_stop_asked_for_by_another_process_stops_the_agent_and_keeps_the_machine()
    {
        _agent.HoldAt["copy"] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var manager = Manager();
        var id = manager.Create(NewTask()).Id;
        manager.Drive(id, _destination, _secrets, Options(), NullConsole.Instance);
        await UntilAsync(() => _agent.Ran.Contains("copy"));

        var other = Manager();
        Assert.True(other.IsDriven(id));
        Assert.Throws<P2VException>(() => other.Drive(id, _destination, null, Options(), NullConsole.Instance));
        var stopped = await other.StopAsync(id, Timeout());

        Assert.Equal(ConversionState.Stopped, stopped.State);
        Assert.Equal(ConversionState.Copying, stopped.InterruptedState);
        Assert.Equal(id, _destination.Owner);

        _agent.HoldAt.Clear();
        Assert.Equal(ConversionState.Completed, (await RunAsync(other, id)).State);
    }

    [Fact]
    public async Task A_stop_that_comes_before_an_operation_was_asked_for_waits_for_no_outcome_of_it()
    {
        using var session = new HelperSession(
            _agent,
            new HelperEndpoint("127.0.0.1", 22, "ssh-ed25519 AAAA", _agent.BootId),
            ConversionKey.Generate("c1"),
            _ => Task.CompletedTask,
            NullConsole.Instance,
            Patience,
            _ => Task.CompletedTask);
        await session.ConnectAsync(Timeout());
        await session.CancelAsync("prepare-1", CancellationToken.None).WaitAsync(Patience);
        Assert.Empty(_agent.Ran);
    }

    [Fact]
    public async Task Without_a_credential_a_helper_that_forgot_it_is_not_guessed_at()
    {
        var manager = Manager();
        var id = manager.Create(NewTask()).Id;
        manager.Drive(id, _destination, null, Options(), NullConsole.Instance);
        var failed = await manager.WaitAsync(id, null, Timeout());
        Assert.Equal(ErrorIds.SourceCredentialRequired, failed.Error!.Id);
        Assert.Empty(_agent.Ran);
    }

    [Fact]
    public async Task Step_by_step_each_call_goes_one_state_on()
    {
        var manager = Manager();
        var id = manager.Create(NewTask()).Id;
        foreach (var state in new[] { ConversionState.HelperReady, ConversionState.Synchronized, ConversionState.Reconfiguring, ConversionState.Completed })
        {
            manager.Drive(id, _destination, _secrets, Options(), NullConsole.Instance, through: state);
            Assert.Equal(state, (await manager.WaitAsync(id, null, Timeout())).State);
        }

        Assert.Single(_agent.Ran, "reconfigure");
    }

    [Fact]
    public async Task A_missing_helper_image_fails_before_a_machine_is_made()
    {
        var manager = Manager();
        var id = manager.Create(NewTask()).Id;
        manager.Drive(id, _destination, _secrets, new DriveOptions(Path.Combine(_folder, "none.iso")), NullConsole.Instance);
        var failed = await manager.WaitAsync(id, null, Timeout());
        Assert.Equal(ErrorIds.HelperImageMissing, failed.Error!.Id);
        Assert.Null(_destination.Owner);
    }

    [Fact]
    public async Task Removing_deletes_the_machine_only_when_asked()
    {
        var manager = Manager();
        var kept = await RunAsync(manager, manager.Create(NewTask()).Id);
        await manager.RemoveAsync(kept.Id, null, CancellationToken.None);
        Assert.DoesNotContain("Delete", _destination.Calls);
        var missing = Assert.Throws<P2VException>(() => manager.Get(kept.Id));
        Assert.Equal(ErrorIds.ConversionNotFound, missing.ErrorId);
    }

    [Fact]
    public async Task A_conversion_takes_a_place_makes_its_VM_there_and_gives_it_back_at_the_end()
    {
        var wanted = new PlacementSettings { VMHost = "HostSystem-host-7" };
        _destination.Places = [new MachinePlace(wanted, "host-7", ["store-1"])];
        var hold = _agent.HoldAt["copy"] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var manager = Manager();
        var (id, next) = (manager.Create(NewTask()).Id, manager.Create(NewTask()).Id);
        var limits = new ThrottleLimits(Total: 4, PerHost: 1);
        manager.Drive(id, _destination, _secrets, Options(), NullConsole.Instance, limits);
        await UntilAsync(() => _agent.Ran.Contains("copy"));
        manager.Drive(next, _destination, _secrets, Options(), NullConsole.Instance, limits);

        Assert.Equal(wanted, _destination.CreatedAt);
        await Task.Delay(300);
        Assert.Equal(ConversionState.Queued, manager.Get(next).State);
        await manager.StopAsync(next, Timeout());
        Assert.Equal(ConversionState.Queued, manager.Get(next).InterruptedState);

        hold.SetResult();
        Assert.Equal(ConversionState.Completed, (await manager.WaitAsync(id, null, Timeout())).State);
        _destination.Places = [new MachinePlace(wanted, "host-7", [])];
        manager.Drive(next, _destination, null, Options(), NullConsole.Instance, limits);
        // Its VM has the name of the first one's: how it ends is not the matter here, but that it began.
        Assert.Contains((await manager.WaitAsync(next, null, Timeout())).Phases, phase => phase.State == ConversionState.DeployingHelper);
    }

    private ConversionManager Manager() => new(_folder, _agent);

    private DriveOptions Options() => new(Path.Combine(_folder, "helper.iso"));

    private async Task<Conversion> RunAsync(ConversionManager manager, string id)
    {
        manager.Drive(id, _destination, _secrets, Options(), NullConsole.Instance);
        return await manager.WaitAsync(id, null, Timeout());
    }

    private void PowerOffFinished()
    {
        _destination.IsFinished = true;
        _destination.Power = MachinePower.PoweredOff;
    }

    private static CancellationToken Timeout() => new CancellationTokenSource(Patience).Token;

    private static async Task UntilAsync(Func<bool> condition)
    {
        var end = DateTime.UtcNow + Patience;
        while (!condition())
        {
            Assert.True(DateTime.UtcNow < end, "waited in vain");
            await Task.Delay(10);
        }
    }

    /// <summary>The connector of a driver that will be dead: its next connection never comes.</summary>
    private sealed class DyingConnector(IAgentConnector connector) : IAgentConnector
    {
        public bool IsDead { get; set; }

        public async Task<IAgentChannel> ConnectAsync(HelperEndpoint helper, ConversionKey key, CancellationToken cancellationToken)
        {
            if (IsDead)
            {
                await new TaskCompletionSource().Task;
            }

            return await connector.ConnectAsync(helper, key, cancellationToken);
        }
    }

    [Fact]
    public void A_list_shows_what_another_process_wrote_since()
    {
        var store = new ConversionStore(_folder);
        var other = new ConversionStore(_folder);
        var conversion = Manager().Create(NewTask());
        var file = Directory.GetFiles(_folder, $"{conversion.Id}.json", SearchOption.AllDirectories).Single();
        // Old enough to be read once only.
        File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddHours(-1));
        Assert.Same(Assert.Single(store.List()), Assert.Single(store.List()));

        other.Save(conversion with { State = ConversionState.Stopped });
        Assert.Equal(ConversionState.Stopped, Assert.Single(store.List()).State);
        other.Save(conversion with { State = ConversionState.Copying });
        Assert.Equal(ConversionState.Copying, Assert.Single(store.List()).State);

        other.Delete(conversion.Id);
        Assert.Empty(store.List());
        Assert.Null(store.Find(conversion.Id));
    }

    private static ConversionTask NewTask(string? adapter = null)
    {
        var facts = new SourceFacts
        {
            HostName = "web01",
            OperatingSystem = new OperatingSystemFacts { Id = "debian", PrettyName = "Debian", RunningKernel = "6.1", Architecture = "x86_64" },
            Hardware = new HardwareFacts { Firmware = Firmware.Bios, CpuCount = 1, MemoryBytes = 1 << 30 },
            Boot = new BootFacts(),
        };
        var plan = new ConversionPlan
        {
            Machine = new MachineSpecification { Name = "web01", Firmware = Firmware.Bios, NumCpu = 1, MemoryBytes = 1 << 30, Disks = [] },
            Adapters = adapter is null ? [] : [new NetworkAdapterFacts { Name = adapter, MacAddress = "52:54:00:00:00:09", IsPhysical = true }],
            Layout = new TargetLayout
            {
                Firmware = Firmware.Bios,
                Disks = [],
                Volumes =
                [
                    new TargetVolume
                    {
                        Id = "/", MountPoint = "/", SourceDevice = "/dev/sda1", Device = DeviceReference.OnDisk(0, 1),
                        FileSystem = new FileSystemSpec { Kind = FileSystemKind.Ext4 }, UsedBytes = 10, UsedInodes = 2,
                    },
                ],
            },
        };
        return new ConversionTask
        {
            Source = new SourceEndpoint { Host = "web01", User = "root", HostKeys = ["ssh-ed25519 AAAA"] },
            Facts = facts,
            Destination = new DestinationReference("Local", "/vms"),
            Settings = new TaskSettings(),
            Plan = plan,
        };
    }
}
