using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Session;
using LinuxP2V.Agent.Source;
using LinuxP2V.Agent.Tests.Services;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Tests.Session;

/// <summary>The daemon with a source whose services it has stopped, and an engine that goes away.</summary>
public sealed class AbandonedCutoverTests : IAsyncLifetime
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);

    private readonly SystemdServer systemd = new();
    private readonly FakeWork work = new();
    private readonly string state = Directory.CreateTempSubdirectory("p2v-alone-").FullName;
    private readonly CancellationTokenSource end = new();
    private AgentDaemon daemon = null!;
    private Task running = Task.CompletedTask;

    private string SocketPath => Path.Combine(state, "agent.sock");

    public Task InitializeAsync()
    {
        systemd.Set("app.service");
        systemd.Set("db.service");
        daemon = new AgentDaemon(SocketPath, state, work.Parts with { Sources = new Connector(systemd) }, work, abandonedAfter: Timeout);
        running = daemon.RunAsync(end.Token);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await end.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await daemon.DisposeAsync();
        end.Dispose();
        systemd.Dispose();
        Directory.Delete(state, recursive: true);
    }

    [Fact]
    public async Task Services_stay_stopped_while_an_engine_is_there_and_are_started_when_it_stays_away()
    {
        using (var first = new AttachedAgent(SocketPath))
        {
            Assert.Equal(0, (await first.HelloAsync()).ServiceReleases);
            await StopAsync(first);
            // What is to be seen is that nothing happens.
            await Task.Delay(2 * Timeout);
            Assert.Equal("inactive", systemd.StateOf("app.service"));
            first.Kill();
        }

        await UntilAsync(daemon, log => log.OfType<SourceServicesEvent>().LastOrDefault() is { Stopped.Count: 0 });

        Assert.Equal(("active", "active"), (systemd.StateOf("app.service"), systemd.StateOf("db.service")));
        Assert.Contains(
            daemon.Log.ReadAfter(default).Events,
            e => e is LogEvent { Level: LogLevel.Warning } log && log.Message.Contains("another pass", StringComparison.Ordinal)
        );
        using var second = new AttachedAgent(SocketPath);
        Assert.Equal(1, (await second.HelloAsync()).ServiceReleases);
        // Nothing is stopped any more: there is nothing to be done again.
        second.Kill();
        await Task.Delay(2 * Timeout);
        Assert.Equal(1, daemon.Greet().ServiceReleases);
    }

    [Fact]
    public async Task What_still_runs_is_waited_for_and_a_start_that_fails_is_tried_again()
    {
        var hold = new TaskCompletionSource();
        work.OnCopy = (_, _, _) => hold.Task;
        systemd.Set("db.service.broken");
        using (var first = new AttachedAgent(SocketPath))
        {
            await first.HelloAsync();
            await StopAsync(first);
            await first.SendAsync(
                new PrepareRequest
                {
                    RequestId = "p",
                    ConversionId = "c",
                    Layout = Layout,
                }
            );
            await first.SendAsync(new CopyRequest { RequestId = "c" });
            while (await first.ReadAsync() is not OperationStartedEvent { RequestId: "c" }) { }

            first.Kill();
        }

        await Task.Delay(2 * Timeout);
        Assert.Equal("inactive", systemd.StateOf("app.service"));
        hold.SetResult();
        await UntilAsync(daemon, log => log.OfType<SourceServicesEvent>().Last() is { IsOngoing: false, Stopped: ["db.service"] });
        Assert.Equal("active", systemd.StateOf("app.service"));
        systemd.Clear("db.service.broken");
        await UntilAsync(daemon, log => log.OfType<SourceServicesEvent>().Last() is { Stopped.Count: 0 });
        Assert.Equal("active", systemd.StateOf("db.service"));
        Assert.True(daemon.Greet().ServiceReleases >= 2);
    }

    [Fact]
    public async Task Without_its_source_a_copy_is_finished_only_by_force_and_that_is_said()
    {
        using var agent = new AttachedAgent(SocketPath);
        await agent.HelloAsync();
        await StopAsync(agent);
        await agent.SendAsync(
            new PrepareRequest
            {
                RequestId = "p",
                ConversionId = "c",
                Layout = Layout,
            }
        );
        await agent.SendAsync(new CopyRequest { RequestId = "c" });
        Assert.IsType<OperationCompletedEvent>((await agent.ReadUntilOutcomeAsync("c"))[^1]);
        systemd.Stop();

        await agent.SendAsync(new FinishRequest { RequestId = "careful" });
        Assert.IsType<OperationFailedEvent>((await agent.ReadUntilOutcomeAsync("careful"))[^1]);
        Assert.DoesNotContain("mark", work.Calls);

        await agent.SendAsync(new FinishRequest { RequestId = "forced", Force = true });
        var events = await agent.ReadUntilOutcomeAsync("forced");
        Assert.IsType<OperationCompletedEvent>(events[^1]);
        Assert.Contains("mark", work.Calls);
        var warning = Assert.Single(events.OfType<LogEvent>(), log => log.Level == LogLevel.Warning);
        Assert.Contains("may run there again: app.service, db.service", warning.Message, StringComparison.Ordinal);
    }

    private static Protocol.Layout.TargetLayout Layout =>
        new()
        {
            Firmware = Protocol.Layout.Firmware.Bios,
            Disks = [],
            Volumes =
            [
                new Protocol.Layout.TargetVolume
                {
                    Id = "/",
                    Device = Protocol.Layout.DeviceReference.OnDisk(0, 1),
                    MountPoint = "/",
                    SourceDevice = "/dev/sda1",
                    FileSystem = new Protocol.Layout.FileSystemSpec { Kind = Protocol.Layout.FileSystemKind.Ext4 },
                },
            ],
        };

    private static async Task StopAsync(AttachedAgent agent)
    {
        await agent.SendAsync(
            new ConnectSourceRequest
            {
                RequestId = "1",
                Source = new SourceAccess
                {
                    Host = "h",
                    User = "root",
                    HostKeys = [],
                },
            }
        );
        await agent.SendAsync(new StopServicesRequest { RequestId = "2", Services = ["app", "db"] });
        Assert.IsType<OperationCompletedEvent>((await agent.ReadUntilOutcomeAsync("2"))[^1]);
    }

    private static async Task UntilAsync(AgentDaemon daemon, Func<IReadOnlyList<AgentEvent>, bool> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            var (events, _, _) = daemon.Log.ReadAfter(default);
            if (condition(events))
                return;

            await daemon
                .Log.ReadAfter(new ReaderPlace(daemon.Log.LastSequence, long.MaxValue))
                .More.WaitAsync(TimeSpan.FromMilliseconds(200))
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            limit.Token.ThrowIfCancellationRequested();
        }
    }

    private sealed class Connector(SystemdServer systemd) : ISourceConnector
    {
        public Task<ISource> ConnectAsync(SourceAccess access, IEventSink sink, CancellationToken cancellationToken) =>
            systemd.ConnectAsync(sink);
    }
}
