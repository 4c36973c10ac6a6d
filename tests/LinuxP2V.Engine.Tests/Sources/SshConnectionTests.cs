using System.Diagnostics;
using System.Text;
using LinuxP2V.Engine.Access;
using LinuxP2V.Engine.Ssh;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Tests.Sources;

[Collection(nameof(SshServer))]
public sealed class SshConnectionTests(SshServer server)
{
    private Task<SshConnection> Connect() =>
        SshConnection.ConnectAsync(
            server.Target(new SourceSecrets { PrivateKey = server.Key("plain") }, "root"),
            NullConsole.Instance,
            CancellationToken.None
        );

    [Fact]
    public async Task Command_gets_input_and_gives_output_error_and_exit_code()
    {
        using var connection = await Connect();
        var result = await connection.RunAsync("cat; echo wrong >&2; exit 3", "grüße\n", CancellationToken.None);

        Assert.Equal(new SshResult(3, "grüße\n", "wrong\n"), result);
        Assert.Equal("aes128-gcm@openssh.com", connection.Encryption);
    }

    [Fact]
    public async Task Large_output_and_input_pass()
    {
        using var connection = await Connect();
        var input = string.Concat(Enumerable.Repeat("0123456789abcdef", 1 << 17));
        var result = await connection.RunAsync("cat", input, CancellationToken.None);
        Assert.Equal(input, result.Output);
    }

    [Fact]
    public async Task Command_that_does_not_read_its_input_still_ends()
    {
        using var connection = await Connect();
        var result = await connection.RunAsync("exit 7", new string('x', 1 << 22), CancellationToken.None);
        Assert.Equal(7, result.ExitCode);
    }

    [Fact]
    public async Task Long_lived_command_exchanges_lines()
    {
        using var connection = await Connect();
        using var process = await connection.StartAsync("while read -r line; do echo \"got $line\"; done; exit 5");
        using var reader = new StreamReader(process.Output);
        foreach (var word in new[] { "one", "two" })
        {
            await process.Input.WriteAsync(Encoding.UTF8.GetBytes(word + "\n"));
            await process.Input.FlushAsync();
            Assert.Equal("got " + word, await reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(10)));
        }

        process.Input.Dispose();
        Assert.Equal(5, await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.Null(await reader.ReadLineAsync());
    }

    [Theory]
    [InlineData(null, "exec sleep {0}")]
    // root's sshd passes no signal on; a closed channel does it for whatever reads or writes.
    [InlineData("root", "sleep {0} & while echo x; do sleep 0.2; done; kill $!")]
    public async Task Cancelling_kills_the_command(string? user, string command)
    {
        using var connection = await SshConnection.ConnectAsync(
            server.Target(new SourceSecrets { PrivateKey = server.Key("plain") }, user),
            NullConsole.Instance,
            CancellationToken.None
        );
        using var cancellation = new CancellationTokenSource();
        var duration = 10_000 + Random.Shared.Next(80_000);
        var running = connection.RunAsync(
            "trap '' PIPE; " + string.Format(System.Globalization.CultureInfo.InvariantCulture, command, duration),
            "",
            cancellation.Token
        );
        await WaitFor(() => IsSleeping(duration));

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        await WaitFor(() => !IsSleeping(duration));
    }

    [Fact]
    public async Task Exact_key_of_a_helper_is_demanded()
    {
        var target = server.Target(new SourceSecrets { PrivateKey = server.Key("plain") }, "root") with { Role = SshRole.Helper };
        using (
            var connection = await SshConnection.ConnectAsync(
                target with
                {
                    Trust = new ExactKeyTrust(server.HostKey("rsa")),
                },
                NullConsole.Instance,
                CancellationToken.None
            )
        )
        {
            Assert.Equal(server.HostKey("rsa"), connection.HostKey.ToString());
        }

        var other = server.HostKey("ed25519")[..^4] + "AAAA";
        var error = await Assert.ThrowsAsync<P2VException>(() =>
            SshConnection.ConnectAsync(target with { Trust = new ExactKeyTrust(other) }, NullConsole.Instance, CancellationToken.None)
        );
        Assert.Equal(ErrorIds.HelperHostKeyMismatch, error.ErrorId);
    }

    [Fact]
    public async Task Broken_connection_is_told()
    {
        using var own = new SshServer();
        using var connection = await SshConnection.ConnectAsync(
            own.Target(new SourceSecrets { PrivateKey = own.Key("plain") }, "root") with
            {
                Role = SshRole.Helper,
            },
            NullConsole.Instance,
            CancellationToken.None
        );
        // The session's own sshd is the parent of its shell.
        using var process = await connection.StartAsync("echo $PPID; sleep 100");
        using var reader = new StreamReader(process.Output);
        Command.Run("kill", "-9", (await reader.ReadLineAsync())!);

        var error = await Assert.ThrowsAsync<P2VException>(() => process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(20)));
        Assert.Equal(ErrorIds.HelperConnectionLost, error.ErrorId);
    }

    private static bool IsSleeping(int duration) => Command.Try(null, "pgrep", "-fx", $"sleep {duration}").ExitCode == 0;

    private static async Task WaitFor(Func<bool> condition)
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(15), "It did not happen within 15 s.");
            await Task.Delay(100);
        }
    }
}
