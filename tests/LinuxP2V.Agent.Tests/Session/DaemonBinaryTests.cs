using System.Diagnostics;
using LinuxP2V.Agent.Tests.Source;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Tests.Session;

/// <summary>The binary alone, as it is shipped: daemon, attach and askpass.</summary>
public sealed class DaemonBinaryTests : IDisposable
{
    private readonly string state = Directory.CreateTempSubdirectory("p2v-bin-").FullName;
    private readonly Process daemon;

    public DaemonBinaryTests() => daemon = Process.Start(AttachedAgent.Binary, ["daemon", "--socket", SocketPath, "--state", state]);

    private string SocketPath => state + "/agent.sock";

    [Fact]
    public async Task It_logs_in_by_password_and_never_switches_the_machine_off()
    {
        using var server = new TestSshServer();
        using var user = new TestUser();
        user.AllowSudo("ALL=(ALL) ALL");
        using var agent = new AttachedAgent(SocketPath);
        Assert.False((await agent.HelloAsync()).HasSource);
        Assert.Equal("600\n", Shell.Run($"stat -c %a {SocketPath}"));

        await agent.SendAsync(
            new ConnectSourceRequest
            {
                RequestId = "1",
                Source = server.Access() with
                {
                    User = user.Name,
                    PrivateKey = null,
                    Password = user.Password,
                    Elevation = Elevation.SudoWithPassword,
                    SudoPassword = user.Password,
                },
            }
        );
        var outcome = (await agent.ReadUntilOutcomeAsync("1"))[^1];
        Assert.True(outcome is OperationCompletedEvent, outcome.ToString());
        using (var second = new AttachedAgent(SocketPath))
            Assert.True((await second.HelloAsync()).HasSource);

        await agent.SendAsync(new PowerOffRequest { RequestId = "2" });
        await agent.ReadUntilOutcomeAsync("2");
        await daemon.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(0, daemon.ExitCode);
        Assert.Equal(["events.log"], Directory.GetFileSystemEntries(state).Select(Path.GetFileName));
        Assert.DoesNotContain(user.Password, File.ReadAllText(state + "/events.log"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_daemon_that_is_told_to_end_leaves_no_process_and_no_file_of_the_login_behind()
    {
        using var server = new TestSshServer();
        using var agent = new AttachedAgent(SocketPath);
        await agent.HelloAsync();
        await agent.SendAsync(new ConnectSourceRequest { RequestId = "1", Source = server.Access() });
        Assert.IsType<OperationCompletedEvent>((await agent.ReadUntilOutcomeAsync("1"))[^1]);
        Assert.Contains(Processes(), command => command.Contains("ssh-agent", StringComparison.Ordinal));

        Shell.Run($"kill -TERM {daemon.Id}");
        await daemon.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));

        for (var tries = 0; Processes().Length > 0 && tries < 100; tries++)
            await Task.Delay(100);
        Assert.Empty(Processes());
        Assert.Equal(["events.log"], Directory.GetFileSystemEntries(state).Select(Path.GetFileName));
    }

    /// <summary>Command lines that name this daemon's folder, but for the daemon and who attaches to it.</summary>
    private string[] Processes() =>
        [
            .. Shell
                .Run("for p in /proc/[0-9]*; do tr '\\0' ' ' < $p/cmdline 2>/dev/null; echo; done || :")
                .Split('\n')
                .Where(line =>
                    line.Contains(state, StringComparison.Ordinal)
                    && !line.Contains(" daemon ", StringComparison.Ordinal)
                    && !line.Contains(" attach ", StringComparison.Ordinal)
                ),
        ];

    [Fact]
    public async Task Attach_without_a_daemon_and_bad_arguments_have_exit_codes()
    {
        using (var agent = new AttachedAgent(state + "/nobody.sock"))
            Assert.Equal(69, (await agent.EndAsync()).Code);

        Assert.Equal(64, Shell.Try($"{Shell.Quote(AttachedAgent.Binary)} daemon --socket").Code);
        Assert.Equal(64, Shell.Try(Shell.Quote(AttachedAgent.Binary)).Code);
    }

    public void Dispose()
    {
        if (!daemon.HasExited)
        {
            Shell.Run($"kill -TERM {daemon.Id}");
            daemon.WaitForExit(20_000);
        }

        daemon.Dispose();
        Directory.Delete(state, recursive: true);
    }
}
