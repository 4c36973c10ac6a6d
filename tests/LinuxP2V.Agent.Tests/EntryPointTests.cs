using System.Diagnostics;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Agent.Source;

namespace LinuxP2V.Agent.Tests;

/// <summary>The program's arguments, by the real binary.</summary>
public sealed class EntryPointTests
{
    [Theory]
    [InlineData("'--nonsense'", "daemon", "--nonsense", "x")]
    [InlineData("--socket", "daemon")]
    [InlineData("Required", "daemon", "--socket")]
    [InlineData("ommand")]
    public async Task Wrong_arguments_are_a_usage_error_that_names_them(string named, params string[] arguments)
    {
        var (exitCode, output, error) = await RunAsync(null, arguments);

        Assert.Equal(64, exitCode);
        Assert.Equal("", output);
        Assert.Contains(named, error, StringComparison.Ordinal);
        Assert.Contains("--help", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_names_every_mode()
    {
        var (exitCode, output, error) = await RunAsync(null, "--help");

        Assert.Equal((0, ""), (exitCode, error));
        Assert.All(["boot", "daemon", "attach", "askpass"], mode => Assert.Contains(mode, output, StringComparison.Ordinal));
    }

    /// <summary>The source's server writes prompts: one that looks like an option or a file of options must stay a prompt.</summary>
    [Theory]
    [InlineData("--help")]
    [InlineData("--version")]
    [InlineData("@/etc/hostname")]
    [InlineData("attach")]
    public async Task A_prompt_is_never_read_as_an_argument(string prompt)
    {
        foreach (string[] arguments in new[] { new[] { prompt }, ["askpass", prompt] })
        {
            var (exitCode, output, error) = await RunAsync("/nonexistent/askpass.sock", arguments);

            Assert.Equal((1, "", ""), (exitCode, output, error));
        }
    }

    private static async Task<(int ExitCode, string Output, string Error)> RunAsync(string? askPassSocket, params string[] arguments)
    {
        var start = new ProcessStartInfo(AgentPaths.Executable, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (askPassSocket is not null)
        {
            start.Environment[AskPass.SocketVariable] = askPassSocket;
            start.Environment[AskPass.TicketVariable] = "ticket";
        }

        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }
}
