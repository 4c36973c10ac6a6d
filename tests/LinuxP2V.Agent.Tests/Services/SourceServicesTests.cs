using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Services;
using LinuxP2V.Agent.Source;
using LinuxP2V.Agent.Tests.Session;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Tests.Services;

public sealed class SourceServicesTests : IAsyncLifetime
{
    private readonly SystemdServer systemd = new();
    private readonly EventRecorder events = new();
    private readonly SourceServices services;
    private ISource source = null!;

    public SourceServicesTests() => services = new SourceServices(events) { ConversionId = "c" };

    public async Task InitializeAsync() => source = await systemd.ConnectAsync(events);

    public async Task DisposeAsync()
    {
        await source.DisposeAsync();
        systemd.Dispose();
    }

    [Fact]
    public async Task What_runs_is_stopped_in_order_and_started_again_backwards()
    {
        systemd.Set("app.service");
        systemd.Set("db.service");
        systemd.Set("idle.service", "inactive");
        systemd.Set("mysql.service.alias", "db.service");

        await services.StopAsync(source, ["app", "idle.service", "mysql", "db"], [], default);

        Assert.Equal(["stop app.service", "stop db.service"], systemd.Log);
        Assert.Equal(["app.service", "db.service"], services.Stopped);
        await services.StartAsync(source, [], default);
        Assert.Equal(["stop app.service", "stop db.service", "start db.service", "start app.service"], systemd.Log);
        Assert.Empty(services.Stopped);
        Assert.Equal("inactive", systemd.StateOf("idle.service"));
        await services.StartAsync(source, [], default);
        Assert.Equal(4, systemd.Log.Length);
    }

    [Fact]
    public async Task A_service_that_does_not_stop_lets_the_others_run_again()
    {
        systemd.Set("app.service");
        systemd.Set("db.service");
        systemd.Set("db.service.stuck");

        var error = await Assert.ThrowsAsync<AgentException>(() => services.StopAsync(source, ["app", "db"], [], default));

        Assert.Equal(ErrorIds.ServiceNotStopped, error.Error.Id);
        Assert.Contains("db.service", error.Error.Cause, StringComparison.Ordinal);
        Assert.Contains("Job for db.service canceled.", error.Error.Detail, StringComparison.Ordinal);
        Assert.Equal("active", systemd.StateOf("app.service"));
        Assert.Empty(services.Stopped);
    }

    [Fact]
    public async Task A_service_of_which_systemd_tells_no_more_is_not_taken_for_one_that_does_not_run()
    {
        systemd.Set("app.service");
        systemd.Set("db.service");
        systemd.Set("db.service.mute");

        var error = await Assert.ThrowsAsync<AgentException>(() => services.StopAsync(source, ["app", "db"], [], default));

        Assert.Equal(ErrorIds.ServiceNotStopped, error.Error.Id);
        Assert.Contains("db.service", error.Error.Cause, StringComparison.Ordinal);
        Assert.Equal(["stop app.service", "start app.service"], systemd.Log);
    }

    [Fact]
    public async Task Nothing_is_stopped_when_a_name_is_unknown_or_carries_the_copy()
    {
        systemd.Set("app.service");
        systemd.Set("ssh.service");

        var unknown = await Assert.ThrowsAsync<AgentException>(() => services.StopAsync(source, ["app", "no such; reboot"], [], default));
        var needed = await Assert.ThrowsAsync<AgentException>(() => services.StopAsync(source, ["app", "ssh"], [], default));

        Assert.Equal((ErrorIds.ServiceNotStopped, ErrorIds.ServiceNotStopped), (unknown.Error.Id, needed.Error.Id));
        Assert.Contains("no such; reboot", unknown.Error.Cause, StringComparison.Ordinal);
        Assert.Empty(systemd.Log);
    }

    [Fact]
    public async Task What_would_start_it_again_and_what_stops_with_it_are_seen_to()
    {
        systemd.Set("db.service");
        systemd.Set("db.socket");
        systemd.Set("app.service");
        systemd.Set("db.service.triggered", "db.socket");
        systemd.Set("db.service.required", "app.service");

        await services.StopAsync(source, ["db"], [], default);

        Assert.Equal(["stop db.socket", "stop db.service"], systemd.Log);
        Assert.Equal("inactive", systemd.StateOf("app.service"));
        await services.StartAsync(source, [], default);
        Assert.Equal(["start app.service", "start db.service", "start db.socket"], systemd.Log[2..]);
    }

    [Fact]
    public async Task A_service_that_does_not_start_is_named_and_remembered()
    {
        systemd.Set("app.service");
        systemd.Set("db.service");
        await services.StopAsync(source, ["app", "db"], [], default);
        systemd.Set("db.service.broken");

        var error = await Assert.ThrowsAsync<AgentException>(() => services.StartAsync(source, [], default));

        Assert.Equal(ErrorIds.ServiceNotStarted, error.Error.Id);
        Assert.Contains("db.service", error.Error.Remedy, StringComparison.Ordinal);
        Assert.Equal("active", systemd.StateOf("app.service"));
        systemd.Clear("db.service.broken");
        await services.StartAsync(source, [], default);
        Assert.Equal("active", systemd.StateOf("db.service"));
    }

    [Fact]
    public async Task Another_agent_that_is_told_what_was_stopped_starts_what_does_not_run()
    {
        systemd.Set("app.service");
        systemd.Set("db.service");
        systemd.Set("db.socket");
        systemd.Set("db.service.triggered", "db.socket");
        await services.StopAsync(source, ["app", "db"], [], default);
        var told = events.Of<SourceServicesEvent>();
        Assert.Equal(["app.service", "db.socket", "db.service"], told[^1].Stopped);
        Assert.False(told[^1].IsOngoing);
        // Before each is tried, for an agent may die in the middle of it.
        Assert.Equal(["app.service"], told[0].Stopped);
        Assert.True(told[0].IsOngoing);
        systemd.Set("app.service");

        var later = new SourceServices(events) { ConversionId = "c" };
        await later.StopAsync(source, ["app", "db"], [.. told[^1].Stopped, "gone.service"], default);
        Assert.Equal(["db.socket", "db.service", "app.service"], later.Stopped);
        var last = new SourceServices(events) { ConversionId = "c" };
        await last.StartAsync(source, later.Stopped, default);

        Assert.Equal(["start app.service", "start db.service", "start db.socket"], systemd.Log[^3..]);
        Assert.Empty(events.Of<SourceServicesEvent>()[^1].Stopped);
        await last.StartAsync(source, told[^1].Stopped, default);
        Assert.Equal("start db.socket", systemd.Log[^1]);
    }

    [Fact]
    public async Task A_stop_that_is_refused_tells_that_nothing_is_stopped()
    {
        systemd.Set("app.service", "inactive");

        await Assert.ThrowsAsync<AgentException>(() => services.StopAsync(source, ["app", "nosuch"], [], default));

        var told = Assert.Single(events.Of<SourceServicesEvent>());
        Assert.Empty(told.Stopped);
        Assert.False(told.IsOngoing);
    }

    [Fact]
    public async Task Without_systemd_it_says_so()
    {
        using var other = new SystemdServer(answers: false);
        await using var plain = await other.ConnectAsync(events);

        var error = await Assert.ThrowsAsync<AgentException>(() => services.StopAsync(plain, ["app"], [], default));

        Assert.Equal(ErrorIds.ServiceNotStopped, error.Error.Id);
        Assert.Contains("not run by systemd", error.Error.Cause, StringComparison.Ordinal);
    }
}
