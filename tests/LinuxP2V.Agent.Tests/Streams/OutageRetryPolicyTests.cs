using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Streams;
using LinuxP2V.Agent.Tests.Session;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Tests.Streams;

public sealed class OutageRetryPolicyTests
{
    private readonly SkippingTime time = new();
    private readonly EventRecorder events = new();

    [Fact]
    public async Task An_outage_of_ten_minutes_is_survived_and_told_once()
    {
        var retries = new OutageRetryPolicy("web01", events, time);
        await retries.RunAsync(_ => Task.FromResult(0), default);
        var end = time.Passed + TimeSpan.FromMinutes(10);

        var result = await retries.RunAsync(_ => time.Passed < end ? throw Lost() : Task.FromResult("back"), default);

        Assert.Equal("back", result);
        Assert.InRange(time.Passed, end, end + TimeSpan.FromSeconds(31));
        Assert.Equal([LogLevel.Warning, LogLevel.Information], events.Of<LogEvent>().Select(e => e.Level));
    }

    [Fact]
    public async Task Retries_end_for_all_at_the_same_time()
    {
        var retries = new OutageRetryPolicy("web01", events, time);
        await retries.RunAsync(_ => Task.FromResult(0), default);

        var first = await Assert.ThrowsAsync<AgentException>(() => retries.RunAsync<int>(_ => throw Lost(), default));
        Assert.Equal(ErrorIds.SourceConnectionLost, first.Error.Id);
        Assert.InRange(time.Passed, TimeSpan.FromMinutes(20), TimeSpan.FromMinutes(21));
        var tries = 0;
        await Assert.ThrowsAsync<AgentException>(() =>
            retries.RunAsync<int>(_ => ++tries > 0 ? throw Lost() : Task.FromResult(0), default)
        );
        Assert.Equal(1, tries);
        Assert.Single(events.Of<LogEvent>());
    }

    [Theory]
    [InlineData(ErrorIds.SourceAuthenticationFailed)]
    [InlineData(ErrorIds.SourceHostKeyChanged)]
    [InlineData(ErrorIds.SudoPasswordWrong)]
    [InlineData(ErrorIds.TargetDiskFull)]
    public async Task What_cannot_heal_ends_at_once(string errorId)
    {
        var retries = new OutageRetryPolicy("web01", events, time);
        var error = await Assert.ThrowsAsync<AgentException>(() =>
            retries.RunAsync<int>(_ => throw new AgentException(errorId, "c", "r"), default)
        );
        Assert.Equal(errorId, error.Error.Id);
        Assert.Equal(TimeSpan.Zero, time.Passed);
        Assert.Empty(events.All);
    }

    /// <summary>In mid-command at first, then before the login.</summary>
    private AgentException Lost() =>
        time.Passed == TimeSpan.Zero ? new(ErrorIds.SourceConnectionLost, "It broke.", "Wait.") : Unreachable();

    private static AgentException Unreachable() => new(ErrorIds.HelperCannotReachSource, "It is not there.", "Look.");
}
