using LinuxP2V.Engine.Conversions;
using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Sources.Model;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Tests.Conversions;

/// <summary>What a conversion makes of its machine: which one it is, what it says, whose it is by now.</summary>
public sealed class MachineTests : ConversionTestBase
{
    [Fact]
    public async Task An_adapter_s_address_is_known_to_the_reconfiguration_although_the_power_on_made_it()
    {
        var task = NewTask();
        task = task with
        {
            Plan = task.Plan with
            {
                Adapters =
                [
                    new NetworkAdapterFacts
                    {
                        Name = "ens192",
                        MacAddress = "52:54:00:00:00:09",
                        IsPhysical = true,
                    },
                ],
            },
        };
        Destination.MacAddress = "";
        Destination.MacAddressOfPowerOn = "00:0c:29:00:00:07";
        var manager = Manager();
        var done = await RunAsync(manager, manager.Create(task).Id);
        Assert.Equal(["00:0c:29:00:00:07"], done.MacAddresses);
        Assert.Equal(
            "00:0c:29:00:00:07",
            Assert.Single(Assert.Single(Agent.Requests.OfType<ReconfigureRequest>()).Options.Adapters).TargetMac
        );
    }

    [Fact]
    public async Task A_machine_that_was_handed_over_and_runs_is_not_touched_by_a_resume()
    {
        var manager = Manager();
        var id = manager.Create(NewTask()).Id;
        manager.Drive(id, Destination, Secrets, Options(), NullConsole.Instance, goal: ConversionGoal.To(ConversionState.Synchronized));
        await manager.WaitAsync(id, null, Timeout());
        // Its driver died after the hand-over; the admin started the VM.
        Destination.IsFinished = true;
        Destination.Power = MachinePower.PoweredOn;
        Destination.Calls.Clear();
        Assert.Equal(ConversionState.Completed, (await RunAsync(manager, id)).State);
        Assert.Empty(Destination.Calls);
        Assert.Equal(MachinePower.PoweredOn, Destination.Power);
    }

    [Fact]
    public async Task A_machine_that_is_another_conversion_s_is_neither_driven_nor_deleted()
    {
        Agent.FailOnce["copy"] = new ErrorDescription(ErrorIds.CopyFailed, "broken", "again");
        var manager = Manager();
        var id = manager.Create(NewTask()).Id;
        await RunAsync(manager, id);
        Destination.Owner = "other";
        Destination.Calls.Clear();
        Assert.Equal(ErrorIds.MachineNotFound, (await RunAsync(manager, id)).Error!.Id);
        var refused = await Assert.ThrowsAsync<P2VException>(() => manager.RemoveAsync(id, Destination, CancellationToken.None));
        Assert.Equal(ErrorIds.MachineNotFound, refused.ErrorId);
        Assert.Empty(Destination.Calls);
    }

    [Fact]
    public async Task A_machine_whose_id_was_never_learned_is_found_and_deleted()
    {
        var manager = Manager();
        var id = manager.Create(NewTask()).Id;
        Destination.Owner = id;
        await manager.RemoveAsync(id, Destination, CancellationToken.None);
        Assert.Equal(["Delete"], Destination.Calls);
        Assert.Null(Destination.Owner);

        // And where there is none, there is nothing to delete.
        await manager.RemoveAsync(manager.Create(NewTask()).Id, Destination, CancellationToken.None);
        Assert.Equal(["Delete"], Destination.Calls);
    }

    [Fact]
    public async Task A_conversion_can_be_driven_again_as_soon_as_its_lock_is_free()
    {
        var manager = Manager();
        var store = new ConversionStore(Folder);
        var id = manager.Create(NewTask()).Id;
        var none = new DriveOptions(Path.Combine(Folder, "none.iso"));
        for (var round = 0; round < 100; round++)
        {
            manager.Drive(id, Destination, Secrets, none, NullConsole.Instance);
            while (store.IsLocked(id))
                await Task.Yield();
        }

        await manager.WaitAsync(id, null, Timeout());
    }

    [Fact]
    public async Task A_question_that_the_machine_stands_still_for_is_told_once()
    {
        Agent.HoldAt["copy"] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var console = new ListeningConsole();
        var manager = Manager();
        var id = manager.Create(NewTask()).Id;
        manager.Drive(id, Destination, Secrets, Options(), console);
        await UntilAsync(() => Agent.Ran.Contains("copy"));
        Destination.Question = "There is no more space for virtual disk web01.vmdk.";
        Agent.RefuseConnections = 2;
        Agent.DropConnection();
        await UntilAsync(() => Agent.RefuseConnections == 0);
        Agent.HoldAt["copy"].SetResult();
        Assert.Equal(ConversionState.Completed, (await manager.WaitAsync(id, null, Timeout())).State);
        Assert.Single(console.Warnings, warning => warning.Contains("no more space", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_that_is_away_while_the_helper_is_too_ends_nothing()
    {
        Agent.HoldAt["copy"] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var manager = Manager();
        var id = manager.Create(NewTask()).Id;
        manager.Drive(id, Destination, Secrets, Options(), NullConsole.Instance);
        await UntilAsync(() => Agent.Ran.Contains("copy"));
        Destination.Silences = 2;
        Agent.RefuseConnections = 2;
        Agent.DropConnection();
        await UntilAsync(() => Agent.RefuseConnections == 0);
        Agent.HoldAt["copy"].SetResult();
        Assert.Equal(ConversionState.Completed, (await manager.WaitAsync(id, null, Timeout())).State);
        Assert.Equal(0, Destination.Silences);
    }
}
