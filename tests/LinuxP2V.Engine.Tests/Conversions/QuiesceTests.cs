using System.Text.Json;
using LinuxP2V.Engine.Conversions;
using LinuxP2V.Protocol;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Tests.Conversions;

public sealed class QuiesceTests : ConversionTestBase
{
    private static readonly ConversionGoal CutOver = new() { Sync = SyncChoice.Always, QuiesceServices = ["nginx", "mariadb"] };

    private readonly ListeningConsole console = new();

    [Fact]
    public async Task Services_stop_before_the_last_pass_and_stay_stopped_when_the_cutover_succeeds()
    {
        var (manager, id) = await CopiedAsync();
        var end = await RunAsync(manager, id, CutOver, console);
        Assert.Equal(ConversionState.Completed, end.State);
        Assert.Equal(["stop", "sync", "reconfigure", "finish"], Cutover());
        Assert.Equal(["nginx", "mariadb"], Agent.Stopped);
        Assert.Empty(end.StoppedServices);
        Assert.Empty(console.Warnings);
    }

    [Theory]
    [InlineData("stop")]
    [InlineData("sync")]
    [InlineData("reconfigure")]
    [InlineData("finish")]
    public async Task Services_are_started_again_when_anything_after_it_fails_and_a_resume_stops_them_anew(string operation)
    {
        var (manager, id) = await CopiedAsync();
        Agent.FailOnce[operation] = new ErrorDescription(ErrorIds.AgentFailed, "it broke", "mend it");
        var failed = await RunAsync(manager, id, CutOver, console);
        Assert.Equal((ConversionState.Failed, ErrorIds.AgentFailed), (failed.State, failed.Error!.Id));
        Assert.Equal("start", Agent.Ran[^1]);
        Assert.Empty(Agent.Stopped);
        Assert.Empty(failed.StoppedServices);

        Assert.Equal(ConversionState.Completed, (await RunAsync(manager, id, null, console)).State);
        var again = Agent
            .Ran.Skip(Agent.Ran.IndexOf("start") + 1)
            .Where(o => o is "stop" or "sync" or "start" or "reconfigure" or "finish");
        Assert.Equal(["stop", "sync", "reconfigure", "finish"], again);
        Assert.Empty(console.Warnings);
    }

    [Fact]
    public async Task The_helper_that_forgot_the_source_gets_it_again_for_the_end_of_the_cutover()
    {
        var (manager, id) = await CopiedAsync();

        Assert.Equal(ConversionState.Completed, (await RunAsync(manager, id, CutOver, console)).State);

        Assert.Equal(["stop", "sync", "reconfigure", "connect", "finish"], Agent.Ran.Skip(Agent.Ran.LastIndexOf("stop")));
    }

    [Fact]
    public async Task An_engine_that_died_behind_the_reconfiguration_is_followed_by_one_that_ends_the_cutover()
    {
        var (_, id) = await CopiedAsync();
        await DieAtAsync(id, "reconfigure");
        await UntilAsync(() => Agent.IsIdle);
        var store = new ConversionStore(Folder);
        store.Save(store.Find(id)! with { IsReconfigured = true });
        var before = Agent.Ran.Count;

        var end = await RunAsync(Manager(), id, null, console);

        Assert.Equal(ConversionState.Completed, end.State);
        Assert.Equal(["connect", "finish"], Agent.Ran.Skip(before).TakeLast(2));
        Assert.Empty(console.Warnings);
    }

    [Fact]
    public async Task A_cutover_without_a_credential_ends_before_it_stops_anything()
    {
        var (manager, id) = await CopiedAsync();
        Agent.Ran.Clear();

        manager.Drive(id, Destination, null, Options(), console, goal: CutOver);
        var failed = await manager.WaitAsync(id, null, Timeout());

        Assert.Equal((ConversionState.Failed, ErrorIds.SourceCredentialRequired), (failed.State, failed.Error!.Id));
        Assert.Contains("at the end of a cutover", failed.Error.Cause, StringComparison.Ordinal);
        Assert.DoesNotContain("stop", Agent.Ran);
        Assert.Empty(Agent.Down);
    }

    [Fact]
    public async Task Services_that_rest_while_a_finished_VM_is_not_handed_over_are_named_until_it_is()
    {
        var (manager, id) = await CopiedAsync();
        Destination.FailOnce["Finish"] = new P2VException(ErrorIds.ServerTaskFailed, "no", "mend it");
        var failed = await RunAsync(manager, id, CutOver, console);
        Assert.Equal((ConversionState.Failed, ErrorIds.ServerTaskFailed), (failed.State, failed.Error!.Id));
        Assert.Equal(["nginx", "mariadb"], failed.StoppedServices);
        Assert.Equal(["nginx", "mariadb"], Agent.Stopped);
        var warning = Assert.Single(console.Warnings);
        Assert.Contains($"Resume-P2VConversion -Conversion {id}", warning, StringComparison.Ordinal);
        Assert.Contains("systemctl start nginx mariadb", warning, StringComparison.Ordinal);

        var end = await RunAsync(manager, id, null, console);
        Assert.Equal(ConversionState.Completed, end.State);
        Assert.Empty(end.StoppedServices);
        Assert.Single(console.Warnings);
    }

    [Fact]
    public async Task Services_are_started_again_on_a_stop()
    {
        var (manager, id) = await CopiedAsync();
        Agent.HoldAt["sync"] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        manager.Drive(id, Destination, Secrets, Options(), console, goal: CutOver);
        await UntilAsync(() => Agent.Ran.Contains("sync"));
        Assert.Equal(["nginx", "mariadb"], Manager().Get(id).StoppedServices);
        var stopped = await Manager().StopAsync(id, Timeout());
        Assert.Equal(ConversionState.Stopped, stopped.State);
        Assert.Empty(stopped.StoppedServices);
        Assert.Empty(Agent.Stopped);
    }

    [Fact]
    public async Task An_engine_that_dies_leaves_a_note_and_a_resume_ends_the_cutover_with_the_services_as_they_are()
    {
        var (_, id) = await CopiedAsync();
        await DieAtAsync(id, "sync");
        Assert.Equal(["nginx", "mariadb"], Manager().Get(id).StoppedServices);

        var end = await RunAsync(Manager(), id, null, console);
        Assert.Equal(ConversionState.Completed, end.State);
        Assert.Equal(["stop", "sync", "reconfigure", "finish"], Cutover());
        Assert.Equal(["nginx", "mariadb"], Agent.Stopped);
    }

    [Fact]
    public async Task An_engine_that_dies_and_is_followed_by_something_else_than_a_cutover_has_its_services_started()
    {
        var (_, id) = await CopiedAsync();
        await DieAtAsync(id, "sync");
        var end = await RunAsync(
            Manager(),
            id,
            new ConversionGoal { Through = ConversionState.Synchronized, Sync = SyncChoice.Always },
            console
        );
        Assert.Equal(ConversionState.Synchronized, end.State);
        Assert.Equal(["stop", "sync", "start", "sync"], Cutover());
        Assert.Empty(end.StoppedServices);
        Assert.Empty(Agent.Stopped);
    }

    [Fact]
    public async Task Services_that_cannot_be_started_again_are_named_and_remembered()
    {
        var (manager, id) = await CopiedAsync();
        Agent.FailOnce["sync"] = new ErrorDescription(ErrorIds.SourceConnectionLost, "the source is gone", "mend it");
        Agent.FailOnce["start"] = new ErrorDescription(ErrorIds.SourceConnectionLost, "still gone", "mend it");
        var failed = await RunAsync(manager, id, CutOver, console);
        Assert.Equal(ErrorIds.SourceConnectionLost, failed.Error!.Id);
        Assert.Equal(["nginx", "mariadb"], failed.StoppedServices);
        var warning = Assert.Single(console.Warnings);
        Assert.Contains("systemctl start nginx mariadb", warning, StringComparison.Ordinal);
        Assert.Contains("still gone", warning, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sync", false)]
    [InlineData("stop", false)]
    [InlineData("stop", true)]
    public async Task What_a_helper_stopped_before_it_restarted_is_started_by_the_next_one_when_the_cutover_fails(
        string diedAt,
        bool silently
    )
    {
        var (manager, id) = await CopiedAsync();
        Agent.Down.Add("idle");
        Agent.DieSilently = silently;
        var hold = Agent.HoldAt[diedAt] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        manager.Drive(id, Destination, Secrets, Options(), console, goal: CutOver with { QuiesceServices = ["nginx", "idle"] });
        await UntilAsync(() =>
            Agent.Ran.Contains(diedAt) && Agent.Down.Contains("nginx") && Manager().Get(id).ServicesAtRest.Contains("nginx")
        );
        Agent.HoldAt.Clear();
        Agent.DieSilently = false;
        Agent.FailOnce["reconfigure"] = new ErrorDescription(ErrorIds.ReconfigurationFailed, "no", "mend it");
        Agent.Restart();

        var failed = await manager.WaitAsync(id, null, Timeout());

        Assert.Equal(ErrorIds.ReconfigurationFailed, failed.Error!.Id);
        Assert.Equal("boot-2", failed.ServicesStoppedBy);
        Assert.Empty(failed.ServicesAtRest);
        Assert.DoesNotContain("nginx", Agent.Down);
        // Only a helper that told nothing leaves it open whether this one ran.
        Assert.Equal(diedAt == "sync", Agent.Down.Contains("idle"));
        Assert.DoesNotContain(console.Warnings, w => w.Contains("systemctl", StringComparison.Ordinal));
        hold.TrySetCanceled();
    }

    [Theory]
    [InlineData("sync")]
    [InlineData("reconfigure")]
    public async Task A_resume_stops_services_that_the_helper_started_meanwhile_and_does_the_pass_again(string diedAt)
    {
        var (_, id) = await CopiedAsync();
        await DieAtAsync(id, diedAt);
        await UntilAsync(() => Agent.IsIdle);
        Agent.ReleaseServices();
        Assert.Empty(Agent.Down);
        var before = Cutover().Count();

        var end = await RunAsync(Manager(), id, null, console);

        Assert.Equal(ConversionState.Completed, end.State);
        Assert.Equal(["stop", "sync", "reconfigure", "finish"], Cutover().Skip(before));
        Assert.Equal(["mariadb", "nginx"], Agent.Down.Order());
        Assert.Contains("They are stopped anew", Assert.Single(console.Warnings), StringComparison.Ordinal);
        Assert.True(end.IsReconfigured);
    }

    [Fact]
    public async Task A_driver_that_slept_through_it_does_the_pass_again_too()
    {
        var (manager, id) = await CopiedAsync();
        var hold = Agent.HoldAt["sync"] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        manager.Drive(id, Destination, Secrets, Options(), console, goal: CutOver);
        await UntilAsync(() => Agent.Ran.Contains("sync"));
        Agent.HoldAt.Clear();
        Agent.RefuseConnections = int.MaxValue;
        Agent.DropConnection();
        hold.SetResult();
        await UntilAsync(() => Agent.IsIdle);
        Agent.ReleaseServices();
        Agent.RefuseConnections = 0;

        var end = await manager.WaitAsync(id, null, Timeout());

        Assert.Equal(ConversionState.Completed, end.State);
        Assert.Equal(["stop", "sync", "stop", "sync", "reconfigure", "finish"], Cutover());
        Assert.Equal(["mariadb", "nginx"], Agent.Down.Order());
        Assert.Single(console.Warnings, w => w.Contains("They are stopped anew", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_asked_for_instead_of_the_cutover_says_that_the_copy_is_behind()
    {
        var (_, id) = await CopiedAsync();
        await DieAtAsync(id, "reconfigure");
        await UntilAsync(() => Agent.IsIdle);
        Agent.ReleaseServices();

        var end = await RunAsync(Manager(), id, new ConversionGoal { Sync = SyncChoice.Never }, console);

        Assert.Equal(ConversionState.Completed, end.State);
        Assert.Contains("not in the copy before another pass", Assert.Single(console.Warnings), StringComparison.Ordinal);
        Assert.Empty(Agent.Down);
    }

    [Fact]
    public async Task A_new_helper_gets_the_way_to_the_source_before_it_starts_what_another_left_stopped()
    {
        var (_, id) = await CopiedAsync();
        await DieAtAsync(id, "sync");
        Agent.Restart();

        var end = await RunAsync(Manager(), id, ConversionGoal.To(ConversionState.Synchronized), console);

        Assert.Equal(ConversionState.Synchronized, end.State);
        Assert.Empty(end.ServicesAtRest);
        Assert.Empty(Agent.Down);
        Assert.Equal(["connect", "start"], Agent.Ran.Skip(Agent.Ran.LastIndexOf("sync") + 1).Take(2));
        Assert.Empty(console.Warnings);
    }

    [Fact]
    public void Lists_that_an_older_peer_leaves_out_are_empty()
    {
        const string Old = """{"type":"TYPE","requestId":"1","services":["nginx"]}""";
        AgentRequest Read(string type) =>
            JsonSerializer.Deserialize(Old.Replace("TYPE", type, StringComparison.Ordinal), ProtocolJson.Default.AgentRequest)!;
        Assert.Empty(Assert.IsType<StopServicesRequest>(Read("stopServices")).Stopped);
        Assert.Empty(Assert.IsType<StartServicesRequest>(Read("startServices")).Stopped);
        var told = JsonSerializer.Deserialize("""{"type":"sourceServices","sequence":1}""", ProtocolJson.Default.AgentEvent);
        Assert.Empty(Assert.IsType<SourceServicesEvent>(told).Stopped);
    }

    private IEnumerable<string> Cutover() => Agent.Ran.Where(o => o is "stop" or "sync" or "start" or "reconfigure" or "finish");

    private async Task<(ConversionManager Manager, string Id)> CopiedAsync()
    {
        var manager = Manager();
        var id = manager.Create(NewTask()).Id;
        await RunAsync(manager, id, ConversionGoal.To(ConversionState.Synchronized));
        return (manager, id);
    }

    /// <summary>A driver that stands still for ever once the operation runs, as a killed one does; its lock goes with it.</summary>
    private async Task DieAtAsync(string id, string operation)
    {
        var hold = Agent.HoldAt[operation] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var dying = new DyingConnector(Agent);
        var store = new ConversionStore(Folder);
        var goal = CutOver with { Number = 5 };
        store.Save(store.Find(id)! with { Goal = goal, IsGoalReached = false });
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
        _ = first.RunAsync(goal, CancellationToken.None);
        await UntilAsync(() => Agent.Ran.Contains(operation));
        Agent.HoldAt.Clear();
        dying.IsDead = true;
        Agent.DropConnection();
        hold.SetResult();
    }
}
