using LinuxP2V.Engine.Conversions;
using LinuxP2V.Engine.Destinations;

namespace LinuxP2V.Engine.Tests.Conversions;

public sealed class ConversionThrottleTests
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(20);

    private readonly ConversionThrottle throttle = new();

    [Fact]
    public async Task Without_places_the_limit_in_all_holds_and_the_first_to_come_is_the_first_to_go()
    {
        var limits = new ThrottleLimits(Total: 2);
        var first = await EnterAsync(limits).WaitAsync(WaitTimeout);
        var second = await EnterAsync(limits).WaitAsync(WaitTimeout);
        Task<ConversionThrottle.Pass>[] waiting = [EnterAsync(limits), EnterAsync(limits), EnterAsync(limits)];

        await StillWaitAsync(waiting);
        first.Dispose();
        first.Dispose();
        Assert.Same(waiting[0], await Task.WhenAny(waiting).WaitAsync(WaitTimeout));
        await StillWaitAsync(waiting[1..]);
        second.Dispose();
        Assert.Same(waiting[1], await Task.WhenAny(waiting[1..]).WaitAsync(WaitTimeout));
        Assert.Null((await waiting[0]).Place);
        await StillWaitAsync(waiting[2]);
    }

    [Fact]
    public async Task Who_waits_for_a_full_host_holds_up_nobody_who_goes_elsewhere()
    {
        var limits = new ThrottleLimits(Total: 10, PerHost: 1);
        var onA = await EnterAsync(limits, Place("a")).WaitAsync(WaitTimeout);
        var wantsA = EnterAsync(limits, Place("a"));
        var wantsAToo = EnterAsync(limits, Place("a"));
        var onB = await EnterAsync(limits, Place("b")).WaitAsync(WaitTimeout);

        await StillWaitAsync(wantsA, wantsAToo);
        onB.Dispose();
        await StillWaitAsync(wantsA, wantsAToo);
        onA.Dispose();
        Assert.Equal("a", (await wantsA.WaitAsync(WaitTimeout)).Place!.Host);
        await StillWaitAsync(wantsAToo);
    }

    [Fact]
    public async Task Places_are_taken_on_the_host_with_the_fewest_and_else_in_the_order_of_the_offer()
    {
        var taken = new List<string?>();
        for (var i = 0; i < 6; i++)
        {
            taken.Add(
                (await EnterAsync(new ThrottleLimits(Total: 10, PerHost: 2), Place("b"), Place("a"), Place("c")).WaitAsync(WaitTimeout))
                    .Place!
                    .Host
            );
        }

        Assert.Equal(["b", "a", "c", "b", "a", "c"], taken);
        await StillWaitAsync(EnterAsync(new ThrottleLimits(Total: 10, PerHost: 2), Place("b"), Place("a"), Place("c")));
    }

    [Fact]
    public async Task A_full_datastore_is_gone_round_and_all_of_a_machines_datastores_count()
    {
        var limits = new ThrottleLimits(Total: 10, PerHost: 10, PerDatastore: 1);
        var both = await EnterAsync(limits, Place("a", "x", "y")).WaitAsync(WaitTimeout);
        var wantsY = EnterAsync(limits, Place("a", "y"));
        var onZ = await EnterAsync(limits, Place("a", "x"), Place("a", "z")).WaitAsync(WaitTimeout);

        Assert.Equal(["z"], onZ.Place!.Datastores);
        await StillWaitAsync(wantsY);
        both.Dispose();
        Assert.Equal(["y"], (await wantsY.WaitAsync(WaitTimeout)).Place!.Datastores);
    }

    [Fact]
    public async Task A_stop_or_a_failure_while_waiting_or_looking_gives_back_what_was_kept()
    {
        var limits = new ThrottleLimits(Total: 1, PerHost: 1);
        using var stop = new CancellationTokenSource();
        var looking = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var stopped = throttle.EnterAsync(
            limits,
            async token =>
            {
                looking.SetResult();
                await Task.Delay(System.Threading.Timeout.Infinite, token);
                return [];
            },
            stop.Token
        );
        await looking.Task.WaitAsync(WaitTimeout);
        using var stopBehind = new CancellationTokenSource();
        var behind = EnterAsync(limits, stopBehind.Token, Place("a"));
        var failing = throttle.EnterAsync(limits, _ => throw new InvalidOperationException("no server"), CancellationToken.None);
        var last = EnterAsync(limits, Place("a"));

        await StillWaitAsync(behind, failing, last);
        await stopBehind.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => behind.WaitAsync(WaitTimeout));
        await StillWaitAsync(failing, last);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stopped.WaitAsync(WaitTimeout));
        await Assert.ThrowsAsync<InvalidOperationException>(() => failing.WaitAsync(WaitTimeout));
        Assert.Equal("a", (await last.WaitAsync(WaitTimeout)).Place!.Host);
    }

    [Fact]
    public async Task Places_that_were_found_long_ago_are_looked_for_anew()
    {
        var throttle = new ConversionThrottle(TimeSpan.FromMilliseconds(200));
        var limits = new ThrottleLimits(Total: 4, PerHost: 1);
        var looks = 0;
        var onA = await throttle
            .EnterAsync(limits, _ => Task.FromResult<IReadOnlyList<MachinePlace>>([Place("a")]), CancellationToken.None)
            .WaitAsync(WaitTimeout);
        // The host that it saw first went into maintenance meanwhile.
        var moved = throttle.EnterAsync(
            limits,
            _ => Task.FromResult<IReadOnlyList<MachinePlace>>([Place(looks++ == 0 ? "a" : "b")]),
            CancellationToken.None
        );
        await StillWaitAsync(moved);
        onA.Dispose();

        Assert.Equal("b", (await moved.WaitAsync(WaitTimeout)).Place!.Host);
        Assert.Equal(2, looks);
    }

    [Fact]
    public async Task No_more_look_for_places_at_a_time_than_may_run()
    {
        var open = new TaskCompletionSource<IReadOnlyList<MachinePlace>>(TaskCreationOptions.RunContinuationsAsynchronously);
        var looks = 0;
        var entering = Enumerable.Range(0, 20).Select(_ => RunAsync()).ToList();
        await StillWaitAsync([.. entering]);
        Assert.Equal(3, Volatile.Read(ref looks));
        open.SetResult([Place("a")]);
        await Task.WhenAll(entering).WaitAsync(WaitTimeout);

        async Task RunAsync()
        {
            using var pass = await throttle.EnterAsync(
                new ThrottleLimits(Total: 3),
                _ =>
                {
                    Interlocked.Increment(ref looks);
                    return open.Task;
                },
                CancellationToken.None
            );
        }
    }

    [Fact]
    public async Task Many_at_once_never_exceed_a_limit_and_all_get_through()
    {
        var limits = new ThrottleLimits(Total: 7, PerHost: 3, PerDatastore: 2);
        var load = new Dictionary<string, int>();
        var most = new Dictionary<string, int>();
        var running = Enumerable.Range(0, 300).Select(i => RunAsync(new Random(i))).ToList();
        await Task.WhenAll(running).WaitAsync(TimeSpan.FromMinutes(1));

        Assert.InRange(most["all"], 2, 7);
        Assert.All(most.Where(pair => pair.Key.StartsWith("host", StringComparison.Ordinal)), pair => Assert.InRange(pair.Value, 1, 3));
        Assert.All(most.Where(pair => pair.Key.StartsWith("store", StringComparison.Ordinal)), pair => Assert.InRange(pair.Value, 1, 2));
        Assert.All(load.Values, value => Assert.Equal(0, value));

        async Task RunAsync(Random random)
        {
            await Task.Yield();
            MachinePlace[] offer =
            [
                .. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Place($"host{random.Next(3)}", $"store{random.Next(4)}")),
            ];
            using var pass = await throttle.EnterAsync(
                limits,
                async token =>
                {
                    await Task.Delay(random.Next(3), token);
                    return offer;
                },
                CancellationToken.None
            );
            Assert.Contains(pass.Place, offer);
            Count(pass.Place!, 1);
            await Task.Delay(random.Next(5));
            Count(pass.Place!, -1);
        }

        void Count(MachinePlace place, int change)
        {
            lock (load)
            {
                foreach (var key in (string[])["all", place.Host!, .. place.Datastores])
                {
                    load[key] = load.GetValueOrDefault(key) + change;
                    most[key] = Math.Max(most.GetValueOrDefault(key), load[key]);
                }
            }
        }
    }

    private Task<ConversionThrottle.Pass> EnterAsync(ThrottleLimits limits, params MachinePlace[] places) =>
        EnterAsync(limits, CancellationToken.None, places);

    private Task<ConversionThrottle.Pass> EnterAsync(
        ThrottleLimits limits,
        CancellationToken cancellationToken,
        params MachinePlace[] places
    ) => throttle.EnterAsync(limits, _ => Task.FromResult<IReadOnlyList<MachinePlace>>(places), cancellationToken);

    private static MachinePlace Place(string host, params string[] datastores) =>
        new(new PlacementSettings { VMHost = host }, host, datastores);

    private static async Task StillWaitAsync(params Task[] tasks)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(250));
        Assert.All(tasks, task => Assert.False(task.IsCompleted));
    }
}
