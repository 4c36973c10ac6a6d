using LinuxP2V.Agent.Source;
using LinuxP2V.Agent.Tests.Session;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Tests.Source;

/// <summary>Commands on the source that write nothing, or do not want to end: none of them outlives its lane.</summary>
public sealed class CommandEndTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private readonly string state = Directory.CreateTempSubdirectory("p2v-state-").FullName;
    private readonly string mark = $"4{Environment.ProcessId}{Random.Shared.Next(100, 999)}";

    public static TheoryData<string> Scripts() =>
        new()
        {
            "exec sleep MARK",
            "sleep MARK; echo never",
            "cat /dev/zero | b2sum; sleep MARK",
            "sleep MARK & sleep MARK & wait",
            "sleep MARK | cat | cat",
            "trap '' TERM; sleep MARK",
            "exec nice -n 19 sh -c 'sleep MARK'",
            "exec unshare -m sh -c 'sleep MARK'",
            "nohup sleep MARK >/dev/null 2>&1",
            "while read -r line; do echo \"$line\"; done; sleep MARK",
        };

    [Trait("Run", "Full")]
    [Theory]
    [MemberData(nameof(Scripts))]
    public async Task A_command_that_is_killed_ends_on_the_source(string script)
    {
        using var server = new TestSshServer();
        await using var source = await ConnectAsync(server);
        await using var lane = await source.OpenLaneAsync(default);
        using (lane.Start(Marked(script), input: CommandInput.Of("a\nb\n"u8.ToArray())))
            await WaitAsync(isRunning: true);

        await WaitAsync(isRunning: false);
        Assert.Equal("next\n", (await lane.AskAsync("echo next", default)).Output);
    }

    [Trait("Run", "Full")]
    [Theory]
    [MemberData(nameof(Scripts))]
    public async Task A_command_whose_connection_broke_ends_on_the_source(string script)
    {
        using var server = new TestSshServer();
        await using var source = await ConnectAsync(server);
        await using var lane = await source.OpenLaneAsync(default);
        using var stream = lane.Start(Marked(script));
        await WaitAsync(isRunning: true);

        server.Stop();

        await WaitAsync(isRunning: false);
    }

    [Fact]
    public async Task So_does_one_with_a_login_of_its_own_and_one_whose_lane_is_closed()
    {
        using var server = new TestSshServer("MaxSessions 1");
        await using var source = await ConnectAsync(server);
        await using var lane = await source.OpenLaneAsync(default);
        using (lane.Start(Marked("sleep MARK")))
            await WaitAsync(isRunning: true);

        await WaitAsync(isRunning: false);
        using var many = new TestSshServer();
        await using var other = await ConnectAsync(many);
        var shared = await other.OpenLaneAsync(default);
        using var stream = shared.Start(Marked("sleep MARK"));
        await WaitAsync(isRunning: true);
        await shared.DisposeAsync();
        await WaitAsync(isRunning: false);
    }

    [Theory]
    [InlineData("cat >/dev/null", 0, "")]
    [InlineData("exit 7", 7, "")]
    [InlineData("cat; exit 3", 3, "input\n")]
    [InlineData("while read -r a; do echo \"$a\"; done", 0, "input\n")]
    [InlineData("echo no one reads; exit 124", 124, "no one reads\n")]
    [InlineData("kill -9 $$", 137, "")]
    public async Task What_ends_by_itself_ends_as_before_and_leaves_no_keeper(string script, int exitCode, string output)
    {
        using var server = new TestSshServer();
        await using var source = await ConnectAsync(server);
        await using var lane = await source.OpenLaneAsync(default);
        using (var stream = lane.Start($": {mark}\n{script}", input: CommandInput.Of("input\n"u8.ToArray())))
        {
            if (exitCode == 137)
                Assert.NotEqual(0, await TryWaitAsync(stream));
            else
                Assert.Equal((exitCode, output), await stream.ReadToEndAsync(default));
        }

        await WaitAsync(isRunning: false);
    }

    public void Dispose() => Directory.Delete(state, recursive: true);

    private static async Task<int> TryWaitAsync(ISourceStream stream)
    {
        try
        {
            return (await stream.ReadToEndAsync(default)).ExitCode;
        }
        catch (Agent.Events.AgentException exception)
        {
            Assert.Equal(ErrorIds.SourceConnectionLost, exception.Error.Id);
            return -1;
        }
    }

    private string Marked(string script) => script.Replace("MARK", mark, StringComparison.Ordinal);

    private async Task WaitAsync(bool isRunning)
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        while (IsRunning() != isRunning)
        {
            // A command has ten seconds to go; a busy machine may take longer to start one.
            Assert.True(
                clock.Elapsed < (isRunning ? 6 * Limit : Limit),
                isRunning ? "it never started" : "it is still there: " + Processes()
            );
            await Task.Delay(100);
        }
    }

    private bool IsRunning() => Processes().Length > 0;

    /// <summary>On the source's side alone: not the client here, whose arguments hold the script too.</summary>
    private string Processes() => Shell.Run($"ps -eo pid,args | grep -F {mark} | grep -v -e grep -e '^ *[0-9]* ssh ' -e 'bash -c' || true");

    private Task<ISource> ConnectAsync(TestSshServer server) =>
        new SshSourceConnector(state).ConnectAsync(server.Access(), new EventRecorder(), default);
}
