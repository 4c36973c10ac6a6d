using LinuxP2V.Engine.Conversions;
using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Helpers;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Tests.Conversions;

public sealed class ConversionManagerTests : ConversionTestBase
{
    [Fact]
    public async Task A_conversion_goes_through_every_state_and_stores_no_secret()
    {
        var manager = Manager();
        var done = await RunAsync(manager, manager.Create(NewTask()).Id);

        Assert.Equal(ConversionState.Completed, done.State);
        Assert.Equal(["connect", "prepare", "copy", "reconfigure", "finish"], Agent.Ran);
        Assert.True(Destination.IsHandedOver);
        Assert.Equal(1, done.IncidentCount);
        Assert.Equal(new VolumeState("/", 10, 10, 2, 2, true), Assert.Single(done.Volumes));
        Assert.Equal(
            [
                ConversionState.Queued,
                ConversionState.DeployingHelper,
                ConversionState.HelperReady,
                ConversionState.Preparing,
                ConversionState.Copying,
                ConversionState.Synchronized,
                ConversionState.Reconfiguring,
                ConversionState.Finishing,
            ],
            done.Phases.Select(p => p.State)
        );
        foreach (var file in Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories))
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
        var store = new ConversionStore(Folder);
        var id = Manager().Create(task).Id;
        var never = new TaskCompletionSource();
        var hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (call is not null)
        {
            Destination.HoldAt[call] = never.Task;
        }
        else
        {
            Agent.HoldAt[operation!] = hold;
        }

        var dying = new DyingConnector(Agent);

        // The first driver stands still for ever, as a killed one does; its lock goes with it.
        var log = new ConversionLog(Stream.Null, NullConsole.Instance);
        var first = new ConversionDriver(
            new ConversionTracker(store, log, store.Find(id)!),
            Destination,
            null,
            Secrets,
            Options(),
            dying,
            NullConsole.Instance
        );
        _ = first.RunAsync(new ConversionGoal(), CancellationToken.None);
        await UntilAsync(() => call is not null ? Destination.Calls.Contains(call) : Agent.Ran.Contains(operation!));
        if (call is not null)
        {
            Destination.HoldAt.Clear();
        }
        else
        {
            Agent.HoldAt.Clear();
            dying.IsDead = true;
            Agent.DropConnection();
            hold.SetResult();
        }

        var second = Manager();
        var done = await RunAsync(second, id);

        Assert.True(done.State == ConversionState.Completed, done.Error?.ToString());
        Assert.Equal(Agent.Ran.Distinct(), Agent.Ran);
        Assert.Equal(1, done.IncidentCount);
        Assert.True(Destination.IsHandedOver);
    }

    [Fact]
    public async Task A_failed_operation_is_told_with_its_id_and_a_resume_tries_it_again()
    {
        Agent.FailOnce["copy"] = new ErrorDescription(ErrorIds.TargetDiskFull, "disk 0 is full", "make it larger");
        var manager = Manager();
        var failed = await RunAsync(manager, manager.Create(NewTask()).Id);

        Assert.Equal(ConversionState.Failed, failed.State);
        Assert.Equal(ConversionState.Copying, failed.InterruptedState);
        Assert.Equal(ErrorIds.TargetDiskFull, failed.Error!.Id);
        Assert.Equal("make it larger", failed.Error.Remedy);

        manager.Drive(failed.Id, Destination, Secrets, Options(), NullConsole.Instance);
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
        var hold = Agent.HoldAt["copy"] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var manager = Manager();
        var id = manager.Create(NewTask()).Id;
        manager.Drive(id, Destination, Secrets, Options(), NullConsole.Instance);
        await UntilAsync(() => Agent.Ran.Contains("copy"));
        Agent.DropConnection();
        await UntilAsync(() => Agent.Connections > 1);
        hold.SetResult();

        var done = await manager.WaitAsync(id, null, Timeout());
        Assert.Equal(ConversionState.Completed, done.State);
        Assert.Equal(1, done.IncidentCount);
        Assert.Single(Agent.Ran, "copy");
    }

    [Fact]
    public async Task A_helper_that_restarts_in_mid_copy_is_gone_on_with()
    {
        Agent.HoldAt["copy"] = new TaskCompletionSource();
        var manager = Manager();
        var id = manager.Create(NewTask()).Id;
        manager.Drive(id, Destination, Secrets, Options(), NullConsole.Instance);
        await UntilAsync(() => Agent.Ran.Contains("copy"));
        Agent.HoldAt.Clear();
        Agent.Restart();

        var done = await manager.WaitAsync(id, null, Timeout());
        Assert.Equal(ConversionState.Completed, done.State);
        Assert.Equal(2, Agent.Ran.Count(o => o == "prepare"));
    }

    [Fact]
    public async Task A_stop_asked_for_by_another_process_stops_theAgent_and_keeps_the_machine()
    {
        Agent.HoldAt["copy"] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var manager = Manager();
        var id = manager.Create(NewTask()).Id;
        manager.Drive(id, Destination, Secrets, Options(), NullConsole.Instance);
        await UntilAsync(() => Agent.Ran.Contains("copy"));

        var other = Manager();
        Assert.True(other.IsDriven(id));
        Assert.Throws<P2VException>(() => other.Drive(id, Destination, null, Options(), NullConsole.Instance));
        var stopped = await other.StopAsync(id, Timeout());

        Assert.Equal(ConversionState.Stopped, stopped.State);
        Assert.Equal(ConversionState.Copying, stopped.InterruptedState);
        Assert.Equal(id, Destination.Owner);

        Agent.HoldAt.Clear();
        Assert.Equal(ConversionState.Completed, (await RunAsync(other, id)).State);
    }

    [Fact]
    public async Task Many_queued_conversions_are_stopped_at_once_without_a_file()
    {
        const int Many = 300;
        var hold = Agent.HoldAt["copy"] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var (manager, limits) = (Manager(), new ThrottleLimits(Total: 1));
        var first = manager.Create(NewTask()).Id;
        manager.Drive(first, Destination, Secrets, Options(), NullConsole.Instance, limits);
        await UntilAsync(() => Agent.Ran.Contains("copy"));
        var queued = Enumerable.Range(1, Many).Select(_ => manager.Create(NewTask()).Id).ToList();
        foreach (var id in queued)
        {
            manager.Drive(id, Destination, Secrets, Options(), NullConsole.Instance, limits);
        }

        var stopped = await Task.WhenAll(queued.Select(id => manager.StopAsync(id, Timeout())));
        Assert.All(stopped, c => Assert.Equal((ConversionState.Stopped, ConversionState.Queued), (c.State, c.InterruptedState)));
        Assert.DoesNotContain(queued, manager.IsDriven);
        // The first request of another process makes it.
        Assert.False(Directory.Exists(Path.Combine(Folder, "requests")));
        Assert.Equal(ConversionState.Copying, manager.Get(first).State);
        hold.SetResult();
        Assert.Equal(ConversionState.Completed, (await manager.WaitAsync(first, null, Timeout())).State);
    }

    [Fact]
    public async Task Another_process_stops_a_queued_conversion()
    {
        var hold = Agent.HoldAt["copy"] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var (manager, limits) = (Manager(), new ThrottleLimits(Total: 1));
        var (first, second) = (manager.Create(NewTask()).Id, manager.Create(NewTask()).Id);
        manager.Drive(first, Destination, Secrets, Options(), NullConsole.Instance, limits);
        await UntilAsync(() => Agent.Ran.Contains("copy"));
        manager.Drive(second, Destination, Secrets, Options(), NullConsole.Instance, limits);
        Assert.Equal(ConversionState.Stopped, (await Manager().StopAsync(second, Timeout())).State);
        Assert.Empty(Directory.GetFiles(Path.Combine(Folder, "requests")));
        Assert.True(manager.IsDriven(first));
        hold.SetResult();
        await manager.WaitAsync(first, null, Timeout());
    }

    [Fact]
    public async Task A_folder_of_requests_that_is_gone_hinders_nothing()
    {
        var manager = Manager();
        var id = manager.Create(NewTask()).Id;
        Agent.HoldAt["copy"] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        manager.Drive(id, Destination, Secrets, Options(), NullConsole.Instance);
        await UntilAsync(() => Agent.Ran.Contains("copy"));
        Assert.Equal(ConversionState.Stopped, (await Manager().StopAsync(id, Timeout())).State);
        Agent.HoldAt.Clear();
        var folder = Path.Combine(Folder, "requests");
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);

        manager.Drive(id, Destination, Secrets, Options(), NullConsole.Instance);
        Assert.Equal(ConversionState.Completed, (await manager.WaitAsync(id, null, Timeout())).State);
        await manager.RemoveAsync(id, null, Timeout());
        Assert.Empty(manager.List());
    }

    [Fact]
    public async Task A_run_that_cannot_begin_leaves_the_conversion_free()
    {
        var manager = Manager();
        var id = manager.Create(NewTask()).Id;
        // Nothing can be deleted or written in the place of a folder.
        var denied = Directory.CreateDirectory(Path.Combine(Folder, "requests", id + ".stop"));
        var error = Assert.Throws<P2VException>(() => manager.Drive(id, Destination, Secrets, Options(), NullConsole.Instance));
        Assert.Equal(ErrorIds.StateNotAccessible, error.ErrorId);
        denied.Delete();
        Assert.False(manager.IsDriven(id));
        Assert.Equal(ConversionState.Completed, (await RunAsync(manager, id)).State);
    }

    [Fact]
    public async Task A_stop_that_comes_before_an_operation_was_asked_for_waits_for_no_outcome_of_it()
    {
        using var session = new HelperSession(
            Agent,
            new HelperEndpoint("127.0.0.1", 22, "ssh-ed25519 AAAA", Agent.BootId),
            ConversionKey.Generate("c1"),
            _ => Task.CompletedTask,
            NullConsole.Instance,
            WaitTimeout,
            (_, _) => Task.FromResult(false)
        );
        await session.ConnectAsync(Timeout());
        await session.CancelAsync("prepare-1", CancellationToken.None).WaitAsync(WaitTimeout);
        Assert.Empty(Agent.Ran);
    }

    [Fact]
    public async Task Without_a_credential_a_helper_that_forgot_it_is_not_guessed_at()
    {
        var manager = Manager();
        var id = manager.Create(NewTask()).Id;
        manager.Drive(id, Destination, null, Options(), NullConsole.Instance);
        var failed = await manager.WaitAsync(id, null, Timeout());
        Assert.Equal(ErrorIds.SourceCredentialRequired, failed.Error!.Id);
        Assert.Empty(Agent.Ran);
    }

    [Theory]
    [InlineData("monday", true)]
    [InlineData(null, false)]
    public async Task Another_host_key_without_a_new_start_of_the_VM_has_it_started_anew(string? poweredOnAt, bool isStartedAnew)
    {
        Agent.HoldAt["copy"] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var manager = Manager();
        var id = manager.Create(NewTask()).Id;
        Destination.PoweredOnAt = poweredOnAt;
        manager.Drive(id, Destination, Secrets, Options(), NullConsole.Instance);
        await UntilAsync(() => Agent.Ran.Contains("copy"));
        await manager.StopAsync(id, Timeout());
        Agent.HoldAt.Clear();
        var started = Destination.PoweredOnAt;
        Destination.HostKey = "ssh-ed25519 BBBB";

        Assert.Equal(ConversionState.Completed, (await RunAsync(Manager(), id)).State);

        Assert.Equal(isStartedAnew, started != Destination.PoweredOnAt);
    }

    [Fact]
    public async Task Step_by_step_each_call_goes_one_state_on()
    {
        var manager = Manager();
        var id = manager.Create(NewTask()).Id;
        foreach (
            var state in new[]
            {
                ConversionState.HelperReady,
                ConversionState.Synchronized,
                ConversionState.Reconfiguring,
                ConversionState.Completed,
            }
        )
        {
            manager.Drive(id, Destination, Secrets, Options(), NullConsole.Instance, goal: ConversionGoal.To(state));
            Assert.Equal(state, (await manager.WaitAsync(id, null, Timeout())).State);
        }

        Assert.Single(Agent.Ran, "reconfigure");
    }

    [Fact]
    public async Task A_missing_helper_image_fails_before_a_machine_is_made()
    {
        var manager = Manager();
        var id = manager.Create(NewTask()).Id;
        manager.Drive(id, Destination, Secrets, new DriveOptions(Path.Combine(Folder, "none.iso")), NullConsole.Instance);
        var failed = await manager.WaitAsync(id, null, Timeout());
        Assert.Equal(ErrorIds.HelperImageMissing, failed.Error!.Id);
        Assert.Null(Destination.Owner);
    }

    [Fact]
    public async Task Removing_deletes_the_machine_only_when_asked()
    {
        var manager = Manager();
        var kept = await RunAsync(manager, manager.Create(NewTask()).Id);
        await manager.RemoveAsync(kept.Id, null, CancellationToken.None);
        Assert.DoesNotContain("Delete", Destination.Calls);
        var missing = Assert.Throws<P2VException>(() => manager.Get(kept.Id));
        Assert.Equal(ErrorIds.ConversionNotFound, missing.ErrorId);
    }

    [Fact]
    public async Task A_conversion_takes_a_place_makes_its_VM_there_and_gives_it_back_at_the_end()
    {
        var wanted = new PlacementSettings { VMHost = "HostSystem-host-7" };
        Destination.Places = [new MachinePlace(wanted, "host-7", ["store-1"])];
        var hold = Agent.HoldAt["copy"] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var manager = Manager();
        var (id, next) = (manager.Create(NewTask()).Id, manager.Create(NewTask()).Id);
        var limits = new ThrottleLimits(Total: 4, PerHost: 1);
        manager.Drive(id, Destination, Secrets, Options(), NullConsole.Instance, limits);
        await UntilAsync(() => Agent.Ran.Contains("copy"));
        manager.Drive(next, Destination, Secrets, Options(), NullConsole.Instance, limits);

        Assert.Equal(wanted, Destination.CreatedAt);
        await Task.Delay(300);
        Assert.Equal(ConversionState.Queued, manager.Get(next).State);
        await manager.StopAsync(next, Timeout());
        Assert.Equal(ConversionState.Queued, manager.Get(next).InterruptedState);

        hold.SetResult();
        Assert.Equal(ConversionState.Completed, (await manager.WaitAsync(id, null, Timeout())).State);
        Destination.Places = [new MachinePlace(wanted, "host-7", [])];
        manager.Drive(next, Destination, null, Options(), NullConsole.Instance, limits);
        // Its VM has the name of the first one's: how it ends is not the matter here, but that it began.
        Assert.Contains((await manager.WaitAsync(next, null, Timeout())).Phases, phase => phase.State == ConversionState.DeployingHelper);
    }

    [Fact]
    public void A_list_shows_what_another_process_wrote_since()
    {
        var store = new ConversionStore(Folder);
        var other = new ConversionStore(Folder);
        var conversion = Manager().Create(NewTask());
        var file = Directory.GetFiles(Folder, $"{conversion.Id}.json", SearchOption.AllDirectories).Single();
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
}
