using System.Diagnostics;
using System.Text;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Source;
using LinuxP2V.Agent.Tests.Session;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Tests.Source;

/// <summary>Connections that outlive their commands, on a real sshd.</summary>
public sealed class SshLaneTests : IDisposable
{
    private readonly TestSshServer server = new("LogLevel DEBUG1");
    private readonly EventRecorder events = new();
    private readonly string state = Directory.CreateTempSubdirectory("p2v-state-").FullName;

    [Fact]
    public async Task Commands_of_a_lane_share_one_login()
    {
        await using var source = await ConnectAsync(server.Access());
        await using var lane = await source.OpenLaneAsync(default);
        var before = Logins();

        var errors = new List<string>();
        Assert.Equal(("out\n", 7), await RunAsync(lane, "echo out; echo err >&2; exit 7", errors));
        Assert.Equal(["err"], errors);
        for (var i = 0; i < 5; i++)
            Assert.Equal(($"{i}\n", 0), await RunAsync(lane, $"echo {i}"));

        Assert.Equal(before, Logins());
    }

    [Fact]
    public async Task A_lane_that_was_released_is_the_next_that_is_opened()
    {
        await using var source = await ConnectAsync(server.Access());
        var lane = await source.OpenLaneAsync(default);
        var before = Logins();

        await source.ReleaseLaneAsync(lane);
        await using var next = await source.OpenLaneAsync(default);

        Assert.Equal(("again\n", 0), await RunAsync(next, "echo again"));
        Assert.Equal(before, Logins());
    }

    [Fact]
    public async Task A_lane_that_nobody_wants_is_closed_after_a_while()
    {
        await using var source = await ConnectAsync(server.Access());
        await using var idle = new IdleLanes(TimeSpan.FromSeconds(1));
        var lane = await source.OpenLaneAsync(default);

        await idle.KeepAsync(lane);
        Assert.Same(lane, await idle.TakeAsync());
        Assert.Null(await idle.TakeAsync());
        await idle.KeepAsync(lane);
        for (var tries = 0; lane.IsOpen && tries < 100; tries++)
            await Task.Delay(100);

        Assert.False(lane.IsOpen);
        Assert.Null(await idle.TakeAsync());
    }

    [Fact]
    public async Task Standard_input_comes_as_it_is_written()
    {
        await using var source = await ConnectAsync(server.Access());
        await using var lane = await source.OpenLaneAsync(default);
        var data = new byte[3_000_000];
        new Random(1).NextBytes(data);

        using var stream = lane.Start("cat", input: CommandInput.Of(data));
        using var copy = new MemoryStream();
        await stream.Output.CopyToAsync(copy);

        Assert.Equal(0, await stream.WaitAsync(default));
        Assert.Equal(data, copy.ToArray());
    }

    [Theory]
    [InlineData("echo go; exec cat /dev/zero")]
    [InlineData("echo go; exec sleep 30")]
    public async Task A_killed_command_leaves_its_lane_to_the_next(string script)
    {
        await using var source = await ConnectAsync(server.Access());
        await using var lane = await source.OpenLaneAsync(default);
        var clock = Stopwatch.StartNew();
        using (var stream = lane.Start(script))
        {
            await stream.Output.ReadExactlyAsync(new byte[3]);
            stream.Kill();
            await Assert.ThrowsAsync<AgentException>(() => stream.WaitAsync(default));
        }

        Assert.True(lane.IsOpen);
        Assert.Equal(("next\n", 0), await RunAsync(lane, "echo next"));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10), $"it took {clock.Elapsed}");
    }

    [Fact]
    public async Task A_lost_connection_is_told_and_nothing_logs_in_behind_it()
    {
        await using var source = await ConnectAsync(server.Access());
        await using var lane = await source.OpenLaneAsync(default);
        using var running = lane.Start("echo go; sleep 60");
        await running.Output.ReadExactlyAsync(new byte[3]);
        server.Stop();

        Assert.Equal(ErrorIds.SourceConnectionLost, (await Assert.ThrowsAsync<AgentException>(() => running.WaitAsync(default))).Error.Id);
        server.Start();
        var before = Logins();
        using var next = lane.Start("echo never");
        Assert.Equal(ErrorIds.SourceConnectionLost, (await Assert.ThrowsAsync<AgentException>(() => next.WaitAsync(default))).Error.Id);
        Assert.False(lane.IsOpen);
        Assert.Equal(before, Logins());
        await using var another = await source.OpenLaneAsync(default);
        Assert.Equal(("again\n", 0), await RunAsync(another, "echo again"));
    }

    [Fact]
    public async Task A_command_whose_end_came_before_its_data_is_lost_with_the_connection()
    {
        await using var source = await ConnectAsync(server.Access());
        await using var lane = await source.OpenLaneAsync(default);
        var ended = new TaskCompletionSource();
        // More than a pipe holds and less than ssh does: the command ends while nobody reads.
        using var stream = lane.Start("head -c 2000000 /dev/zero; echo over >&2", _ => ended.TrySetResult());
        await ended.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await Task.Delay(300);
        server.Stop();
        // Before it knows of that, it would hand on what it holds as soon as somebody reads.
        for (var tries = 0; lane.IsOpen && tries < 300; tries++)
            await Task.Delay(100);

        var bytes = await CountAsync(stream.Output);

        Assert.True(bytes < 2_000_000, "nothing was lost: the test proves nothing");
        Assert.Equal(ErrorIds.SourceConnectionLost, (await Assert.ThrowsAsync<AgentException>(() => stream.WaitAsync(default))).Error.Id);
    }

    [Fact]
    public async Task The_pipe_of_a_commands_output_holds_a_mebibyte()
    {
        await using var source = await ConnectAsync(server.Access());
        await using var lane = await source.OpenLaneAsync(default);
        using var stream = lane.Start("echo a; sleep 60");
        Assert.Equal(1, await stream.Output.ReadAsync(new byte[1]));

        // F_GETPIPE_SZ of what the client that runs the command writes to.
        var size = Shell.Run(
            """
            for process in $(pgrep -P "$PPID" ssh); do
              grep -qz 'echo a; sleep 60' "/proc/$process/cmdline" || continue
              perl -e 'open(F, ">", $ARGV[0]) or die; print fcntl(F, 1032, 0)' "/proc/$process/fd/1"
            done
            """
        );
        Assert.Equal("1048576", size);
    }

    [Fact]
    public async Task A_server_of_one_session_gets_a_login_for_each_command_and_it_is_said_once()
    {
        using var narrow = new TestSshServer("MaxSessions 1");
        await using var source = await ConnectAsync(narrow.Access());
        await using var first = await source.OpenLaneAsync(default);
        await using var second = await source.OpenLaneAsync(default);

        Assert.Equal(("a\n", 0), await RunAsync(first, "echo a"));
        Assert.Equal(("b\n", 3), await RunAsync(second, "echo b; exit 3"));
        Assert.True(first.IsOpen);
        Assert.Single(
            events.Of<LogEvent>(),
            e => e.Level == LogLevel.Warning && e.Message.Contains("MaxSessions", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task A_lane_goes_by_a_jump_host_and_becomes_root_by_sudo()
    {
        using var user = new TestUser();
        using var jump = new TestSshServer();
        user.AllowSudo("ALL=(ALL) ALL");
        var access = server.Access() with
        {
            User = user.Name,
            PrivateKey = null,
            Password = user.Password,
            Elevation = Elevation.SudoWithPassword,
            SudoPassword = user.Password,
            JumpHost = new SourceAccess
            {
                Host = "localhost",
                Port = jump.Port,
                User = user.Name,
                Password = user.Password,
                HostKeys = [jump.HostKey],
            },
        };
        await using var source = await ConnectAsync(access);
        await using var lane = await source.OpenLaneAsync(default);

        Assert.Equal(("0\n", 0), await RunAsync(lane, "id -u"));
        using var stream = lane.Start("cat", input: CommandInput.Of("data\n"u8.ToArray()));
        using var reader = new StreamReader(stream.Output);
        Assert.Equal("data\n", await reader.ReadToEndAsync());
        await using var other = await source.OpenLaneAsync(default);
        Assert.Equal(("0\n", 0), await RunAsync(other, "id -u"));
    }

    [Fact]
    public async Task A_login_that_is_refused_meanwhile_says_so()
    {
        await using var source = await ConnectAsync(server.Access());
        File.WriteAllText(server.Folder + "/authorized", "");

        var error = await Assert.ThrowsAsync<AgentException>(() => source.OpenLaneAsync(default));

        Assert.Equal(ErrorIds.SourceAuthenticationFailed, error.Error.Id);
    }

    [Fact]
    public async Task A_lane_that_is_given_up_while_it_opens_leaves_nothing()
    {
        await using var source = await ConnectAsync(server.Access());
        using var cancellation = new CancellationTokenSource();
        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => source.OpenLaneAsync(cancellation.Token));

        Assert.NotEqual(0, Shell.Try($"pgrep -f -- '{state}.*-N'").Code);
        Assert.Empty(Directory.GetFiles(Directory.GetDirectories(state)[0], "lane*"));
    }

    [Fact]
    public async Task Data_is_encrypted_by_what_both_CPUs_do_fastest()
    {
        await using var source = await ConnectAsync(server.Access());
        await using var lane = await source.OpenLaneAsync(default);

        var expected = Shell.Try("grep -qw aes /proc/cpuinfo").Code == 0 ? "aes128-gcm@openssh.com" : "chacha20-poly1305@openssh.com";
        var used = File.ReadLines(server.Folder + "/log")
            .Last(line => line.Contains("kex: server->client cipher: ", StringComparison.Ordinal));
        Assert.Contains($"cipher: {expected}", used, StringComparison.Ordinal);
        Assert.StartsWith(
            "Ciphers=chacha20-poly1305@openssh.com,",
            SshConfiguration.DataOptions(haveAes: false)[1],
            StringComparison.Ordinal
        );
        Assert.StartsWith("Ciphers=aes128-gcm@openssh.com,", SshConfiguration.DataOptions(haveAes: true)[1], StringComparison.Ordinal);
    }

    public void Dispose()
    {
        server.Dispose();
        Assert.Empty(Directory.GetDirectories(state));
        Directory.Delete(state, recursive: true);
    }

    private int Logins() => File.ReadLines(server.Folder + "/log").Count(line => line.Contains("Accepted ", StringComparison.Ordinal));

    private Task<ISource> ConnectAsync(SourceAccess access) => new SshSourceConnector(state).ConnectAsync(access, events, default);

    private static async Task<long> CountAsync(Stream stream)
    {
        var (buffer, total) = (new byte[1 << 16], 0L);
        while (await stream.ReadAsync(buffer) is var count and > 0)
            total += count;

        return total;
    }

    private static async Task<(string Output, int ExitCode)> RunAsync(ISourceLane lane, string script, List<string>? errors = null)
    {
        using var stream = lane.Start(script, errors is null ? null : errors.Add);
        using var reader = new StreamReader(stream.Output, Encoding.UTF8);
        return (await reader.ReadToEndAsync(), await stream.WaitAsync(default));
    }
}
