using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Services;
using LinuxP2V.Agent.Source;
using LinuxP2V.Agent.Tests.Session;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Tests.Services;

public sealed class RestartTimerTests : IAsyncLifetime
{
    private static readonly RestartTimerLimits Patient = new(TimeSpan.FromHours(1), TimeSpan.FromMinutes(15), TimeSpan.FromHours(2));

    private readonly SystemdServer systemd = new();
    private readonly EventRecorder events = new();
    private ISource source = null!;

    public async Task InitializeAsync()
    {
        source = await systemd.ConnectAsync(events);
        systemd.Set("app.service");
        systemd.Set("db.service");
    }

    public async Task DisposeAsync()
    {
        await source.DisposeAsync();
        systemd.Dispose();
    }

    [Fact]
    public async Task What_is_stopped_comes_back_by_itself_when_the_helper_is_silent()
    {
        await using var services = new SourceServices(events, Patient with { Silence = TimeSpan.FromSeconds(5) });
        await services.StopAsync(source, ["app", "db"], [], default);
        // On a busy machine the first of them may run again by now.
        Assert.Equal(["app.service", "db.service"], services.Stopped);

        await UntilAsync(() => systemd.StateOf("app.service") == "active" && systemd.StateOf("db.service") == "active");

        // The copy is too old then, and who finishes the cutover is told.
        var error = await Assert.ThrowsAsync<AgentException>(() => services.LeaveStoppedAsync(source, default));
        Assert.Equal(ErrorIds.ServiceNotStopped, error.Error.Id);
        Assert.Contains("run again", error.Error.Cause, StringComparison.Ordinal);
        Assert.Throws<AgentException>(() => services.ThrowIfStartedAgain(source));
        // The next cutover stops them anew, with a timer of its own.
        await services.StopAsync(source, ["app", "db"], [], default);
        Assert.Equal(["app.service", "db.service"], services.Stopped);
        services.ThrowIfStartedAgain(source);
    }

    [Fact]
    public async Task A_helper_that_lives_sets_the_timer_back_and_leaves_one_alone()
    {
        await using var services = new SourceServices(
            events,
            Patient with
            {
                Silence = TimeSpan.FromSeconds(8),
                Renewal = TimeSpan.FromMilliseconds(500),
            }
        );
        await services.StopAsync(source, ["app", "db"], [], default);

        // What is to be seen is that nothing happens.
        await Task.Delay(TimeSpan.FromSeconds(11));

        Assert.Equal(("inactive", "inactive"), (systemd.StateOf("app.service"), systemd.StateOf("db.service")));
        await services.LeaveStoppedAsync(source, default);
        Assert.Empty(systemd.Timers);
        Assert.Equal("inactive", systemd.StateOf("app.service"));
    }

    [Fact]
    public async Task The_timer_knows_each_unit_before_that_is_stopped_and_goes_when_all_run()
    {
        systemd.Set("db.service.required", "app.service");
        await using var services = new SourceServices(events, Patient);

        await services.StopAsync(source, ["db"], [], default);

        Assert.Equal(["app.service db.service"], systemd.Timers);
        await services.StartAsync(source, [], default);
        Assert.Empty(systemd.Timers);
    }

    [Fact]
    public async Task A_stop_that_fails_leaves_no_timer()
    {
        systemd.Set("db.service.stuck");
        await using var services = new SourceServices(events, Patient);

        await Assert.ThrowsAsync<AgentException>(() => services.StopAsync(source, ["app", "db"], [], default));

        Assert.Empty(systemd.Timers);
        Assert.Equal("active", systemd.StateOf("app.service"));
    }

    [Fact]
    public async Task A_helper_that_gives_up_the_login_leaves_the_timer_to_itself()
    {
        await using var services = new SourceServices(
            events,
            Patient with
            {
                Renewal = TimeSpan.FromMilliseconds(300),
                Unattended = TimeSpan.FromSeconds(2),
            }
        );
        await services.StopAsync(source, ["app"], [], default);

        await services.PrepareForAbsenceAsync(source, default);

        await UntilAsync(() => systemd.StateOf("app.service") == "active");
    }

    [Fact]
    public async Task A_new_way_to_the_source_goes_on_with_the_same_timer()
    {
        await using var services = new SourceServices(events, Patient);
        await services.StopAsync(source, ["app"], [], default);
        await services.PrepareForAbsenceAsync(source, default);
        await using var later = await systemd.ConnectAsync(events);

        await services.MoveAsync(later, default);
        await services.LeaveStoppedAsync(later, default);

        Assert.Empty(systemd.Timers);
        Assert.Equal("inactive", systemd.StateOf("app.service"));
    }

    [Fact]
    public async Task A_helper_that_restarted_takes_over_from_the_timer_of_the_one_before()
    {
        await using var before = new SourceServices(events, Patient with { Silence = TimeSpan.FromSeconds(5) }) { ConversionId = "c1" };
        await before.StopAsync(source, ["app"], [], default);
        await using var after = new SourceServices(events, Patient) { ConversionId = "c1" };

        await after.StopAsync(source, ["app", "db"], before.Stopped, default);

        Assert.Equal(["db.service app.service"], systemd.Timers);
        await after.LeaveStoppedAsync(source, default);
        Assert.Empty(systemd.Timers);
        // What is to be seen is that nothing happens.
        await Task.Delay(TimeSpan.FromSeconds(6));
        Assert.Equal("inactive", systemd.StateOf("app.service"));
    }

    [Fact]
    public async Task An_answer_that_was_lost_is_no_timer_that_ran_out()
    {
        await using var services = new SourceServices(events, Patient);
        await services.StopAsync(source, ["app"], [], default);
        // The next timer runs and the one before is gone; what says so does not arrive.
        systemd.Set("cut");
        await services.MoveAsync(source, default);
        Assert.Equal(["app.service"], systemd.Timers);

        services.ThrowIfStartedAgain(source);
        await services.LeaveStoppedAsync(source, default);

        Assert.Empty(systemd.Timers);
        Assert.Equal("inactive", systemd.StateOf("app.service"));
    }

    [Fact]
    public async Task A_timer_of_another_conversion_is_told_before_anything_is_stopped()
    {
        systemd.Set("linuxp2v-restart-another-0-1.timer", "app.service");
        await using var services = new SourceServices(events, Patient);

        var error = await Assert.ThrowsAsync<AgentException>(() => services.StopAsync(source, ["app"], [], default));

        Assert.Equal(ErrorIds.ServiceNotStopped, error.Error.Id);
        Assert.Contains("linuxp2v-restart-another-0-1.timer", error.Error.Cause, StringComparison.Ordinal);
        Assert.Equal("active", systemd.StateOf("app.service"));
        Assert.Empty(systemd.Log);
    }

    [Fact]
    public async Task A_source_that_has_no_such_timer_is_told_before_the_stop_and_goes_on()
    {
        systemd.Set("no-timers");
        await using var services = new SourceServices(events, Patient);

        await services.StopAsync(source, ["app"], [], default);
        await services.PrepareForAbsenceAsync(source, default);
        await services.LeaveStoppedAsync(source, default);

        Assert.Equal("inactive", systemd.StateOf("app.service"));
        Assert.Equal(
            2,
            events.Of<LogEvent>().Count(e => e.Level == LogLevel.Warning && e.Message.Contains("by hand", StringComparison.Ordinal))
        );
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!condition())
            await Task.Delay(100, limit.Token);
    }
}
