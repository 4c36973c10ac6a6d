using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Source;
using LinuxP2V.Agent.Streams;
using LinuxP2V.Agent.Tests.Session;
using LinuxP2V.Agent.Tests.Source;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Tests.Streams;

/// <summary>Streams of a request on a real sshd, which goes away and comes back.</summary>
public sealed class CopyStreamsTests : IDisposable
{
    private readonly TestSshServer server = new();
    private readonly EventRecorder events = new();
    private readonly string state = Directory.CreateTempSubdirectory("p2v-state-").FullName;

    [Fact]
    public async Task As_many_jobs_run_at_once_as_there_are_streams()
    {
        await using var source = await ConnectAsync();
        await using var streams = new CopyStreams(source, new CopyOptions { StreamCount = 3 }, new BandwidthLimiter(), events);
        var before = Logins();
        var (running, most) = (0, 0);
        var together = new TaskCompletionSource();

        await Task.WhenAll(
            Enumerable
                .Range(0, 12)
                .Select(n =>
                    streams.RunAsync(
                        async (lane, token) =>
                        {
                            lock (streams)
                            {
                                most = Math.Max(most, ++running);
                                if (running == 3)
                                    together.TrySetResult();
                            }

                            // Until all three run: one stream alone would hang here.
                            await together.Task.WaitAsync(TimeSpan.FromSeconds(30), token);
                            Assert.Equal($"{n}\n", await ReadAsync(lane, $"echo {n}"));
                            lock (streams)
                            {
                                return running--;
                            }
                        },
                        default
                    )
                )
        );

        Assert.Equal(3, most);
        Assert.Equal(3, Logins() - before);
    }

    [Fact]
    public async Task A_job_runs_anew_when_the_source_is_back()
    {
        await using var source = await ConnectAsync();
        await using var streams = new CopyStreams(source, new CopyOptions { StreamCount = 2 }, new BandwidthLimiter(), events);
        var attempts = 0;
        var back = Task.CompletedTask;

        var text = await streams.RunAsync(
            async (lane, token) =>
            {
                if (++attempts > 1)
                    return await ReadAsync(lane, "echo whole");

                using var stream = lane.Start("echo half; sleep 60");
                await stream.Output.ReadExactlyAsync(new byte[5], token);
                server.Stop();
                back = ComeBackAsync();
                await stream.WaitAsync(token);
                return "not reached";
            },
            default
        );

        await back;
        Assert.Equal(("whole\n", 2), (text, attempts));
        var told = events
            .Of<LogEvent>()
            .Where(e => e.Level != LogLevel.Debug && !e.Message.Contains("logged in", StringComparison.Ordinal))
            .ToList();
        Assert.Equal([LogLevel.Warning, LogLevel.Information], told.Select(e => e.Level));
        Assert.Contains("answers again", told[1].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_login_that_is_refused_after_an_outage_ends_the_work_at_once()
    {
        await using var source = await ConnectAsync();
        await using var streams = new CopyStreams(source, new CopyOptions { StreamCount = 1 }, new BandwidthLimiter(), events);

        var error = await Assert.ThrowsAsync<AgentException>(() =>
            streams.RunAsync(
                async (lane, token) =>
                {
                    using var stream = lane.Start("echo half; sleep 60");
                    await stream.Output.ReadExactlyAsync(new byte[5], token);
                    File.WriteAllText(server.Folder + "/authorized", "");
                    server.Stop();
                    server.Start();
                    return await stream.WaitAsync(token);
                },
                default
            )
        );

        Assert.Equal(ErrorIds.SourceAuthenticationFailed, error.Error.Id);
    }

    [Fact]
    public async Task A_job_that_fails_by_itself_is_not_repeated_and_its_stream_stays()
    {
        await using var source = await ConnectAsync();
        await using var streams = new CopyStreams(source, new CopyOptions { StreamCount = 1 }, new BandwidthLimiter(), events);
        var before = Logins();
        var attempts = 0;

        await Assert.ThrowsAsync<AgentException>(() =>
            streams.RunAsync<int>(
                async (lane, _) =>
                {
                    attempts++;
                    await ReadAsync(lane, "echo x");
                    throw new AgentException(ErrorIds.TargetDiskFull, "full", "more");
                },
                default
            )
        );

        Assert.Equal("y\n", await streams.RunAsync((lane, _) => ReadAsync(lane, "echo y"), default));
        Assert.Equal((1, 1), (attempts, Logins() - before));
    }

    [Fact]
    public async Task The_number_of_streams_begins_with_the_CPUs()
    {
        await using var source = await ConnectAsync();
        await using var streams = new CopyStreams(source, new CopyOptions(), new BandwidthLimiter(), events);

        var tools = await streams.ReadToolsAsync(default);

        Assert.Equal(int.Parse(Shell.Run("nproc"), null), tools.Cpus);
        Assert.Equal(Math.Clamp(tools.Cpus, 1, 4), streams.Count);
    }

    [Fact]
    public async Task Low_impact_puts_everything_that_reads_behind_all_else()
    {
        await using var source = await ConnectAsync();
        await using var streams = new CopyStreams(source, new CopyOptions { LowImpact = true }, new BandwidthLimiter(), events);

        var output = await streams.RunAsync(
            async (lane, token) =>
            {
                using var stream = lane.Start("nice; ionice; cat; exit 4", input: CommandInput.Of("in"u8.ToArray()));
                using var reader = new StreamReader(stream.Output);
                var text = await reader.ReadToEndAsync(token);
                return $"{text} {await stream.WaitAsync(token)}";
            },
            default
        );

        Assert.Equal("19\nidle\nin 4", output);
        await using var normal = new CopyStreams(source, new CopyOptions(), new BandwidthLimiter(), events);
        Assert.Equal(Shell.Run("nice"), await normal.RunAsync((lane, _) => ReadAsync(lane, "nice"), default));
    }

    public void Dispose()
    {
        server.Dispose();
        Assert.Empty(Directory.GetDirectories(state));
        Directory.Delete(state, recursive: true);
    }

    private Task<ISource> ConnectAsync() => new SshSourceConnector(state).ConnectAsync(server.Access(), events, default);

    private int Logins() => File.ReadLines(server.Folder + "/log").Count(line => line.Contains("Accepted ", StringComparison.Ordinal));

    /// <summary>Once the outage was noticed.</summary>
    private async Task ComeBackAsync()
    {
        while (events.Of<LogEvent>().All(e => e.Level != LogLevel.Warning))
            await Task.Delay(50);

        server.Start();
    }

    private static async Task<string> ReadAsync(ISourceLane lane, string script)
    {
        using var stream = lane.Start(script);
        using var reader = new StreamReader(stream.Output);
        var text = await reader.ReadToEndAsync();
        Assert.Equal(0, await stream.WaitAsync(default));
        return text;
    }
}
