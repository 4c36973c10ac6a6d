using LinuxP2V.Engine.Conversions;
using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Helpers;
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
        Agent.HoldAt["copy"] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Destination.PoweredOnAt = "monday";
        var manager = Manager();
        var id = manager.Create(NewTask()).Id;
        manager.Drive(id, Destination, Secrets, Options(), NullConsole.Instance);
        await UntilAsync(() => Agent.Ran.Contains("copy"));
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
        Agent.HoldAt["copy"] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Destination.PoweredOnAt = "monday";
        var manager = Manager();
        var id = manager.Create(NewTask()).Id;
        manager.Drive(id, Destination, Secrets, Options(), NullConsole.Instance);
        await UntilAsync(() => Agent.Ran.Contains("copy"));

        Agent.HoldAt.Remove("copy");
        Destination.HostKey = Agent.HostKey = "ssh-ed25519 BBBB";
        Agent.RefuseConnections = hasAnotherAddress ? 1 : 0;
        Agent.Restart();

        var end = await manager.WaitAsync(id, null, Timeout());
        Assert.True(end.State == ConversionState.Completed, end.Error?.ToString());
        Assert.Contains("PowerOff", Destination.Calls);
    }

    [Fact]
    public async Task A_stranger_at_the_helper_s_address_ends_the_conversion()
    {
        Agent.HoldAt["copy"] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Destination.PoweredOnAt = "monday";
        var manager = Manager();
        var id = manager.Create(NewTask()).Id;
        manager.Drive(id, Destination, Secrets, Options(), NullConsole.Instance);
        await UntilAsync(() => Agent.Ran.Contains("copy"));
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
            _ => Task.FromResult(Interlocked.Increment(ref looks) > 0),
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
            // The third attempt comes after three seconds, and the fourth after seven.
            TimeSpan.FromSeconds(2.5),
            _ => Task.FromResult(standsStill)
        );
        Agent.RefuseConnections = 3;
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
}
