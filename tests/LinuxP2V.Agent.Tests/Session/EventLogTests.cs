using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Session;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Tests.Session;

public sealed class EventLogTests
{
    [Fact]
    public void Outcomes_outlive_the_bound_and_the_gap_is_told()
    {
        var log = new EventLog(capacity: 100);
        log.Report(new OperationStartedEvent { RequestId = "1" });
        for (var i = 0; i < 1000; i++)
            log.Information($"{i}");
        log.Report(new OperationCompletedEvent { RequestId = "1" });

        var (events, place, _) = log.ReadAfter(new ReaderPlace(0));

        Assert.Contains(events, e => e is OperationStartedEvent);
        Assert.Equal(1002, events[^1].Sequence);
        Assert.Equal(1002, place.Sequence);
        Assert.Single(events, e => e.Sequence == 0 && e is LogEvent);
        Assert.True(events.Count < 110, $"{events.Count} kept");
        // Told once: the place is now behind the gap.
        log.Information("more");
        Assert.Equal(1003, Assert.Single(log.ReadAfter(place).Events).Sequence);
    }

    [Fact]
    public void Differences_are_bounded_and_the_comparison_keeps_its_sums()
    {
        var log = new EventLog(capacity: 100);
        for (var i = 0; i < 1000; i++)
        {
            log.Report(
                new DifferenceEvent
                {
                    VolumeId = "/",
                    Path = $"/{i}",
                    Kind = DifferenceKind.Content,
                    ChangedOnSource = false,
                }
            );
        }

        log.Report(
            new VolumeVerifiedEvent
            {
                VolumeId = "/",
                Counts = new VerifyCounts
                {
                    Entries = 1000,
                    Files = 1000,
                    Bytes = 1,
                    Wrong = 1000,
                    ChangedOnSource = 0,
                },
                Duration = TimeSpan.Zero,
            }
        );

        var (events, _, _) = log.ReadAfter(new ReaderPlace(0));

        Assert.True(events.Count < 120, $"{events.Count} kept");
        Assert.Equal("/999", events.OfType<DifferenceEvent>().Last().Path);
        Assert.Equal(1000, events.OfType<VolumeVerifiedEvent>().Single().Counts.Wrong);
        Assert.Contains("differences", Assert.Single(events.OfType<LogEvent>()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_log_full_of_outcomes_keeps_them_all_and_is_not_gone_through_at_each()
    {
        var log = new EventLog(capacity: 20_000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 60_000; i++)
        {
            log.Report(new OperationCompletedEvent { RequestId = "r" });
        }

        // A copy of the list for each event that comes to a full one is gigabytes.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100 << 20);
        var (events, place, count) = (new List<AgentEvent>(), new ReaderPlace(0), 0);
        do
        {
            (var some, place, _) = log.ReadAfter(place);
            count = some.Count;
            events.AddRange(some);
        } while (count > 0);
        Assert.Equal(Enumerable.Range(1, 60_000).Select(n => (long)n), events.Select(e => e.Sequence));
    }

    [Fact]
    public void Progress_is_the_newest_of_each_volume_in_its_place()
    {
        var log = new EventLog();
        for (var i = 1; i <= 5; i++)
            log.Report(Progress("/", i));
        log.Information("between");
        log.Report(Progress("/var", 7));

        var (events, place, more) = log.ReadAfter(new ReaderPlace(0));

        Assert.Equal([5L, null, 7L], events.Select(e => (e as VolumeProgressEvent)?.BytesDone));
        Assert.False(more.IsCompleted);
        log.Report(Progress("/", 6));
        Assert.True(more.IsCompleted);
        Assert.Equal(6, Assert.IsType<VolumeProgressEvent>(Assert.Single(log.ReadAfter(place).Events)).BytesDone);
    }

    [Fact]
    public async Task Many_readers_and_a_writer_lose_nothing()
    {
        var log = new EventLog();
        var readers = Enumerable
            .Range(0, 4)
            .Select(_ =>
                Task.Run(async () =>
                {
                    var place = new ReaderPlace(0);
                    var sequences = new List<long>();
                    while (sequences.Count < 20_000)
                    {
                        var (events, next, more) = log.ReadAfter(place);
                        sequences.AddRange(events.Where(e => e.Sequence > 0).Select(e => e.Sequence));
                        place = next;
                        if (sequences.Count < 20_000)
                            await more.WaitAsync(TimeSpan.FromSeconds(30));
                    }

                    return sequences;
                })
            )
            .ToList();
        Parallel.For(0, 20_001, i => log.Information($"{i}"));

        foreach (var reader in readers)
            Assert.Equal(Enumerable.Range(1, 20_000).Select(n => (long)n), (await reader).Take(20_000));
    }

    private static VolumeProgressEvent Progress(string volume, long bytes) =>
        new()
        {
            VolumeId = volume,
            BytesDone = bytes,
            BytesTotal = 100,
            FilesDone = 0,
            FilesTotal = 0,
        };
}
