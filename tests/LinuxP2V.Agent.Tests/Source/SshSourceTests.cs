using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Source;
using LinuxP2V.Agent.Tests.Session;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Tests.Source;

/// <summary>Logins to a real sshd, the binary itself as askpass.</summary>
public sealed class SshSourceTests : IDisposable
{
    private readonly TestSshServer server = new();
    private readonly EventRecorder events = new();
    private readonly string state = Directory.CreateTempSubdirectory("p2v-state-").FullName;

    [Fact]
    public async Task A_key_gets_in_and_is_on_no_disk()
    {
        await using var source = await ConnectAsync(server.Access());

        var result = await source.RunAsync("echo out; echo err >&2; exit 7", default);
        Assert.Equal(("out\n", "err", 7), (result.Output, result.Error, result.ExitCode));
        Assert.NotEqual(0, Shell.Try($"grep -rlaF 'PRIVATE KEY' {state}").Code);
        Assert.Equal("700\n", Shell.Run($"stat -c %a {state}/source-*"));
    }

    [Fact]
    public async Task A_locked_key_is_opened_by_its_passphrase()
    {
        await using var source = await ConnectAsync(
            server.Access() with
            {
                PrivateKey = server.LockedKey.ReplaceLineEndings("\r\n").TrimEnd(),
                Passphrase = "pass phrase $x",
            }
        );
        Assert.Equal("0\n", (await source.RunAsync("id -u", default)).Output);
    }

    [Theory]
    [InlineData("wrong")]
    [InlineData(null)]
    public async Task A_locked_key_without_its_passphrase_is_told(string? passphrase) =>
        Assert.Equal(
            ErrorIds.SourceKeyUnreadable,
            await FailAsync(server.Access() with { PrivateKey = server.LockedKey, Passphrase = passphrase })
        );

    [Fact]
    public async Task A_password_gets_in_by_sudo_with_and_without_one()
    {
        using var user = new TestUser();
        var access = server.Access() with { User = user.Name, PrivateKey = null, Password = user.Password };
        Assert.Equal(ErrorIds.RootRequired, await FailAsync(access));
        Assert.Equal(ErrorIds.SourceAuthenticationFailed, await FailAsync(access with { Password = "not this" }));

        var withPassword = access with { Elevation = Elevation.SudoWithPassword, SudoPassword = user.Password };
        Assert.Equal(ErrorIds.SudoNotAllowed, await FailAsync(withPassword));
        user.AllowSudo("ALL=(ALL) ALL");
        Assert.Equal(ErrorIds.SudoPasswordRequired, await FailAsync(access with { Elevation = Elevation.Sudo }));
        Assert.Equal(ErrorIds.SudoPasswordWrong, await FailAsync(withPassword with { SudoPassword = "not this" }));
        await using (var source = await ConnectAsync(withPassword))
            Assert.Equal("0\n", (await source.RunAsync("id -u", default)).Output);

        user.AllowSudo("ALL=(ALL) NOPASSWD: ALL");
        await using (var source = await ConnectAsync(access with { Elevation = Elevation.Sudo }))
            Assert.Equal("0\n", (await source.RunAsync("id -u", default)).Output);
        // sudo asks for nothing now: the password must not become the script's input.
        await using (var source = await ConnectAsync(withPassword))
            Assert.Equal("\n", (await source.RunAsync("cat; echo", default)).Output);
    }

    public static TheoryData<string> HarmlessSudoSettings => SudoSettings.Harmless;

    [Theory]
    [MemberData(nameof(HarmlessSudoSettings))]
    public async Task Sudo_with_another_setting_hands_on_every_byte(string setting)
    {
        using var user = new TestUser();
        user.AllowSudo(SudoSettings.Rule(setting, user.Name));
        await using var source = await ConnectAsync(WithSudo(user));
        var bytes = new byte[300_000];
        new Random(1).NextBytes(bytes);
        await using var lane = await source.OpenLaneAsync(default);
        using var command = lane.Start("cat; echo no >&2; exit 4", input: CommandInput.Of(bytes));
        using var output = new MemoryStream();
        await command.Output.CopyToAsync(output);
        Assert.Equal(4, await command.WaitAsync(default));
        Assert.Equal(bytes, output.ToArray());
    }

    [Fact]
    public async Task Sudo_that_wants_a_terminal_is_told()
    {
        using var user = new TestUser();
        user.AllowSudo(SudoSettings.Rule(SudoSettings.RequiresTerminal, user.Name));
        Assert.Equal(ErrorIds.SudoNotAllowed, await FailAsync(WithSudo(user)));
    }

    /// <summary>Login shell, its start file, and what that prints: on both streams, without a line end, and our own words.</summary>
    [Theory]
    [InlineData("/bin/bash", ".bashrc", "printf 'no end'; printf 'sudo: not found' >&2")]
    [InlineData("/bin/bash", ".bashrc", "printf '0\\nlinuxp2v-out'; printf '\\033]0;title\\007' >&2")]
    [InlineData("/usr/bin/zsh", ".zshenv", "printf 'no end'; printf 'no end' >&2")]
    [InlineData("/usr/bin/fish", ".config/fish/config.fish", "printf 'no end'; printf 'no end' >&2")]
    [InlineData("/usr/bin/tcsh", ".tcshrc", "printf 'no end'; sh -c 'printf no >&2'")]
    [InlineData("/bin/csh", ".cshrc", "printf 'no end'")]
    public async Task Any_login_shell_runs_a_script_and_what_its_start_file_prints_is_no_data(string shell, string startFile, string text)
    {
        using var user = new TestUser();
        user.SetShell(shell);
        user.AllowSudo("ALL=(ALL) ALL");
        user.WriteHomeFile(startFile, text + "\n");
        await using var source = await ConnectAsync(WithSudo(user));
        var result = await source.RunAsync("printf '%s|' 'it'\\''s' '\\' '!' \"a\nb\"; echo wrong >&2; exit 3", default);
        Assert.Equal(("it's|\\|!|a\nb|", "wrong", 3), (result.Output, result.Error, result.ExitCode));

        // By a connection that several commands share, too.
        await using var lane = await source.OpenLaneAsync(default);
        using var command = lane.Start("cat; exit 4", input: CommandInput.Of("data"u8.ToArray()));
        Assert.Equal((4, "data"), await command.ReadToEndAsync(default));
    }

    [Fact]
    public async Task A_key_that_the_source_does_not_know_is_refused()
    {
        using var other = new TestSshServer();
        Assert.Equal(ErrorIds.SourceAuthenticationFailed, await FailAsync(server.Access() with { PrivateKey = other.UserKey }));
    }

    [Fact]
    public async Task Another_host_key_is_never_accepted()
    {
        using var other = new TestSshServer();
        Assert.Equal(ErrorIds.SourceHostKeyChanged, await FailAsync(server.Access() with { HostKeys = [other.HostKey], Password = "p" }));
        // A kind of key that the server does not have.
        Shell.Run("ssh-keygen -q -t ecdsa -N '' -f other", server.Folder);
        var ecdsa = string.Join(' ', File.ReadAllText(server.Folder + "/other.pub").Split(' ').Take(2));
        Assert.Equal(ErrorIds.SourceHostKeyChanged, await FailAsync(server.Access() with { HostKeys = [ecdsa] }));
        Assert.Equal(ErrorIds.SourceHostKeyUnknown, await FailAsync(server.Access() with { HostKeys = [] }));
    }

    [Fact]
    public async Task What_cannot_be_reached_says_how()
    {
        var closed = await Assert.ThrowsAsync<AgentException>(() => ConnectAsync(server.Access() with { Port = TestSshServer.FreePort() }));
        Assert.Equal(ErrorIds.HelperCannotReachSource, closed.Error.Id);
        Assert.Contains("refused", closed.Error.Cause, StringComparison.Ordinal);
        var unknown = await Assert.ThrowsAsync<AgentException>(() => ConnectAsync(server.Access() with { Host = "no-such-host.invalid" }));
        Assert.Equal(ErrorIds.HelperCannotReachSource, unknown.Error.Id);
        Assert.Contains("resolve", unknown.Error.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_jump_host_has_its_own_key_and_its_own_secret()
    {
        using var user = new TestUser();
        using var jump = new TestSshServer($"AllowUsers {user.Name}");
        using var target = new TestSshServer("PasswordAuthentication no");
        var through = target.Access() with
        {
            JumpHost = new SourceAccess
            {
                Host = "localhost",
                Port = jump.Port,
                User = user.Name,
                Password = user.Password,
                HostKeys = [jump.HostKey],
            },
        };

        await using (var source = await ConnectAsync(through))
            Assert.Equal("0\n", (await source.RunAsync("id -u", default)).Output);
        Assert.Contains($"Accepted password for {user.Name}", File.ReadAllText(jump.Folder + "/log"), StringComparison.Ordinal);
        Assert.Equal(
            ErrorIds.SourceAuthenticationFailed,
            await FailAsync(through with { JumpHost = through.JumpHost with { Password = "not this" } })
        );
        Assert.Equal(
            ErrorIds.SourceHostKeyChanged,
            await FailAsync(through with { JumpHost = through.JumpHost with { HostKeys = [target.HostKey] } })
        );
        Assert.Equal(ErrorIds.HelperCannotReachSource, await FailAsync(through with { Port = TestSshServer.FreePort() }));
    }

    [Fact]
    public async Task A_broken_stream_is_a_lost_connection()
    {
        await using var source = await ConnectAsync(server.Access());
        using var stream = source.Start("echo go; sleep 60");
        await stream.Output.ReadExactlyAsync(new byte[3]);
        server.Stop();

        var error = await Assert.ThrowsAsync<AgentException>(() => stream.WaitAsync(default));
        Assert.Equal(ErrorIds.SourceConnectionLost, error.Error.Id);
    }

    public void Dispose()
    {
        server.Dispose();
        Assert.Empty(Directory.GetDirectories(state));
        Directory.Delete(state, recursive: true);
    }

    private Task<ISource> ConnectAsync(SourceAccess access) => new SshSourceConnector(state).ConnectAsync(access, events, default);

    private SourceAccess WithSudo(TestUser user) =>
        server.Access() with
        {
            User = user.Name,
            PrivateKey = null,
            Password = user.Password,
            Elevation = Elevation.SudoWithPassword,
            SudoPassword = user.Password,
        };

    private async Task<string> FailAsync(SourceAccess access)
    {
        var error = await Assert.ThrowsAsync<AgentException>(() => ConnectAsync(access));
        Assert.NotEmpty(error.Error.Remedy);
        return error.Error.Id;
    }
}
