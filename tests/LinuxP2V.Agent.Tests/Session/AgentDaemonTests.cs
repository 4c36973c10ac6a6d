using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Agent.Session;
using LinuxP2V.Protocol;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Tests.Session;

/// <summary>The daemon with fake work, spoken to by the real binary in attach mode.</summary>
public sealed class AgentDaemonTests : IAsyncLifetime
{
    private static readonly SourceAccess Access = new()
    {
        Host = "h",
        User = "u",
        Password = "secret-word",
        HostKeys = [],
    };

    private readonly FakeWork work = new();
    private readonly string state = Directory.CreateTempSubdirectory("p2v-daemon-").FullName;
    private readonly CancellationTokenSource end = new();
    private AgentDaemon daemon = null!;
    private Task running = Task.CompletedTask;

    private string SocketPath => Path.Combine(state, "agent.sock");

    public Task InitializeAsync()
    {
        daemon = new AgentDaemon(SocketPath, state, work.Parts, work);
        running = daemon.RunAsync(end.Token);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await end.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await daemon.DisposeAsync();
        end.Dispose();
        Directory.Delete(state, recursive: true);
    }

    [Fact]
    public async Task A_whole_conversion_runs_in_order_and_ends_with_power_off()
    {
        using var agent = new AttachedAgent(SocketPath);
        var hello = await agent.HelloAsync();
        Assert.Equal(
            (ProtocolVersion.Current, 0L, null, false),
            (hello.Version, hello.LastSequence, hello.ActiveRequestId, hello.HasSource)
        );

        await agent.SendAsync(new ConnectSourceRequest { RequestId = "1", Source = Access });
        await agent.SendAsync(Prepare("2"));
        await agent.SendAsync(new CopyRequest { RequestId = "3" });
        await agent.SendAsync(
            new ReconfigureRequest
            {
                RequestId = "4",
                Options = new ReconfigureOptions { RunningKernel = "6.1" },
            }
        );
        await agent.SendAsync(new FinishRequest { RequestId = "5" });
        var events = await agent.ReadUntilOutcomeAsync("5");

        Assert.Equal(["connect", "prepare", "copy /", "copy /var", "reconfigure", "mark", "release"], work.Calls);
        Assert.Equal(Enumerable.Range(1, events.Count).Select(n => (long)n), events.Select(e => e.Sequence));
        Assert.Equal(["1", "2", "3", "4", "5"], events.OfType<OperationCompletedEvent>().Select(e => e.RequestId));
        await running.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.True(work.IsPowerOff);
        Assert.Equal(0, (await agent.EndAsync()).Code);
        Assert.DoesNotContain("secret-word", File.ReadAllText(AgentPaths.EventLogIn(state)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_killed_connection_loses_no_event_and_stops_no_work()
    {
        const int Incidents = 3000;
        var half = new TaskCompletionSource();
        var goOn = new TaskCompletionSource();
        work.OnCopy = async (volume, sink, _) =>
        {
            for (var i = 0; i < Incidents; i++)
            {
                sink.Report(
                    new CopyIncidentEvent
                    {
                        VolumeId = volume.Id,
                        Path = $"{volume.Id}:{i}",
                        Kind = CopyIncidentKind.Changed,
                    }
                );
                sink.Report(
                    new VolumeProgressEvent
                    {
                        VolumeId = volume.Id,
                        BytesDone = i,
                        BytesTotal = Incidents,
                        FilesDone = i,
                        FilesTotal = Incidents,
                    }
                );
                if (volume.Id == "/" && i == Incidents / 2)
                {
                    half.SetResult();
                    await goOn.Task;
                }
            }
        };
        var seen = new List<AgentEvent>();
        using (var first = new AttachedAgent(SocketPath))
        {
            await first.HelloAsync();
            await first.SendAsync(new ConnectSourceRequest { RequestId = "1", Source = Access });
            await first.SendAsync(Prepare("2"));
            await first.SendAsync(new CopyRequest { RequestId = "3" });
            await half.Task;
            while (seen.Count(e => e.Sequence > 0) < 100)
                seen.Add((await first.ReadAsync())!);
            first.Kill();
        }

        goOn.SetResult();
        using var second = new AttachedAgent(SocketPath);
        var hello = await second.HelloAsync(after: seen.Max(e => e.Sequence));
        Assert.Equal(daemon.BootId, hello.BootId);
        // The engine cannot know whether its request arrived: it sends it again.
        await second.SendAsync(new CopyRequest { RequestId = "3" });
        seen.AddRange(await second.ReadUntilOutcomeAsync("3"));

        var sequenced = seen.Where(e => e.Sequence > 0).Select(e => e.Sequence).ToList();
        Assert.Equal(Enumerable.Range(1, sequenced.Count).Select(n => (long)n), sequenced);
        Assert.Equal(2 * Incidents, seen.OfType<CopyIncidentEvent>().Count());
        Assert.Equal(["connect", "prepare", "copy /", "copy /var"], work.Calls);
        Assert.Equal(Incidents - 1, seen.OfType<VolumeProgressEvent>().Last(e => e.VolumeId == "/var").BytesDone);
    }

    [Fact]
    public async Task A_reader_that_hangs_holds_up_nobody()
    {
        using var hanging = new AttachedAgent(SocketPath);
        await hanging.HelloAsync();
        for (var i = 0; i < 20_000; i++)
            daemon.Log.Information(new string('x', 200));

        using var other = new AttachedAgent(SocketPath);
        await other.HelloAsync(after: 19_000);
        await other.SendAsync(Prepare("p"));

        Assert.Equal(1002, (await other.ReadUntilOutcomeAsync("p")).Count);
    }

    [Fact]
    public async Task What_is_out_of_order_is_refused_with_its_reason()
    {
        using var agent = new AttachedAgent(SocketPath);
        await agent.HelloAsync();
        await agent.SendAsync(new CopyRequest { RequestId = "early" });
        await agent.SendAsync(Prepare("p"));
        await agent.SendAsync(new CopyRequest { RequestId = "no source" });
        await agent.SendAsync(new CopyRequest { RequestId = "unknown", VolumeIds = ["/home"] });
        await agent.SendAsync(
            new ReconfigureRequest
            {
                RequestId = "uncopied",
                Options = new ReconfigureOptions { RunningKernel = "1" },
            }
        );
        await agent.SendAsync(new FinishRequest { RequestId = "unfinished" });
        var failed = (await agent.ReadUntilOutcomeAsync("unfinished"))
            .OfType<OperationFailedEvent>()
            .ToDictionary(e => e.RequestId, e => e.Error);

        Assert.Equal(ErrorIds.OperationOutOfOrder, failed["early"].Id);
        Assert.Equal(ErrorIds.SourceCredentialRequired, failed["no source"].Id);
        Assert.Equal(ErrorIds.VolumeNotFound, failed["unknown"].Id);
        Assert.Contains("/, /var are not copied", failed["uncopied"].Cause, StringComparison.Ordinal);
        Assert.Equal(ErrorIds.OperationOutOfOrder, failed["unfinished"].Id);
        Assert.Equal(["prepare"], work.Calls);
    }

    [Fact]
    public async Task A_reconfigured_copy_is_not_verified()
    {
        using var agent = new AttachedAgent(SocketPath);
        await agent.HelloAsync();
        await agent.SendAsync(new ConnectSourceRequest { RequestId = "1", Source = Access });
        await agent.SendAsync(Prepare("2"));
        await agent.SendAsync(new CopyRequest { RequestId = "3" });
        await agent.SendAsync(
            new ReconfigureRequest
            {
                RequestId = "4",
                Options = new ReconfigureOptions { RunningKernel = "6.1" },
            }
        );
        await agent.SendAsync(new VerifyRequest { RequestId = "5" });

        var failed = Assert.Single((await agent.ReadUntilOutcomeAsync("5")).OfType<OperationFailedEvent>());

        Assert.Equal(("5", ErrorIds.OperationOutOfOrder), (failed.RequestId, failed.Error.Id));
    }

    [Fact]
    public async Task Cancel_stops_what_runs_and_what_waits_and_the_next_request_works()
    {
        var begun = new TaskCompletionSource();
        work.OnCopy = (_, _, token) =>
        {
            begun.TrySetResult();
            return Task.Delay(Timeout.Infinite, token);
        };
        using var agent = new AttachedAgent(SocketPath);
        await agent.HelloAsync();
        await agent.SendAsync(new ConnectSourceRequest { RequestId = "1", Source = Access });
        await agent.SendAsync(Prepare("2"));
        await agent.SendAsync(new CopyRequest { RequestId = "3" });
        await agent.SendAsync(new FinishRequest { RequestId = "4" });
        await begun.Task;
        await agent.SendAsync(new CancelRequest { RequestId = "5" });
        var events = await agent.ReadUntilOutcomeAsync("5");

        Assert.Equal(
            [("3", ErrorIds.OperationCancelled), ("4", ErrorIds.OperationCancelled)],
            events.OfType<OperationFailedEvent>().Select(e => (e.RequestId, e.Error.Id)).Order()
        );
        work.OnCopy = (_, _, _) => Task.CompletedTask;
        await agent.SendAsync(new CopyRequest { RequestId = "6" });
        Assert.IsType<OperationCompletedEvent>((await agent.ReadUntilOutcomeAsync("6"))[^1]);
    }

    [Fact]
    public async Task Limits_are_set_while_a_copy_runs()
    {
        var (begun, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        work.OnCopy = (_, _, token) =>
        {
            begun.TrySetResult();
            return goOn.Task.WaitAsync(token);
        };
        using var agent = new AttachedAgent(SocketPath);
        await agent.HelloAsync();
        await agent.SendAsync(new ConnectSourceRequest { RequestId = "1", Source = Access });
        await agent.SendAsync(Prepare("2"));
        await agent.SendAsync(
            new CopyRequest
            {
                RequestId = "3",
                Options = new CopyOptions { BandwidthLimitMbps = 80 },
            }
        );
        await begun.Task;
        Assert.Equal(10_000_000, work.Limiter?.BytesPerSecond);
        await agent.SendAsync(new SetLimitsRequest { RequestId = "4", BandwidthLimitMbps = 8 });
        await agent.ReadUntilOutcomeAsync("4");
        Assert.Equal(1_000_000, work.Limiter?.BytesPerSecond);
        goOn.SetResult();
        Assert.IsType<OperationCompletedEvent>((await agent.ReadUntilOutcomeAsync("3"))[^1]);
    }

    [Fact]
    public async Task A_pass_before_the_first_copy_is_refused()
    {
        using var agent = new AttachedAgent(SocketPath);
        await agent.HelloAsync();
        await agent.SendAsync(new ConnectSourceRequest { RequestId = "1", Source = Access });
        await agent.SendAsync(Prepare("2"));
        await agent.SendAsync(new SyncRequest { RequestId = "early" });
        var failed = (await agent.ReadUntilOutcomeAsync("early")).OfType<OperationFailedEvent>().Single();

        Assert.Equal(("early", ErrorIds.OperationOutOfOrder), (failed.RequestId, failed.Error.Id));
        Assert.Contains("not copied", failed.Error.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Power_off_does_not_wait_for_a_copy()
    {
        var begun = new TaskCompletionSource();
        work.OnCopy = (_, _, token) =>
        {
            begun.TrySetResult();
            return Task.Delay(Timeout.Infinite, token);
        };
        using var agent = new AttachedAgent(SocketPath);
        await agent.HelloAsync();
        await agent.SendAsync(new ConnectSourceRequest { RequestId = "1", Source = Access });
        await agent.SendAsync(Prepare("2"));
        await agent.SendAsync(new CopyRequest { RequestId = "3" });
        await begun.Task;
        await agent.SendAsync(new PowerOffRequest { RequestId = "4" });
        await agent.ReadUntilOutcomeAsync("4");

        await running.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.True(work.IsPowerOff);
        Assert.Equal("release", work.Calls[^1]);
        Assert.DoesNotContain("mark", work.Calls);
    }

    [Fact]
    public async Task An_unexpected_failure_has_an_id_too()
    {
        work.OnCopy = (_, _, _) => throw new InvalidOperationException("odd thing");
        using var agent = new AttachedAgent(SocketPath);
        await agent.HelloAsync();
        await agent.SendAsync(new ConnectSourceRequest { RequestId = "1", Source = Access });
        await agent.SendAsync(Prepare("2"));
        await agent.SendAsync(new CopyRequest { RequestId = "3" });

        var failed = Assert.IsType<OperationFailedEvent>((await agent.ReadUntilOutcomeAsync("3"))[^1]);
        Assert.Equal(ErrorIds.AgentFailed, failed.Error.Id);
        Assert.Contains("odd thing", failed.Error.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_version_is_told_which_one_is_spoken()
    {
        using var agent = new AttachedAgent(SocketPath);
        Assert.Equal(ProtocolVersion.Current, (await agent.HelloAsync(version: 99)).Version);
        var refused = Assert.IsType<OperationFailedEvent>(await agent.ReadAsync());

        Assert.Equal((ErrorIds.HelperVersionMismatch, 0L), (refused.Error.Id, refused.Sequence));
        Assert.Null(await agent.ReadAsync());
    }

    [Fact]
    public async Task A_line_that_cannot_be_read_is_answered_and_not_repeated()
    {
        using var agent = new AttachedAgent(SocketPath);
        await agent.HelloAsync();
        await agent.SendAsync("""{"type":"connectSource","requestId":"x","source":{"password":"secret-word"}}""");
        await agent.SendAsync("""{"type":"fly","requestId":"y"}""");

        var first = Assert.IsType<OperationFailedEvent>(await agent.ReadAsync());
        var second = Assert.IsType<OperationFailedEvent>(await agent.ReadAsync());
        Assert.Equal(("x", "y"), (first.RequestId, second.RequestId));
        Assert.DoesNotContain("secret-word", first.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_end_of_the_requests_ends_the_connection_after_all_is_told()
    {
        using var agent = new AttachedAgent(SocketPath);
        await agent.HelloAsync();
        for (var i = 0; i < 5000; i++)
            daemon.Log.Information("x");
        agent.CloseInput();

        var count = 0;
        while (await agent.ReadAsync() is not null)
            count++;
        Assert.Equal(5000, count);
        Assert.Equal(0, (await agent.EndAsync()).Code);
    }

    private static PrepareRequest Prepare(string id) =>
        new()
        {
            RequestId = id,
            ConversionId = "c",
            Layout = new TargetLayout
            {
                Firmware = Firmware.Bios,
                Disks = [],
                Volumes =
                [
                    Volume("/"),
                    Volume("/var"),
                    Volume("swap:1") with
                    {
                        MountPoint = null,
                        FileSystem = new FileSystemSpec { Kind = FileSystemKind.Swap },
                    },
                ],
            },
        };

    private static TargetVolume Volume(string id) =>
        new()
        {
            Id = id,
            Device = DeviceReference.OnDisk(0, 1),
            FileSystem = new FileSystemSpec { Kind = FileSystemKind.Ext4 },
            MountPoint = id,
            SourceDevice = "/dev/sda1",
        };
}
