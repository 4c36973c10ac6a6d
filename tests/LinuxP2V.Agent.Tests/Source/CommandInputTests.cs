using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Source;
using LinuxP2V.Agent.Tests.Copy;
using LinuxP2V.Agent.Tests.Session;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Tests.Source;

/// <summary>A command gets all of its input, whatever the source has to hand it on, or does not run.</summary>
public sealed class CommandInputTests : IDisposable
{
    private readonly string state = Directory.CreateTempSubdirectory("p2v-state-").FullName;

    /// <summary>What old busybox says, what a shell says of a program that is not there, and of a file that is none.</summary>
    [Theory]
    [InlineData("echo \"head: invalid option -- 'c'\" >&2; exit 1")]
    [InlineData("exit 2")]
    [InlineData("exit 64")]
    [InlineData("exit 126")]
    [InlineData("exit 127")]
    public async Task Without_a_head_that_counts_bytes_all_of_it_arrives(string script)
    {
        using var head = new FakeTool("head", script);
        using var server = new TestSshServer(replacedTools: head.Mount);
        await using var source = await ConnectAsync(server);
        await using var lane = await source.OpenLaneAsync(default);
        var bytes = new byte[100_000];
        new Random(1).NextBytes(bytes);
        using var command = lane.Start("cat; exit 4", input: CommandInput.Of(bytes));
        using var output = new MemoryStream();
        await command.Output.CopyToAsync(output);
        Assert.Equal(4, await command.WaitAsync(default));
        Assert.Equal(bytes, output.ToArray());
    }

    [Fact]
    public async Task Without_any_program_for_it_the_command_fails_and_says_so()
    {
        using var head = new FakeTool("head", "exit 127");
        using var dd = new FakeTool("dd", "exit 127");
        using var server = new TestSshServer(replacedTools: $"{head.Mount} && {dd.Mount}");
        await using var source = await ConnectAsync(server);
        await using var lane = await source.OpenLaneAsync(default);
        using var command = lane.Start("cat; echo done", input: CommandInput.Of("names"u8.ToArray()));
        var error = await Assert.ThrowsAsync<AgentException>(async () => await command.WaitAsync(default));
        Assert.Equal(ErrorIds.CopyFailed, error.Error.Id);
        Assert.Contains("neither head nor dd", error.Error.Cause, StringComparison.Ordinal);

        // One without an input needs neither.
        Assert.Equal("next\n", (await lane.AskAsync("echo next", default)).Output);
    }

    /// <summary>It counts as a connection that broke, so the command is tried again: a program may fail only once.</summary>
    [Theory]
    [InlineData("kill -SEGV $$", "exit 0")]
    [InlineData("exit 1", "exit 1")]
    public async Task Without_its_input_no_command_ends_well(string headScript, string ddScript)
    {
        using var head = new FakeTool("head", headScript);
        using var dd = new FakeTool("dd", ddScript);
        using var server = new TestSshServer(replacedTools: $"{head.Mount} && {dd.Mount}");
        await using var source = await ConnectAsync(server);
        await using var lane = await source.OpenLaneAsync(default);
        using var command = lane.Start("cat", input: CommandInput.Of("names"u8.ToArray()));
        var error = await Assert.ThrowsAsync<AgentException>(async () => await command.WaitAsync(default));
        Assert.Equal(ErrorIds.SourceConnectionLost, error.Error.Id);
    }

    [Theory]
    [InlineData("TAR_OPTIONS=--exclude=*")]
    [InlineData("GREP_OPTIONS=--color=always")]
    [InlineData("POSIXLY_CORRECT=1")]
    public async Task Options_from_the_sources_environment_count_for_nothing(string variable)
    {
        using var server = new TestSshServer($"SetEnv {variable}");
        await using var source = await ConnectAsync(server);
        await using var lane = await source.OpenLaneAsync(default);
        using var command = lane.Start("env; cat", input: CommandInput.Of("names"u8.ToArray()));
        var (exitCode, output) = await command.ReadToEndAsync(default);
        Assert.Equal(0, exitCode);
        Assert.EndsWith("names", output, StringComparison.Ordinal);
        Assert.DoesNotContain(variable.Split('=')[0], output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_that_does_not_read_its_input_ends_as_it_likes()
    {
        using var server = new TestSshServer();
        await using var source = await ConnectAsync(server);
        await using var lane = await source.OpenLaneAsync(default);
        using var command = lane.Start("exit 3", input: CommandInput.Of(new byte[10_000_000]));
        Assert.Equal(3, await command.WaitAsync(default));
    }

    public void Dispose() => Directory.Delete(state, recursive: true);

    private Task<ISource> ConnectAsync(TestSshServer server) =>
        new SshSourceConnector(state).ConnectAsync(server.Access(), new EventRecorder(), default);
}
