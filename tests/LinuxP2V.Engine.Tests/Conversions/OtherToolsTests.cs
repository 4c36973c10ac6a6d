using LinuxP2V.Engine.Conversions;
using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Helpers;
using LinuxP2V.Engine.Tasks;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Tests.Conversions;

/// <summary>What a conversion makes of others who work on its machine.</summary>
public sealed class OtherToolsTests : ConversionTestBase
{
    private static readonly Finding Snapshot = new(
        FindingSeverity.Warning,
        ErrorIds.MachineHasSnapshots,
        "web01",
        "Has 'backup'.",
        "Remove it."
    );

    [Fact]
    public async Task What_the_destination_tells_of_the_machine_is_kept_and_told_once()
    {
        var console = new ListeningConsole();
        var manager = Manager();
        var id = manager.Create(NewTask()).Id;
        Destination.MachineFindings = [Snapshot];
        Assert.Equal(ConversionState.Completed, (await RunAsync(manager, id, console: console)).State);

        Assert.Equal([Snapshot], Manager().Get(id).MachineFindings);
        Assert.Single(console.Warnings, warning => warning == "Has 'backup'. Remove it.");
    }

    [Fact]
    public async Task What_is_gone_at_the_end_is_not_kept()
    {
        Destination.MachineFindings = [Snapshot];
        var manager = Manager();
        var id = manager.Create(NewTask()).Id;
        await RunAsync(manager, id, ConversionGoal.To(ConversionState.Synchronized));
        Assert.Equal([Snapshot], manager.Get(id).MachineFindings);
        Destination.MachineFindings = [];
        Assert.Equal(ConversionState.Completed, (await RunAsync(manager, id, ConversionGoal.To(ConversionState.Completed))).State);
        Assert.Empty(manager.Get(id).MachineFindings);
    }

    [Fact]
    public async Task A_machine_that_was_started_anew_gets_its_helper_back()
    {
        var (manager, id) = await BeginCopyAsync(NullConsole.Instance);
        var attached = Destination.Calls.Count(call => call == "Attach");

        // On another host, while nobody sees it off.
        Agent.HoldAt.Remove("copy");
        Destination.PoweredOnAt = "tuesday";
        Destination.HostKey = Agent.HostKey = "ssh-ed25519 BBBB";
        Agent.RefuseConnections = 1;
        Agent.Restart();

        Assert.Equal(ConversionState.Completed, (await manager.WaitAsync(id, null, Timeout())).State);
        Assert.Equal(attached + 1, Destination.Calls.Count(call => call == "Attach"));
        Assert.DoesNotContain("PowerOff", Destination.Calls);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_machine_that_was_reset_is_started_anew(bool hasAnotherAddress)
    {
        var console = new ListeningConsole();
        var (manager, id) = await BeginCopyAsync(console);

        Agent.HoldAt.Remove("copy");
        Destination.HostKey = Agent.HostKey = "ssh-ed25519 BBBB";
        Agent.RefuseConnections = hasAnotherAddress ? 1 : 0;
        Agent.Restart();

        var end = await manager.WaitAsync(id, null, Timeout());
        Assert.True(end.State == ConversionState.Completed, end.Error?.ToString());
        Assert.Contains("PowerOff", Destination.Calls);
        Assert.Single(console.Warnings, warning => warning == (hasAnotherAddress ? "another key is announced" : "another key"));
    }

    [Fact]
    public async Task A_stranger_at_the_helper_s_address_ends_the_conversion()
    {
        var (manager, id) = await BeginCopyAsync(NullConsole.Instance);
        // The destination still shows the key that the helper announced.
        Agent.HostKey = "ssh-ed25519 BBBB";
        Agent.DropConnection();
        var end = await manager.WaitAsync(id, null, Timeout());
        Assert.Equal((ConversionState.Failed, ErrorIds.HelperHostKeyMismatch), (end.State, end.Error?.Id));
        Assert.DoesNotContain("PowerOff", Destination.Calls);
    }

    [Fact]
    public async Task A_silent_helper_s_machine_is_looked_at_while_its_connection_stays()
    {
        Agent.HoldAt["copy"] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var looks = 0;
        using var session = new HelperSession(
            Agent,
            new HelperEndpoint("127.0.0.1", 22, "ssh-ed25519 AAAA", Agent.BootId),
            ConversionKey.Generate("c1"),
            _ => Task.CompletedTask,
            NullConsole.Instance,
            WaitTimeout,
            (isLost, _) => Task.FromResult(!isLost && Interlocked.Increment(ref looks) > 0),
            silence: TimeSpan.FromMilliseconds(50)
        );
        await session.ConnectAsync(Timeout());
        var copy = session.RunAsync(new CopyRequest { RequestId = "copy-1", Options = new() }, Timeout());
        await UntilAsync(() => Volatile.Read(ref looks) > 2);
        Assert.False(copy.IsCompleted);
        Agent.HoldAt["copy"].SetResult();
        await copy;
        Assert.Equal(1, Agent.Connections);
    }

    [Fact]
    public async Task A_look_that_takes_long_does_not_keep_the_helper_from_being_heard()
    {
        Agent.HoldAt["copy"] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var answer = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        var looks = 0;
        using var session = new HelperSession(
            Agent,
            new HelperEndpoint("127.0.0.1", 22, "ssh-ed25519 AAAA", Agent.BootId),
            ConversionKey.Generate("c1"),
            _ => Task.CompletedTask,
            NullConsole.Instance,
            WaitTimeout,
            (_, _) =>
            {
                Interlocked.Increment(ref looks);
                return answer.Task;
            },
            silence: TimeSpan.FromMilliseconds(50)
        );
        await session.ConnectAsync(Timeout());
        var copy = session.RunAsync(new CopyRequest { RequestId = "copy-1", Options = new() }, Timeout());
        await UntilAsync(() => Volatile.Read(ref looks) > 0);
        Agent.HoldAt["copy"].SetResult();
        await copy;
        Assert.False(answer.Task.IsCompleted);
        Assert.Equal(1, Volatile.Read(ref looks));
    }

    [Fact]
    public async Task A_false_announcement_does_not_touch_a_helper_that_is_silent_and_alive()
    {
        var hold = Agent.HoldAt["copy"] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Destination.PoweredOnAt = "monday";
        var manager = Manager();
        var id = manager.Create(NewTask()).Id;
        manager.Drive(id, Destination, Secrets, Silent(), NullConsole.Instance);
        await UntilAsync(() => Agent.Ran.Contains("copy"));
        Destination.HostKey = "ssh-ed25519 BBBB";
        var looks = Destination.Looks;
        await UntilAsync(() => Destination.Looks > looks + 3);
        hold.SetResult();

        var end = await manager.WaitAsync(id, null, Timeout());
        Assert.True(end.State == ConversionState.Completed, end.Error?.ToString());
        Assert.DoesNotContain("PowerOff", Destination.Calls);
        Assert.Equal((1, 1), (end.Attempt, Agent.Connections));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_suspended_machine_is_told_and_waited_for_though_its_address_is_another_s(bool isAddressTaken)
    {
        Agent.HoldAt["copy"] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var console = new ListeningConsole();
        Destination.PoweredOnAt = "monday";
        var manager = Manager();
        var id = manager.Create(NewTask()).Id;
        manager.Drive(id, Destination, Secrets, Options(), console);
        await UntilAsync(() => Agent.Ran.Contains("copy"));
        Destination.Power = MachinePower.Suspended;
        Agent.HostKey = isAddressTaken ? "ssh-ed25519 CCCC" : null;
        // What its settings say then is not the guest's word.
        Destination.HostKey = "ssh-ed25519 BBBB";
        Agent.RefuseConnections = isAddressTaken ? 0 : 1;
        Agent.DropConnection();
        await UntilAsync(() => console.Warnings.Any(warning => warning.Contains("is suspended", StringComparison.Ordinal)));

        Destination.HostKey = "ssh-ed25519 AAAA";
        Destination.Power = MachinePower.PoweredOn;
        Agent.HostKey = null;
        Agent.HoldAt["copy"].SetResult();
        var end = await manager.WaitAsync(id, null, Timeout());
        Assert.True(end.State == ConversionState.Completed, end.Error?.ToString());
        Assert.Equal(1, end.Attempt);
        Assert.Single(console.Warnings, warning => warning.Contains("is suspended", StringComparison.Ordinal));
        Assert.DoesNotContain(console.Warnings, warning => warning.Contains("systemctl", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_machine_that_stands_still_while_services_rest_has_them_named_and_is_not_waited_for()
    {
        var id = Manager().Create(NewTask()).Id;
        var store = new ConversionStore(Folder);
        store.Save(store.Find(id)! with { MachineId = "vm-1", StoppedServices = ["nginx", "mariadb"] });
        var console = new ListeningConsole();
        var log = new ConversionLog(Stream.Null, NullConsole.Instance);
        var tracker = new ConversionTracker(store, log, store.Find(id)!);
        var deployment = new HelperDeployment(tracker, Destination, null, Options(), console);
        Destination.Power = MachinePower.Suspended;

        Assert.False(await deployment.LookAsync(isLost: true, Timeout()));
        Assert.Contains("nginx, mariadb", Assert.Single(console.Warnings), StringComparison.Ordinal);
        Assert.Contains("systemctl start nginx mariadb", console.Warnings.Single(), StringComparison.Ordinal);

        tracker.Update(c => c with { StoppedServices = [] });
        Assert.True(await deployment.LookAsync(isLost: true, Timeout()));
    }

    [Fact]
    public async Task A_machine_that_runs_makes_a_complete_conversion_though_the_server_is_away_then()
    {
        Destination.OnPoweredOn = isHandedOver => Destination.Silences = isHandedOver ? 1 : 0;
        var manager = Manager();
        var id = manager.Create(NewTask(new TaskSettings { PowerOn = true })).Id;
        var end = await RunAsync(manager, id);
        Assert.True(end.State == ConversionState.Completed, end.Error?.ToString());
        Assert.Equal(0, Destination.Silences);
    }

    [Fact]
    public async Task A_finding_of_a_machine_that_was_renamed_is_told_once()
    {
        var console = new ListeningConsole();
        var manager = Manager();
        var id = manager.Create(NewTask()).Id;
        Destination.MachineFindings = [Snapshot with { What = "The VM web01 has 'backup'." }];
        await RunAsync(manager, id, ConversionGoal.To(ConversionState.Synchronized), console);
        Destination.MachineFindings = [Snapshot with { Subject = "other", What = "The VM other has 'backup'." }];
        await RunAsync(manager, id, ConversionGoal.To(ConversionState.Completed), console);
        Assert.Equal(Destination.MachineFindings, manager.Get(id).MachineFindings);
        Assert.Single(console.Warnings, warning => warning.Contains("backup", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("ssh-ed25519 BBBB", true)]
    [InlineData("ssh-ed25519 AAAA", false)]
    public async Task Without_the_time_of_its_start_a_helper_with_another_key_is_started_anew_once(string hostKey, bool isStartedAnew)
    {
        Agent.HoldAt["copy"] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var manager = Manager();
        var id = manager.Create(NewTask()).Id;
        Destination.PoweredOnAt = "monday";
        manager.Drive(id, Destination, Secrets, Options(), NullConsole.Instance);
        await UntilAsync(() => Agent.Ran.Contains("copy"));
        await manager.StopAsync(id, Timeout());
        Agent.HoldAt.Clear();
        var known = manager.Get(id).Helper!.PoweredOnAt;
        Destination.PoweredOnAt = null;
        Destination.HostKey = hostKey;

        var end = await RunAsync(Manager(), id);
        Assert.True(end.State == ConversionState.Completed, end.Error?.ToString());
        Assert.Equal(isStartedAnew ? 1 : 0, Destination.Calls.Count(call => call == "PowerOff"));
        Assert.Equal(new HelperIdentity(hostKey, isStartedAnew ? null : known), end.Helper);
    }

    [Fact]
    public async Task The_engine_s_own_start_of_the_machine_is_no_restart_of_the_helper_s()
    {
        Agent.HoldAt["copy"] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Destination.PoweredOnAt = "monday";
        var manager = Manager();
        var id = manager.Create(NewTask()).Id;
        manager.Drive(id, Destination, Secrets, Options(), NullConsole.Instance);
        for (var resets = 1; resets <= 3; resets++)
        {
            await UntilAsync(() => Agent.Ran.Count(operation => operation == "copy") == resets);
            if (resets == 3)
                Agent.HoldAt.Remove("copy");

            Destination.HostKey = Agent.HostKey = $"ssh-ed25519 BBB{resets}";
            Agent.Restart();
        }

        var end = await manager.WaitAsync(id, null, Timeout());
        Assert.True(end.State == ConversionState.Completed, end.Error?.ToString());
        Assert.Equal(3, Destination.Calls.Count(call => call == "PowerOff"));
    }

    private DriveOptions Silent() => Options() with { HelperSilence = TimeSpan.FromMilliseconds(50) };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_unreachable_helper_is_waited_for_as_long_as_its_machine_stands_still(bool standsStill)
    {
        using var session = new HelperSession(
            Agent,
            new HelperEndpoint("127.0.0.1", 22, "ssh-ed25519 AAAA", Agent.BootId),
            ConversionKey.Generate("c1"),
            _ => Task.CompletedTask,
            NullConsole.Instance,
            // The third attempt comes after three seconds, the fourth after seven, and the fifth after fifteen.
            TimeSpan.FromSeconds(6),
            (_, _) => Task.FromResult(standsStill)
        );
        Agent.RefuseConnections = 4;
        if (standsStill)
        {
            await session.ConnectAsync(Timeout());
            Assert.NotNull(session.Hello);
        }
        else
        {
            var lost = await Assert.ThrowsAsync<P2VException>(() => session.ConnectAsync(Timeout()));
            Assert.Equal(ErrorIds.HelperConnectionLost, lost.ErrorId);
        }
    }

    /// <summary>A conversion that stands in its copy, on a machine that was powered on on monday.</summary>
    private async Task<(ConversionManager Manager, string Id)> BeginCopyAsync(IEngineConsole console)
    {
        Agent.HoldAt["copy"] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Destination.PoweredOnAt = "monday";
        var manager = Manager();
        var id = manager.Create(NewTask()).Id;
        manager.Drive(id, Destination, Secrets, Options(), console);
        await UntilAsync(() => Agent.Ran.Contains("copy"));
        return (manager, id);
    }
}
