using System.Diagnostics;
using LinuxP2V.Agent.Session;
using LinuxP2V.Agent.Source;
using LinuxP2V.Agent.Streams;
using LinuxP2V.Agent.Tests.Session;
using LinuxP2V.Agent.Tests.Source;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Tests.Streams;

public sealed class BandwidthLimiterTests
{
    [Fact]
    [Trait("Run", "Full")]
    public async Task Real_streams_together_keep_the_limit_and_follow_it_when_it_changes()
    {
        using var server = new TestSshServer();
        var state = Directory.CreateTempSubdirectory("p2v-state-").FullName;
        await using (var source = await new SshSourceConnector(state).ConnectAsync(server.Access(), new EventRecorder(), default))
        await using (
            var streams = new CopyStreams(source, new CopyOptions { StreamCount = 2 }, new BandwidthLimiter(), new EventRecorder())
        )
        using (var end = new CancellationTokenSource())
        {
            streams.Limiter.Set(40);
            var readers = Enumerable
                .Range(0, 2)
                .Select(_ =>
                    streams.RunAsync(
                        async (lane, token) =>
                        {
                            using var stream = lane.Start("exec cat /dev/zero");
                            await using var registration = token.Register(stream.Kill);
                            return await Task.Run(() => Drain(streams.Limiter.Throttle(stream.Output, default)), token);
                        },
                        end.Token
                    )
                )
                .ToList();

            await HoldsAsync(streams.Limiter, 40);
            streams.Limiter.Set(16);
            await HoldsAsync(streams.Limiter, 16);
            streams.Limiter.Set(64);
            await HoldsAsync(streams.Limiter, 64);
            streams.Limiter.Set(null);
            Assert.True(await MeasureAsync(streams.Limiter) > 70, "without a limit it is no faster");
            await end.CancelAsync();
            await Task.WhenAll(readers);
        }

        Directory.Delete(state, recursive: true);
    }

    [Fact]
    public void What_waits_under_a_low_limit_goes_on_when_it_is_raised()
    {
        var limiter = new BandwidthLimiter();
        limiter.Set(0.1);
        var clock = Stopwatch.StartNew();
        using var raise = new Timer(_ => limiter.Set(1000), null, 300, Timeout.Infinite);

        limiter.Wait(10_000_000);

        Assert.InRange(clock.Elapsed.TotalSeconds, 0.25, 3);
    }

    [Fact]
    public async Task What_waits_under_an_absurd_limit_ends_when_it_is_cancelled()
    {
        var limiter = new BandwidthLimiter();
        limiter.Set(0.001);
        using var cancellation = new CancellationTokenSource();
        using var throttled = limiter.Throttle(new MemoryStream(new byte[1 << 20]), cancellation.Token);
        var reading = Task.Run(() => Drain(throttled));
        while (limiter.TotalBytes == 0)
            await Task.Delay(10);
        Assert.False(reading.IsCompleted);

        await cancellation.CancelAsync();

        Assert.Equal(1 << 20, await reading.WaitAsync(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public void A_limit_that_is_set_stands_above_that_of_requests()
    {
        var limits = new RequestLimits();
        limits.Begin(80);
        Assert.Equal(10_000_000, limits.Limiter.BytesPerSecond);
        limits.Override(8);
        Assert.Equal(1_000_000, limits.Limiter.BytesPerSecond);
        limits.Begin(80);
        Assert.Equal(1_000_000, limits.Limiter.BytesPerSecond);
        limits.Override(null);
        Assert.Equal(0, limits.Limiter.BytesPerSecond);
        limits.Begin(80);
        Assert.Equal(0, limits.Limiter.BytesPerSecond);
    }

    /// <summary>Never more than a tenth above; a machine that is busy with other tests may take some whiles to reach it.</summary>
    private static async Task HoldsAsync(BandwidthLimiter limiter, double megabits)
    {
        double rate = 0;
        for (var i = 0; i < 5 && rate < megabits * 0.9; i++)
        {
            rate = await MeasureAsync(limiter);
            Assert.True(rate < megabits * 1.1, $"{rate:0.0} Mbit/s at a limit of {megabits}");
        }

        Assert.True(rate > megabits * 0.9, $"{rate:0.0} Mbit/s at a limit of {megabits}");
    }

    /// <returns>
    /// Megabits a second over a while, once a change is through: what a stream may catch up with after a pause is
    /// less than a tenth of it.
    /// </returns>
    private static async Task<double> MeasureAsync(BandwidthLimiter limiter)
    {
        await Task.Delay(500);
        var (clock, before) = (Stopwatch.StartNew(), limiter.TotalBytes);
        await Task.Delay(4000);
        return (limiter.TotalBytes - before) * 8 / 1e6 / clock.Elapsed.TotalSeconds;
    }

    private static long Drain(Stream from)
    {
        var buffer = new byte[1 << 20];
        long total = 0;
        while (from.Read(buffer) is var count and > 0)
            total += count;

        return total;
    }
}
