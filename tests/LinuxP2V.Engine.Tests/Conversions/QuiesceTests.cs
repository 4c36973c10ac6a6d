using LinuxP2V.Engine.Conversions;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Tests.Conversions;

public sealed class QuiesceTests : ConversionTestBase
{
    private static readonly ConversionGoal CutOver = new() { Sync = SyncChoice.Always, QuiesceServices = ["nginx", "mariadb"] };

    private readonly ListeningConsole _console = new();

    [Fact]
    public async Task Services_stop_before_the_last_pass_and_stay_stopped_when_the_cutover_succeeds()
    {
        var (manager, id) = await CopiedAsync();
        var end = await RunAsync(manager, id, CutOver, _console);
        Assert.Equal(ConversionState.Completed, end.State);
        Assert.Equal(["stop", "sync", "reconfigure", "finish"], Cutover());
        Assert.Equal(["nginx", "mariadb"], Agent.Stopped);
        Assert.Empty(end.StoppedServices);
        Assert.Empty(_console.Warnings);
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
        var failed = await RunAsync(manager, id, CutOver, _console);
        Assert.Equal((ConversionState.Failed, ErrorIds.AgentFailed), (failed.State, failed.Error!.Id));
        Assert.Equal("start", Agent.Ran[^1]);
        Assert.Empty(Agent.Stopped);
        Assert.Empty(failed.StoppedServices);

        Assert.Equal(ConversionState.Completed, (await RunAsync(manager, id, null, _console)).State);
        var again = Agent.Ran.Skip(Agent.Ran.IndexOf("start") + 1).Where(o => o is "stop" or "sync" or "start" or "reconfigure" or "finish");
        Assert.Equal(["stop", "sync", "reconfigure", "finish"], again);
        Assert.Empty(_console.Warnings);
    }

    [Fact]
    public async Task Services_that_rest_while_a_finished_VM_is_not_handed_over_are_named_until_it_is()
    {
        var (manager, id) = await CopiedAsync();
        Destination.FailOnce["Finish"] = new P2VException(ErrorIds.ServerTaskFailed, "no", "mend it");
        var failed = await RunAsync(manager, id, CutOver, _console);
        Assert.Equal((ConversionState.Failed, ErrorIds.ServerTaskFailed), (failed.State, failed.Error!.Id));
        Assert.Equal(["nginx", "mariadb"], failed.StoppedServices);
        Assert.Equal(["nginx", "mariadb"], Agent.Stopped);
        var warning = Assert.Single(_console.Warnings);
        Assert.Contains($"Resume-P2VConversion -Conversion {id}", warning, StringComparison.Ordinal);
        Assert.Contains("systemctl start nginx mariadb", warning, StringComparison.Ordinal);

        var end = await RunAsync(manager, id, null, _console);
        Assert.Equal(ConversionState.Completed, end.State);
        Assert.Empty(end.StoppedServices);
        Assert.Single(_console.Warnings);
    }

    [Fact]
    public async Task Services_are_started_again_on_a_stop()
    {
        var (manager, id) = await CopiedAsync();
        Agent.HoldAt["sync"] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        manager.Drive(id, Destination, Secrets, Options(), _console, goal: CutOver);
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

        var end = await RunAsync(Manager(), id, null, _console);
        Assert.Equal(ConversionState.Completed, end.State);
        Assert.Equal(["stop", "sync", "reconfigure", "finish"], Cutover());
        Assert.Equal(["nginx", "mariadb"], Agent.Stopped);
    }

    [Fact]
    public async Task An_engine_that_dies_and_is_followed_by_something_else_than_a_cutover_has_its_services_started()
    {
        var (_, id) = await CopiedAsync();
        await DieAtAsync(id, "sync");
        var end = await RunAsync(Manager(), id, new ConversionGoal { Through = ConversionState.Synchronized, Sync = SyncChoice.Always }, _console);
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
        var failed = await RunAsync(manager, id, CutOver, _console);
        Assert.Equal(ErrorIds.SourceConnectionLost, failed.Error!.Id);
        Assert.Equal(["nginx", "mariadb"], failed.StoppedServices);
        var warning = Assert.Single(_console.Warnings);
        Assert.Contains("systemctl start nginx mariadb", warning, StringComparison.Ordinal);
        Assert.Contains("still gone", warning, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_helper_that_restarted_since_does_not_pass_for_one_that_started_them()
    {
        var (manager, id) = await CopiedAsync();
        var hold = Agent.HoldAt["sync"] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        manager.Drive(id, Destination, Secrets, Options(), _console, goal: CutOver);
        await UntilAsync(() => Agent.Ran.Contains("sync"));
        Agent.HoldAt.Clear();
        Agent.FailOnce["reconfigure"] = new ErrorDescription(ErrorIds.ReconfigurationFailed, "no", "mend it");
        Agent.Restart();
        var failed = await manager.WaitAsync(id, null, Timeout());
        Assert.Equal(ErrorIds.ReconfigurationFailed, failed.Error!.Id);
        Assert.Equal(["nginx", "mariadb"], failed.StoppedServices);
        Assert.Contains(_console.Warnings, w => w.Contains("systemctl start nginx mariadb", StringComparison.Ordinal) && w.Contains("has restarted since", StringComparison.Ordinal));
        hold.TrySetCanceled();
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
        var log = new ConversionLog(Path.Combine(Folder, "first.log"), NullConsole.Instance);
        var first = new ConversionDriver(new ConversionTracker(store, log, store.Find(id)!), Destination, null, Secrets, Options(), dying, NullConsole.Instance);
        _ = first.RunAsync(goal, CancellationToken.None);
        await UntilAsync(() => Agent.Ran.Contains(operation));
        Agent.HoldAt.Clear();
        dying.IsDead = true;
        Agent.DropConnection();
        hold.SetResult();
    }
}
