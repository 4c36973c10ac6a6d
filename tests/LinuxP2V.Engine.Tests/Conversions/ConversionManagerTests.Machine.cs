using System.Collections.Concurrent;
using LinuxP2V.Engine.Conversions;
using LinuxP2V.Engine.Destinations;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Tests.Conversions;

/// <summary>What a conversion makes of its machine: which one it is, what it says, whose it is by now.</summary>
public sealed partial class ConversionManagerTests
{
    [Fact]
    public async Task An_adapter_s_address_is_known_to_the_reconfiguration_although_the_power_on_made_it()
    {
        _destination.MacAddress = "";
        _destination.MacAddressOfPowerOn = "00:0c:29:00:00:07";
        var manager = Manager();
        var done = await RunAsync(manager, manager.Create(NewTask("ens192")).Id);
        Assert.Equal(["00:0c:29:00:00:07"], done.MacAddresses);
        Assert.Equal("00:0c:29:00:00:07", Assert.Single(Assert.Single(_agent.Requests.OfType<ReconfigureRequest>()).Options.Adapters).TargetMac);
    }

    [Fact]
    public async Task A_machine_that_was_handed_over_and_runs_is_not_touched_by_a_resume()
    {
        var manager = Manager();
        var id = manager.Create(NewTask()).Id;
        manager.Drive(id, _destination, _secrets, Options(), NullConsole.Instance, through: ConversionState.Synchronized);
        await manager.WaitAsync(id, null, Timeout());
        // Its driver died after the hand-over; the admin started the VM.
        _destination.IsFinished = true;
        _destination.Power = MachinePower.PoweredOn;
        _destination.Calls.Clear();
        Assert.Equal(ConversionState.Completed, (await RunAsync(manager, id)).State);
        Assert.Empty(_destination.Calls);
        Assert.Equal(MachinePower.PoweredOn, _destination.Power);
    }

    [Fact]
    public async Task A_machine_that_is_another_conversion_s_is_neither_driven_nor_deleted()
    {
        _agent.FailOnce["copy"] = new ErrorDescription(ErrorIds.CopyFailed, "broken", "again");
        var manager = Manager();
        var id = manager.Create(NewTask()).Id;
        await RunAsync(manager, id);
        _destination.Owner = "other";
        _destination.Calls.Clear();
        Assert.Equal(ErrorIds.MachineNotFound, (await RunAsync(manager, id)).Error!.Id);
        var refused = await Assert.ThrowsAsync<P2VException>(() => manager.RemoveAsync(id, _destination, CancellationToken.None));
        Assert.Equal(ErrorIds.MachineNotFound, refused.ErrorId);
        Assert.Empty(_destination.Calls);
    }

    [Fact]
    public async Task A_machine_whose_id_was_never_learned_is_found_and_deleted()
    {
        var manager = Manager();
        var id = manager.Create(NewTask()).Id;
        _destination.Owner = id;
        await manager.RemoveAsync(id, _destination, CancellationToken.None);
        Assert.Equal(["Delete"], _destination.Calls);
        Assert.Null(_destination.Owner);

        // And where there is none, there is nothing to delete.
        await manager.RemoveAsync(manager.Create(NewTask()).Id, _destination, CancellationToken.None);
        Assert.Equal(["Delete"], _destination.Calls);
    }

    [Fact]
    public async Task A_conversion_can_be_driven_again_as_soon_as_its_lock_is_free()
    {
        var manager = Manager();
        var store = new ConversionStore(_folder);
        var id = manager.Create(NewTask()).Id;
        var none = new DriveOptions(Path.Combine(_folder, "none.iso"));
        for (var round = 0; round < 100; round++)
        {
            manager.Drive(id, _destination, _secrets, none, NullConsole.Instance);
            while (store.IsLocked(id))
                await Task.Yield();
        }

        await manager.WaitAsync(id, null, Timeout());
    }

    [Fact]
    public async Task A_question_that_the_machine_stands_still_for_is_told_once()
    {
        _agent.HoldAt["copy"] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var console = new WarningConsole();
        var manager = Manager();
        var id = manager.Create(NewTask()).Id;
        manager.Drive(id, _destination, _secrets, Options(), console);
        await UntilAsync(() => _agent.Ran.Contains("copy"));
        _destination.Question = "There is no more space for virtual disk web01.vmdk.";
        _agent.RefuseConnections = 2;
        _agent.DropConnection();
        await UntilAsync(() => _agent.RefuseConnections == 0);
        _agent.HoldAt["copy"].SetResult();
        Assert.Equal(ConversionState.Completed, (await manager.WaitAsync(id, null, Timeout())).State);
        Assert.Single(console.Warnings, warning => warning.Contains("no more space", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_that_is_away_while_the_helper_is_too_ends_nothing()
    {
        _agent.HoldAt["copy"] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var manager = Manager();
        var id = manager.Create(NewTask()).Id;
        manager.Drive(id, _destination, _secrets, Options(), NullConsole.Instance);
        await UntilAsync(() => _agent.Ran.Contains("copy"));
        _destination.Silences = 2;
        _agent.RefuseConnections = 2;
        _agent.DropConnection();
        await UntilAsync(() => _agent.RefuseConnections == 0);
        _agent.HoldAt["copy"].SetResult();
        Assert.Equal(ConversionState.Completed, (await manager.WaitAsync(id, null, Timeout())).State);
        Assert.Equal(0, _destination.Silences);
    }

    private sealed class WarningConsole : IEngineConsole
    {
        public ConcurrentQueue<string> Warnings { get; } = new();

        public void Verbose(string message)
        {
        }

        public void Warning(string message) => Warnings.Enqueue(message);
    }
}
