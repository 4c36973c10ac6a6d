using LinuxP2V.Engine.Conversions;

namespace LinuxP2V.Engine.Tests.Conversions;

public sealed class CutoverEstimateTests : ConversionTestBase
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Nothing_is_known_before_the_first_pass_nor_wanted_after_the_end()
    {
        Assert.Null(CutoverEstimate.Of(New(), Start));
        Assert.Null(CutoverEstimate.Of(With(TimeSpan.FromSeconds(10)) with { State = ConversionState.Completed }, Start));
        Assert.Null(CutoverEstimate.Of(New() with { Passes = [Pass(TimeSpan.FromSeconds(10)) with { IsComplete = false }] }, Start));
    }

    [Theory]
    [InlineData(1000, 100)]
    [InlineData(500, 60)]
    [InlineData(0, 20)]
    [InlineData(-50, 20)]
    [InlineData(2000, 180)]
    [InlineData(1000000, 20 + (24 * 80))]
    public void Listing_takes_its_time_again_and_changes_gather_with_time(int secondsSince, int expected) =>
        // 100 s for what had changed in 1000 s, 20 s of them for the list.
        Assert.Equal(TimeSpan.FromSeconds(expected), CutoverEstimate.Of(With(TimeSpan.FromSeconds(20)), Start.AddSeconds(secondsSince)));

    [Fact]
    public void Lists_of_several_volumes_at_a_time_count_for_no_more_than_the_pass() =>
        Assert.Equal(TimeSpan.FromSeconds(100), CutoverEstimate.Of(With(TimeSpan.FromSeconds(150)), Start.AddSeconds(5000)));

    [Fact]
    public void Reconfiguration_and_finish_are_taken_from_here_or_from_the_newest_that_did_them()
    {
        var own = New() with { Phases = [new PhaseDuration(ConversionState.Reconfiguring, TimeSpan.FromSeconds(40))] };
        var older = Done(Start, 100, 9);
        var newest = Done(Start.AddDays(1), 200, 5);
        Assert.Equal(TimeSpan.FromSeconds(205), CutoverEstimate.ExpectFinish(New(), () => [older, newest, own]));
        Assert.Equal(TimeSpan.FromSeconds(45), CutoverEstimate.ExpectFinish(own, () => [older, newest]));
        Assert.Equal(
            TimeSpan.FromSeconds(209),
            CutoverEstimate.ExpectFinish(Done(Start, 200, 9), () => throw new InvalidOperationException("not asked"))
        );
        Assert.Null(CutoverEstimate.ExpectFinish(New(), () => []));
        Assert.Equal(
            TimeSpan.FromSeconds(145),
            CutoverEstimate.Of(With(TimeSpan.FromSeconds(20)) with { ExpectedFinish = TimeSpan.FromSeconds(45) }, Start.AddSeconds(1000))
        );
    }

    [Fact]
    public async Task A_conversion_that_syncs_knows_what_the_last_one_took()
    {
        var manager = Manager();
        await RunAsync(manager, manager.Create(NewTask()).Id);
        Destination.Reset();
        var id = manager.Create(NewTask()).Id;
        await RunAsync(manager, id, ConversionGoal.To(ConversionState.Synchronized));
        var synced = await RunAsync(manager, id, new ConversionGoal { Through = ConversionState.Synchronized, Sync = SyncChoice.Always });
        Assert.NotNull(synced.ExpectedFinish);
        Assert.True(CutoverEstimate.Of(synced, DateTimeOffset.UtcNow) >= synced.ExpectedFinish);
    }

    private static Conversion New() => new() { Id = Guid.NewGuid().ToString("N")[..12], Task = NewTask() };

    private static Conversion With(TimeSpan scan) => New() with { Passes = [Pass(scan)] };

    private static SyncPass Pass(TimeSpan scan) =>
        new()
        {
            Number = 1,
            CoversSince = Start.AddSeconds(-1000),
            StartedAt = Start,
            RunStartedAt = Start,
            Duration = TimeSpan.FromSeconds(100),
            ScanDuration = scan,
            IsComplete = true,
        };

    private static Conversion Done(DateTimeOffset at, int reconfigure, int finish) =>
        New() with
        {
            UpdatedAt = at,
            State = ConversionState.Completed,
            Phases =
            [
                new PhaseDuration(ConversionState.Reconfiguring, TimeSpan.FromSeconds(reconfigure)),
                new PhaseDuration(ConversionState.Finishing, TimeSpan.FromSeconds(finish)),
            ],
        };
}
