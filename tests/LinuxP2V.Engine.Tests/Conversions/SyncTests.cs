using System.Text.Json.Nodes;
using LinuxP2V.Engine.Conversions;
using LinuxP2V.Engine.Tasks;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Tests.Conversions;

public sealed class SyncTests : ConversionTestBase
{
    private static readonly ConversionGoal Copy = ConversionGoal.To(ConversionState.Synchronized);
    private static readonly ConversionGoal Pass = new() { Through = ConversionState.Synchronized, Sync = SyncChoice.Always };
    private static readonly ConversionGoal CutOver = new() { Sync = SyncChoice.Always };

    [Fact]
    public async Task Each_pass_is_run_and_counted_and_ends_where_it_began()
    {
        var manager = Manager();
        var id = manager
            .Create(
                NewTask(
                    new TaskSettings
                    {
                        Copy = new CopyOptions { StreamCount = 3, LowImpact = true },
                    }
                )
            )
            .Id;
        await RunAsync(manager, id, Copy);
        await RunAsync(manager, id, Pass);
        var end = await RunAsync(manager, id, Pass);

        Assert.Equal((ConversionState.Synchronized, true), (end.State, end.IsGoalReached));
        Assert.Equal(2, Agent.Ran.Count(o => o == "sync"));
        Assert.Equal([1, 2], end.Passes.Select(p => p.Number));
        Assert.All(
            end.Passes,
            p =>
                Assert.Equal(
                    (true, 1, 2, 3, 4, 5, 60),
                    (
                        p.IsComplete,
                        p.Counts.Created,
                        p.Counts.Changed,
                        p.Counts.MetadataOnly,
                        p.Counts.Renamed,
                        p.Counts.Deleted,
                        p.Counts.Bytes
                    )
                )
        );
        Assert.Equal(end.Passes[0].RunStartedAt, end.Passes[1].CoversSince);
        Assert.Equal(end.CopyStartedAt, end.Passes[0].CoversSince);
        Assert.Contains(end.Phases, p => p.State == ConversionState.Synchronizing);
        Assert.All(Agent.Requests.OfType<SyncRequest>(), r => Assert.Equal((3, true), (r.Options.StreamCount, r.Options.LowImpact)));
        Assert.Single(Agent.Requests.OfType<CopyRequest>());
        Assert.Equal(end.Passes, Manager().Get(id).Passes);
    }

    [Fact]
    public async Task A_copy_that_was_reconfigured_is_reconfigured_again_after_a_pass()
    {
        var manager = Manager();
        var id = manager.Create(NewTask()).Id;
        Assert.True((await RunAsync(manager, id, ConversionGoal.To(ConversionState.Reconfiguring))).IsReconfigured);
        var synced = await RunAsync(manager, id, Pass);
        Assert.Equal((ConversionState.Synchronized, false), (synced.State, synced.IsReconfigured));
        Assert.Contains(synced.Phases, p => p.State == ConversionState.Reconfiguring);

        Assert.Equal(ConversionState.Completed, (await RunAsync(manager, id, ConversionGoal.To(ConversionState.Completed))).State);
        Assert.Equal(["reconfigure", "sync", "reconfigure", "finish"], Agent.Ran.Where(o => o is "reconfigure" or "sync" or "finish"));
    }

    [Fact]
    public async Task Passes_are_refused_before_the_copy_and_after_the_end()
    {
        var manager = Manager();
        var id = manager.Create(NewTask()).Id;
        await RunAsync(manager, id, ConversionGoal.To(ConversionState.HelperReady));
        var early = Assert.Throws<P2VException>(() => manager.Drive(id, Destination, Secrets, Options(), NullConsole.Instance, goal: Pass));
        Assert.Equal(ErrorIds.ConversionWrongState, early.ErrorId);
        Assert.Contains("Copy-P2VVolume", early.Remedy, StringComparison.Ordinal);
        Assert.False(manager.IsDriven(id));

        await RunAsync(manager, id, ConversionGoal.To(ConversionState.Completed));
        var late = Assert.Throws<P2VException>(() => manager.Drive(id, Destination, Secrets, Options(), NullConsole.Instance, goal: Pass));
        Assert.Equal(ErrorIds.ConversionWrongState, late.ErrorId);
        Assert.DoesNotContain("sync", Agent.Ran);
    }

    [Fact]
    public async Task A_copy_that_still_runs_elsewhere_is_in_use_and_not_out_of_reach()
    {
        var hold = Agent.HoldAt["copy"] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var manager = Manager();
        var id = manager.Create(NewTask()).Id;
        manager.Drive(id, Destination, Secrets, Options(), NullConsole.Instance, goal: Copy);
        await UntilAsync(() => Agent.Ran.Contains("copy"));
        var refused = Assert.Throws<P2VException>(() =>
            Manager().Drive(id, Destination, Secrets, Options(), NullConsole.Instance, goal: Pass)
        );
        Assert.Equal(ErrorIds.ConversionInUse, refused.ErrorId);
        hold.SetResult();
        Assert.Equal(ConversionState.Synchronized, (await manager.WaitAsync(id, null, Timeout())).State);
    }

    [Fact]
    public async Task What_was_stopped_where_it_stood_can_be_resumed()
    {
        var manager = Manager();
        var id = manager.Create(NewTask()).Id;
        await RunAsync(manager, id, Copy);
        var stopped = await manager.StopAsync(id, Timeout());
        Assert.Equal(
            (ConversionState.Stopped, ConversionState.Synchronized, false),
            (stopped.State, stopped.InterruptedState!.Value, stopped.IsGoalReached)
        );
        Assert.Equal(ConversionState.Synchronized, (await RunAsync(manager, id)).State);
    }

    [Fact]
    public async Task A_pass_whose_driver_dies_is_gone_on_with_and_leads_no_further()
    {
        var manager = Manager();
        var id = manager.Create(NewTask()).Id;
        await RunAsync(manager, id, Copy);
        var hold = Agent.HoldAt["sync"] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var dying = new DyingConnector(Agent);
        var store = new ConversionStore(Folder);
        var log = new ConversionLog(Stream.Null, NullConsole.Instance);
        var goal = Pass with { Number = 7 };
        store.Save(store.Find(id)! with { Goal = goal, IsGoalReached = false });
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
        await UntilAsync(() => Agent.Ran.Contains("sync"));
        await UntilAsync(() => store.Find(id)!.State == ConversionState.Synchronizing);
        dying.IsDead = true;
        Agent.DropConnection();
        Agent.HoldAt.Clear();
        hold.SetResult();

        var end = await RunAsync(Manager(), id);
        Assert.Equal((ConversionState.Synchronized, true), (end.State, end.IsGoalReached));
        Assert.Single(Agent.Ran, "sync");
        Assert.Equal((1, true, 60), (Assert.Single(end.Passes).Number, end.Passes[0].IsComplete, end.Passes[0].Counts.Bytes));
    }

    [Fact]
    public async Task A_pass_that_broke_off_is_done_again_before_anything_else_and_counts_as_one()
    {
        var manager = Manager();
        var id = manager.Create(NewTask()).Id;
        await RunAsync(manager, id, Copy);
        Agent.FailOnce["sync"] = new ErrorDescription(ErrorIds.SourceConnectionLost, "the source is gone", "start it");
        var failed = await RunAsync(manager, id, Pass);
        Assert.Equal(
            (ConversionState.Failed, ConversionState.Synchronizing, true),
            (failed.State, failed.InterruptedState!.Value, failed.IsPassOpen)
        );

        // Whatever is asked for next: half of a pass must not become a VM.
        var end = await RunAsync(manager, id, ConversionGoal.To(ConversionState.Completed));
        Assert.Equal(ConversionState.Completed, end.State);
        Assert.Equal(["sync", "sync", "reconfigure", "finish"], Agent.Ran.Where(o => o is "reconfigure" or "sync" or "finish"));
        Assert.True(Assert.Single(end.Passes).IsComplete);
    }

    [Fact]
    public async Task A_source_that_is_gone_for_good_can_be_left_out_and_half_a_pass_is_warned_of()
    {
        var manager = Manager();
        var id = manager.Create(NewTask()).Id;
        await RunAsync(manager, id, Copy);
        Agent.FailOnce["sync"] = new ErrorDescription(ErrorIds.SourceConnectionLost, "the source is gone", "start it");
        await RunAsync(manager, id, Pass);
        Agent.Restart();
        Agent.FailOnce["connect"] = new ErrorDescription(ErrorIds.HelperCannotReachSource, "no route", "mend it");

        var console = new ListeningConsole();
        manager.Drive(id, Destination, null, Options(), console, goal: new ConversionGoal { Sync = SyncChoice.Never });
        Assert.Equal(ConversionState.Completed, (await manager.WaitAsync(id, null, Timeout())).State);
        Assert.Contains(console.Warnings, w => w.Contains("The last pass broke off", StringComparison.Ordinal));
        Assert.Single(Agent.Ran, "sync");
    }

    [Fact]
    public async Task A_cutover_does_the_last_pass_and_a_resume_of_it_does_it_again()
    {
        Agent.FailOnce["reconfigure"] = new ErrorDescription(ErrorIds.ReconfigurationFailed, "no", "mend it");
        var manager = Manager();
        var id = manager.Create(NewTask()).Id;
        await RunAsync(manager, id, Copy);
        Assert.Equal(ConversionState.Reconfiguring, (await RunAsync(manager, id, CutOver)).InterruptedState);
        Assert.Equal(ConversionState.Completed, (await RunAsync(manager, id)).State);
        Assert.Equal(
            ["sync", "reconfigure", "sync", "reconfigure", "finish"],
            Agent.Ran.Where(o => o is "reconfigure" or "sync" or "finish")
        );
    }

    [Fact]
    public async Task A_stop_in_mid_pass_stops_the_agent_and_a_resume_goes_on_to_what_was_asked()
    {
        var manager = Manager();
        var id = manager.Create(NewTask()).Id;
        await RunAsync(manager, id, Copy);
        Agent.HoldAt["sync"] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        manager.Drive(id, Destination, Secrets, Options(), NullConsole.Instance, goal: Pass);
        await UntilAsync(() => Agent.Ran.Contains("sync"));
        var stopped = await Manager().StopAsync(id, Timeout());
        Assert.Equal(
            (ConversionState.Stopped, ConversionState.Synchronizing, false),
            (stopped.State, stopped.InterruptedState!.Value, stopped.IsGoalReached)
        );

        Agent.HoldAt.Clear();
        Assert.Equal(ConversionState.Synchronized, (await RunAsync(manager, id)).State);
        Assert.DoesNotContain("finish", Agent.Ran);
    }

    [Fact]
    public async Task Progress_of_a_pass_leaves_the_figures_of_the_copy_alone()
    {
        var manager = Manager();
        var id = manager.Create(NewTask()).Id;
        await RunAsync(manager, id, Copy);
        var hold = Agent.HoldAt["sync"] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        manager.Drive(id, Destination, Secrets, Options(), NullConsole.Instance, goal: Pass);
        await UntilAsync(() => manager.Get(id).IsPassOpen);
        // The helper's last word on the copy comes again with each connection.
        Agent.Tell(
            new VolumeProgressEvent
            {
                VolumeId = "/",
                BytesDone = 9,
                BytesTotal = 10,
                FilesDone = 1,
                FilesTotal = 2,
                Time = DateTimeOffset.UtcNow.AddHours(-1),
            }
        );
        Agent.Tell(
            new VolumeProgressEvent
            {
                VolumeId = "/",
                BytesDone = 3,
                BytesTotal = 4,
                FilesDone = 1,
                FilesTotal = 1,
            }
        );
        await UntilAsync(() => manager.Get(id).Activity.Count > 0);
        Assert.Equal(new VolumeState("/", 3, 4, 1, 1, false), Assert.Single(manager.Get(id).Activity));
        Assert.Equal(new VolumeState("/", 10, 10, 2, 2, true), Assert.Single(manager.Get(id).Volumes));
        hold.SetResult();
        Assert.True((await manager.WaitAsync(id, null, Timeout())).IsCopied);
    }

    [Fact]
    public async Task What_a_resume_finds_in_the_copy_is_told()
    {
        Agent.Resumed = new VolumeResumedEvent
        {
            VolumeId = "/",
            BytesKept = 7,
            FilesKept = 1,
        };
        var manager = Manager();
        var end = await RunAsync(manager, manager.Create(NewTask()).Id, Copy);
        Assert.Equal(7, Assert.Single(end.Volumes).BytesKept);
        Assert.Contains(
            "7 bytes in 1 files are there already",
            await File.ReadAllTextAsync(manager.GetLogPath(end.Id)),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_conversion_of_an_older_version_is_read_and_gone_on_with()
    {
        var manager = Manager();
        var id = manager.Create(NewTask()).Id;
        var file = Directory.GetFiles(Folder, $"{id}.json", SearchOption.AllDirectories).Single();
        var old = JsonNode.Parse(await File.ReadAllTextAsync(file))!.AsObject();
        foreach (
            var added in new[]
            {
                "goal",
                "isGoalReached",
                "activity",
                "copyStartedAt",
                "passes",
                "verification",
                "bandwidthLimitMbps",
                "stoppedServices",
                "servicesStoppedBy",
                "expectedFinish",
            }
        )
        {
            old.Remove(added);
        }

        old["task"]!["settings"]!.AsObject().Remove("copy");
        await File.WriteAllTextAsync(file, old.ToJsonString());
        var end = await RunAsync(Manager(), id);
        Assert.Equal((ConversionState.Completed, 0), (end.State, end.Passes.Count));
        Assert.Equal(new CopyOptions(), end.Task.Settings.Copy);
    }
}
