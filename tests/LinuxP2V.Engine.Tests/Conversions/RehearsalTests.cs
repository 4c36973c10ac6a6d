using System.Text.Json;
using LinuxP2V.Engine.Conversions;
using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Rehearsals;
using LinuxP2V.Engine.Tasks;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Tests.Conversions;

/// <summary>A rehearsal beside its conversion, with agents in memory.</summary>
public sealed class RehearsalTests : ConversionTestBase
{
    private readonly FakeAgent agentOfTwin = new();
    private readonly FakeDestination twin;
    private readonly FakeTwins twins;

    public RehearsalTests()
    {
        twin = new FakeDestination(agentOfTwin);
        twins = new FakeTwins(Destination, twin, Agent, agentOfTwin);
        agentOfTwin.OnFinished = () =>
        {
            twin.IsFinished = true;
            twin.Power = MachinePower.PoweredOff;
        };
    }

    [Fact]
    public async Task The_twin_is_reconfigured_and_booted_and_the_conversion_stays_where_it_is()
    {
        var (manager, id) = await SynchronizedAsync(new TaskSettings { PowerOn = true });
        var before = Text(manager.Get(id));
        var ran = Agent.Ran.Count;

        var result = await RehearseAsync(manager, id);

        Assert.True(result.Booted, result.Reason);
        Assert.Equal(["prepare", "copy", "reconfigure", "finish"], agentOfTwin.Ran);
        Assert.True(agentOfTwin.Requests.OfType<ReconfigureRequest>().Single().Options.ReportsBoot);
        Assert.Equal(["PowerOn", "Attach", "Finish", "PowerOn"], twin.Calls);
        Assert.Equal((false, 1), (twins.HasTwin, twins.TwinsMade));
        Assert.Equal([1, 2, 3], await File.ReadAllBytesAsync(Assert.Single(result.Screenshots)));
        Assert.Equal(before, Text(manager.Get(id)));
        Assert.Equal(ran, Agent.Ran.Count);
        Assert.Equal(result.Reason, Manager().FindRehearsal(id)!.Reason);
        Assert.Single(manager.List());
    }

    [Fact]
    public async Task A_pass_runs_beside_it_and_a_finish_does_not()
    {
        var (manager, id) = await SynchronizedAsync();
        twins.OnLook = async () =>
        {
            twins.OnLook = () => Task.CompletedTask;
            await DriveAsync(manager, id, ConversionGoal.To(ConversionState.Synchronized) with { Sync = SyncChoice.Always });
            var failure = Assert.Throws<P2VException>(() => Drive(manager, id, new ConversionGoal()));
            Assert.Equal(ErrorIds.RehearsalRunning, failure.ErrorId);
            failure = await Assert.ThrowsAsync<P2VException>(() => manager.RemoveAsync(id, twins, Timeout()));
            Assert.Equal(ErrorIds.RehearsalRunning, failure.ErrorId);
            failure = await Assert.ThrowsAsync<P2VException>(() => RehearseAsync(Manager(), id));
            Assert.Equal(ErrorIds.RehearsalRunning, failure.ErrorId);
        };
        var result = await RehearseAsync(manager, id);
        Assert.True(result.Booted, result.Reason);
        Assert.Single(manager.Get(id).Passes);
        Assert.Equal(ConversionState.Completed, (await DriveAsync(manager, id, new ConversionGoal())).State);
    }

    [Fact]
    public async Task A_twin_that_cannot_be_reconfigured_is_a_result_and_is_deleted()
    {
        var (manager, id) = await SynchronizedAsync();
        agentOfTwin.FailOnce["reconfigure"] = new ErrorDescription(ErrorIds.ReconfigurationFailed, "No kernel.", "Install one.");
        var result = await RehearseAsync(manager, id);
        Assert.Equal((false, ErrorIds.ReconfigurationFailed), (result.Booted, result.Error!.Id));
        Assert.Contains("No kernel", result.Reason);
        Assert.False(twins.HasTwin);
        Assert.Equal(ConversionState.Synchronized, manager.Get(id).State);
    }

    /// <summary>Its engine died: the twin and its record are there, and nobody holds the lock.</summary>
    [Theory]
    [InlineData("pass")]
    [InlineData("rehearsal")]
    [InlineData("removal")]
    public async Task The_next_one_who_works_on_it_deletes_what_an_engine_left(string next)
    {
        var (manager, id) = await SynchronizedAsync();
        twins.FailDeletion = true;
        await RehearseAsync(manager, id);
        Assert.True(twins.HasTwin);

        twins.FailDeletion = false;
        var other = Manager();
        switch (next)
        {
            case "pass":
                await DriveAsync(other, id, ConversionGoal.To(ConversionState.Synchronized) with { Sync = SyncChoice.Always });
                break;
            case "removal":
                await other.RemoveAsync(id, twins, Timeout());
                Assert.Null(other.FindRehearsal(id));
                break;
            default:
                await RehearseAsync(other, id);
                break;
        }

        Assert.False(twins.HasTwin);
    }

    [Fact]
    public async Task Only_a_whole_copy_whose_helper_waits_is_rehearsed()
    {
        var manager = Manager();
        var id = manager.Create(NewTask()).Id;
        Assert.Equal(ErrorIds.ConversionWrongState, await FailureAsync());

        (manager, id) = await SynchronizedAsync();
        Destination.Power = MachinePower.PoweredOff;
        Assert.Equal(ErrorIds.ConversionWrongState, await FailureAsync());
        Destination.Power = MachinePower.PoweredOn;
        twins.TwinFindings = [new Finding(FindingSeverity.Error, ErrorIds.DestinationFull, "/vms", "full", "free")];
        Assert.Equal(ErrorIds.DestinationFull, await FailureAsync());
        Assert.Equal(0, twins.TwinsMade);

        async Task<string> FailureAsync() => (await Assert.ThrowsAsync<P2VException>(() => RehearseAsync(manager, id))).ErrorId;
    }

    [Theory]
    [InlineData("begin\nstate running\nend\n", ConversionState.Completed)]
    [InlineData("begin\nstate maintenance\nend\n", ConversionState.Failed)]
    public async Task A_cutover_that_asks_for_proof_ends_only_where_the_twin_boots(string report, ConversionState end)
    {
        var (manager, id) = await SynchronizedAsync();
        twins.Report = report;
        var goal = new ConversionGoal
        {
            Sync = SyncChoice.Always,
            QuiesceServices = ["nginx"],
            ProveBootWithin = TimeSpan.FromMinutes(1),
        };
        var conversion = await DriveAsync(manager, id, goal);
        Assert.Equal(end, conversion.State);
        Assert.Equal((false, 1), (twins.HasTwin, twins.TwinsMade));
        if (end == ConversionState.Completed)
            return;

        Assert.Equal(ErrorIds.BootNotProved, conversion.Error!.Id);
        Assert.Equal(ConversionState.Synchronized, conversion.InterruptedState);
        Assert.Empty(conversion.ServicesAtRest);
        Assert.DoesNotContain("reconfigure", Agent.Ran);
        Assert.Equal(MachinePower.PoweredOn, Destination.Power);
    }

    [Fact]
    public async Task What_cannot_be_proved_is_said_before_services_are_stopped()
    {
        var (manager, id) = await SynchronizedAsync();
        var goal = new ConversionGoal { QuiesceServices = ["nginx"], ProveBootWithin = TimeSpan.FromMinutes(1) };
        var failure = Assert.Throws<P2VException>(() =>
            manager.Drive(id, Destination, Secrets, Options(), NullConsole.Instance, goal: goal)
        );
        Assert.Equal(ErrorIds.TwinNotPossible, failure.ErrorId);
        twins.TwinFindings = [new Finding(FindingSeverity.Error, ErrorIds.DestinationFull, "/vms", "full", "free")];
        var conversion = await DriveAsync(manager, id, goal);
        Assert.Equal(ErrorIds.DestinationFull, conversion.Error!.Id);
        Assert.DoesNotContain("stop-services", Agent.Ran);
    }

    private async Task<(ConversionManager Manager, string Id)> SynchronizedAsync(TaskSettings? settings = null)
    {
        var manager = new ConversionManager(Folder, twins);
        var id = manager.Create(NewTask(settings)).Id;
        Assert.Equal(ConversionState.Synchronized, (await DriveAsync(manager, id, ConversionGoal.To(ConversionState.Synchronized))).State);
        return (manager, id);
    }

    private static string Text(Conversion conversion) => JsonSerializer.Serialize(conversion, EngineJson.Options);

    private new ConversionManager Manager() => new(Folder, twins);

    private void Drive(ConversionManager manager, string id, ConversionGoal goal) =>
        manager.Drive(id, twins, Secrets, Options(), NullConsole.Instance, goal: goal);

    private Task<Conversion> DriveAsync(ConversionManager manager, string id, ConversionGoal goal)
    {
        Drive(manager, id, goal);
        return manager.WaitAsync(id, null, Timeout());
    }

    private Task<Rehearsal> RehearseAsync(ConversionManager manager, string id) =>
        manager.RehearseAsync(
            id,
            twins,
            new RehearsalOptions { BootTimeout = TimeSpan.FromSeconds(10) },
            Options(),
            NullConsole.Instance,
            null,
            Timeout()
        );
}
