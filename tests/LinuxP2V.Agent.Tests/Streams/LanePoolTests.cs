using LinuxP2V.Agent.Source;
using LinuxP2V.Agent.Streams;

namespace LinuxP2V.Agent.Tests.Streams;

public sealed class LanePoolTests
{
    private int opened;
    private int released;

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(4)]
    public async Task Lanes_that_are_opened_ahead_and_lanes_that_are_asked_for_are_together_no_more_than_the_limit(int asked)
    {
        await using (var pool = new LanePool(OpenAsync, ReleaseAsync, 4))
        {
            var ahead = pool.OpenAheadAsync(OpenAsync, default);
            var lanes = await Task.WhenAll(Enumerable.Range(0, asked).Select(_ => pool.TakeAsync(default)));
            await ahead;

            Assert.Equal(4, opened);
            Assert.Equal(asked, lanes.Distinct().Count());
            foreach (var lane in lanes)
                await pool.ReturnAsync(lane, isBroken: false);
        }

        Assert.Equal(4, released);
    }

    [Fact]
    public async Task A_lane_that_cannot_be_opened_ahead_is_in_nobodys_way()
    {
        await using var pool = new LanePool(OpenAsync, ReleaseAsync, 2);

        await Assert.ThrowsAsync<IOException>(() => pool.OpenAheadAsync(_ => throw new IOException(), default));

        await pool.ReturnAsync(await pool.TakeAsync(default), isBroken: true);
        await pool.ReturnAsync(await pool.TakeAsync(default), isBroken: false);
        Assert.Equal(2, opened);
    }

    private async Task<ISourceLane> OpenAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(20, cancellationToken);
        Interlocked.Increment(ref opened);
        return new FakeLane();
    }

    private ValueTask ReleaseAsync(ISourceLane lane)
    {
        released++;
        return ValueTask.CompletedTask;
    }

    private sealed class FakeLane : ISourceLane
    {
        public ISourceStream Start(string script, Action<string>? onError = null, CommandInput? input = null) =>
            throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
