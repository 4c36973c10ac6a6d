using LinuxP2V.Engine.Conversions;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Tests.Conversions;

public sealed class ConversionProgressTests : ConversionTestBase
{
    [Theory]
    [InlineData(ConversionState.Queued, null, 0)]
    [InlineData(ConversionState.Copying, null, 47.5)]
    [InlineData(ConversionState.Failed, ConversionState.Copying, 47.5)]
    [InlineData(ConversionState.Stopped, ConversionState.Finishing, 97)]
    [InlineData(ConversionState.Stopped, null, 0)]
    [InlineData(ConversionState.Completed, null, 100)]
    public void The_percentage_is_that_of_the_state_or_of_the_one_that_broke_off(
        ConversionState state,
        ConversionState? interrupted,
        double expected
    ) => Assert.Equal(expected, (double)ConversionProgress.PercentOf(Half() with { State = state, InterruptedState = interrupted }), 3);

    [Fact]
    public void While_data_moves_the_meter_tells_the_rate_and_afterwards_the_mean_of_the_copy()
    {
        var meter = new RateMeter();
        var start = new DateTimeOffset(2026, 1, 2, 0, 0, 0, TimeSpan.Zero);
        var copying = Half() with { State = ConversionState.Copying, UpdatedAt = start };
        Assert.Null(ConversionProgress.RateOf(copying, meter));
        var later = copying with { UpdatedAt = start.AddSeconds(2), Volumes = [Volume(700, 100)] };
        Assert.Equal(100, ConversionProgress.RateOf(later, meter));
        Assert.Equal(TimeSpan.FromSeconds(3), ConversionProgress.TimeLeft(later, 100));

        var over = later with
        {
            State = ConversionState.Synchronized,
            Phases = [new PhaseDuration(ConversionState.Copying, TimeSpan.FromSeconds(6))],
        };
        Assert.Equal(100, ConversionProgress.RateOf(over, meter));
        Assert.Null(ConversionProgress.TimeLeft(over, 100));
    }

    [Fact]
    public void Only_what_did_not_get_where_it_was_asked_to_has_failed_and_can_be_resumed()
    {
        var error = new ErrorDescription(ErrorIds.TargetDiskFull, "It is full.", "Make room.");
        Assert.Null(ConversionOutcome.FailureOf(Half() with { State = ConversionState.Synchronized, IsGoalReached = true }));
        Assert.Null(ConversionOutcome.FailureOf(Half() with { State = ConversionState.Completed }));
        Assert.Equal(
            ErrorIds.TargetDiskFull,
            ConversionOutcome.FailureOf(Half() with { State = ConversionState.Failed, Error = error })!.ErrorId
        );
        Assert.Equal(ErrorIds.AgentFailed, ConversionOutcome.FailureOf(Half() with { State = ConversionState.Failed })!.ErrorId);
        Assert.Equal(ErrorIds.OperationCancelled, ConversionOutcome.FailureOf(Half() with { State = ConversionState.Stopped })!.ErrorId);
        Assert.Equal(ErrorIds.ConversionWrongState, ConversionOutcome.FailureOf(Half() with { State = ConversionState.Copying })!.ErrorId);

        Assert.True(ConversionOutcome.CanResume(Half() with { State = ConversionState.Copying }, isDriven: false));
        Assert.False(ConversionOutcome.CanResume(Half() with { State = ConversionState.Copying }, isDriven: true));
        Assert.False(ConversionOutcome.CanResume(Half() with { State = ConversionState.Completed }, isDriven: false));
        Assert.False(
            ConversionOutcome.CanResume(Half() with { State = ConversionState.Synchronized, IsGoalReached = true }, isDriven: false)
        );
    }

    private static Conversion Half() =>
        new()
        {
            Id = "0123456789ab",
            Task = NewTask(),
            Volumes = [Volume(500, 0)],
        };

    private static VolumeState Volume(long done, long kept) => new("/", done, 1000, 0, 0, false, kept);
}
