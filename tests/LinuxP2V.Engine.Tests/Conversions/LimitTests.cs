using LinuxP2V.Engine.Conversions;
using LinuxP2V.Engine.Tasks;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Tests.Conversions;

public sealed class LimitTests : ConversionTestBase
{
    [Fact]
    public async Task A_running_conversion_takes_a_limit_from_another_process_at_once_and_over_a_new_connection()
    {
        var hold = Agent.HoldAt["copy"] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var manager = Manager();
        var id = manager.Create(NewTask()).Id;
        manager.Drive(id, Destination, Secrets, Options(), NullConsole.Instance);
        await UntilAsync(() => Agent.Ran.Contains("copy"));
        var limited = await Manager().LimitAsync(id, 12.5, Timeout());
        Assert.Equal(12.5, limited.BandwidthLimitMbps);
        await UntilAsync(() => Agent.Limits.LastOrDefault() == 12.5);
        Assert.Equal(ConversionState.Copying, manager.Get(id).State);

        // A limit that is said into a broken line is said again.
        Agent.DropConnection();
        Assert.Null((await Manager().LimitAsync(id, 0, Timeout())).BandwidthLimitMbps);
        await UntilAsync(() => Agent.Limits.Last() is null);
        hold.SetResult();
        Assert.Equal(ConversionState.Completed, (await manager.WaitAsync(id, null, Timeout())).State);
        var refused = await Assert.ThrowsAsync<P2VException>(() => manager.LimitAsync(id, 1, Timeout()));
        Assert.Equal(ErrorIds.ConversionWrongState, refused.ErrorId);
    }

    [Fact]
    public async Task A_standing_conversion_takes_it_for_its_next_run()
    {
        var manager = Manager();
        var id = manager.Create(NewTask(new TaskSettings { Copy = new CopyOptions { BandwidthLimitMbps = 100 } })).Id;
        Assert.Equal(100, manager.Get(id).BandwidthLimitMbps);
        Assert.Equal(30, (await Manager().LimitAsync(id, 30, Timeout())).BandwidthLimitMbps);
        await RunAsync(manager, id, ConversionGoal.To(ConversionState.Synchronized));
        Assert.Equal(30, Assert.Single(Agent.Requests.OfType<CopyRequest>()).Options.BandwidthLimitMbps);
        Assert.Equal([30.0], Agent.Limits);
    }

    [Fact]
    public async Task A_queued_conversion_takes_it_while_it_waits()
    {
        var hold = Agent.HoldAt["copy"] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var manager = Manager();
        var (first, second) = (manager.Create(NewTask()).Id, manager.Create(NewTask()).Id);
        manager.Drive(first, Destination, Secrets, Options(), NullConsole.Instance, new ThrottleLimits(Total: 1));
        await UntilAsync(() => Agent.Ran.Contains("copy"));
        manager.Drive(second, Destination, Secrets, Options(), NullConsole.Instance, new ThrottleLimits(Total: 1));
        Assert.Equal(7, (await Manager().LimitAsync(second, 7, Timeout())).BandwidthLimitMbps);
        Assert.Equal(ConversionState.Queued, manager.Get(second).State);
        Assert.Null(manager.Get(first).BandwidthLimitMbps);
        await manager.StopAsync(second, Timeout());
        Assert.Equal(7, Manager().Get(second).BandwidthLimitMbps);
        hold.SetResult();
        await manager.WaitAsync(first, null, Timeout());
    }
}
