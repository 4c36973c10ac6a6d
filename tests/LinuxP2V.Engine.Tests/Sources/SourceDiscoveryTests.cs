using System.Globalization;
using System.Net;
using System.Net.Sockets;
using LinuxP2V.Engine.Access;
using LinuxP2V.Engine.Helpers;
using LinuxP2V.Engine.Inspection;
using LinuxP2V.Engine.Sources;
using LinuxP2V.Protocol.Messages;
using LinuxP2V.Tests.Shared;

namespace LinuxP2V.Engine.Tests.Sources;

[Collection(nameof(SshServer))]
public sealed class SourceDiscoveryTests : IDisposable
{
    private readonly SshServer server;

    public SourceDiscoveryTests(SshServer server)
    {
        this.server = server;
        File.Delete(server.KnownHosts);
    }

    public void Dispose() => server.AllowSudo(null);

    [Fact]
    public async Task Root_with_a_key_reads_this_machine()
    {
        var source = await Read(server.Options("root"), new SourceSecrets { PrivateKey = server.Key("plain") });

        Assert.Equal(Elevation.None, source.Endpoint.Elevation);
        Assert.True(source.Facts.IsRoot);
        Assert.Equal(Command.Run("hostname").Trim(), source.Facts.HostName);
        Assert.Equal(Command.Run("uname", "-r").Trim(), source.Facts.OperatingSystem.RunningKernel);
        Assert.Contains(source.Endpoint.HostKeys[0], new[] { server.HostKey("ed25519"), server.HostKey("ecdsa"), server.HostKey("rsa") });
        Assert.DoesNotContain("PRIVATE KEY", source.ToString());
    }

    [Fact]
    public async Task User_with_a_password_and_no_sudo_wanted_reads_what_it_may()
    {
        var source = await Read(
            server.Options() with
            {
                Elevation = ElevationPreference.Never,
            },
            new SourceSecrets { Password = SshServer.Password }
        );

        Assert.False(source.Facts.IsRoot);
        Assert.Contains(
            SourceInspector.Inspect(source.Facts),
            finding => finding.Id == "RootRequired" && finding.Severity == FindingSeverity.Error
        );
        Assert.DoesNotContain(SshServer.Password, source.ToString());
    }

    [Theory]
    [InlineData("encrypted")]
    [InlineData("pem")]
    public async Task Key_with_a_passphrase_logs_in(string key)
    {
        var source = await Read(
            server.Options("root"),
            new SourceSecrets { PrivateKey = server.Key(key), Passphrase = SshServer.Passphrase }
        );
        Assert.True(source.Facts.IsRoot);
    }

    [Theory]
    [InlineData("encrypted", null)]
    [InlineData("encrypted", "wrong")]
    [InlineData("pem", "wrong")]
    [InlineData("plain.pub", null)]
    public async Task Key_that_cannot_be_read_is_told(string key, string? passphrase) =>
        await Fails(
            ErrorIds.SourceKeyUnreadable,
            server.Options("root"),
            new SourceSecrets { PrivateKey = server.Key(key), Passphrase = passphrase }
        );

    [Fact]
    public async Task Wrong_password_names_the_methods_that_the_server_offers()
    {
        var error = await Fails(ErrorIds.SourceAuthenticationFailed, server.Options(), new SourceSecrets { Password = "wrong" });
        Assert.Contains("publickey", error.Message);
        Assert.Contains("password", error.Message);
        Assert.DoesNotContain("wrong", error.Message);
    }

    [Fact]
    public async Task A_wrong_password_is_sent_once()
    {
        var log = $"{server.Folder}/log";
        var before = Failures();
        await Fails(ErrorIds.SourceAuthenticationFailed, server.Options(), new SourceSecrets { Password = "wrong" });
        Assert.Equal(before + 1, Failures());

        int Failures() => File.ReadLines(log).Count(line => line.Contains("Failed password", StringComparison.Ordinal));
    }

    [Fact]
    public async Task No_secret_at_all_is_told() => await Fails(ErrorIds.SourceCredentialRequired, server.Options(), new SourceSecrets());

    [Fact]
    public async Task Closed_port_is_refused() =>
        await Fails(
            ErrorIds.SourceConnectionRefused,
            server.Options() with
            {
                Port = SshServer.FreePort(),
            },
            new SourceSecrets { Password = "x" }
        );

    [Fact]
    public async Task Unknown_name_is_told() =>
        await Fails(
            ErrorIds.SourceNameNotResolved,
            server.Options() with
            {
                Host = "no-such-host.invalid",
            },
            new SourceSecrets { Password = "x" }
        );

    [Fact]
    public async Task Silent_listener_times_out()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var options = server.Options() with { Port = ((IPEndPoint)listener.LocalEndpoint).Port, ConnectTimeout = TimeSpan.FromSeconds(1) };
        var watch = System.Diagnostics.Stopwatch.StartNew();

        await Fails(ErrorIds.SourceUnreachable, options, new SourceSecrets { Password = "x" });

        Assert.InRange(watch.Elapsed.TotalSeconds, 0.9, 10);
    }

    [Fact]
    public async Task Cancelling_ends_the_wait()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var cancellation = new CancellationTokenSource(300);
        var options = server.Options() with { Port = ((IPEndPoint)listener.LocalEndpoint).Port, ConnectTimeout = TimeSpan.FromSeconds(60) };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            SourceDiscovery.ReadAsync(options, new SourceSecrets { Password = "x" }, NullConsole.Instance, cancellation.Token)
        );
    }

    [Fact]
    public async Task Sudo_without_a_password_is_found()
    {
        server.AllowSudo("ALL=(ALL) NOPASSWD: ALL");
        var source = await Read(server.Options(), new SourceSecrets { PrivateKey = server.Key("plain") });

        Assert.Equal(Elevation.Sudo, source.Endpoint.Elevation);
        Assert.True(source.Facts.IsRoot);
    }

    [Fact]
    public async Task Sudo_takes_the_login_password()
    {
        server.AllowSudo("ALL=(ALL) ALL");
        var source = await Read(server.Options(), new SourceSecrets { Password = SshServer.Password });

        Assert.Equal(Elevation.SudoWithPassword, source.Endpoint.Elevation);
        Assert.True(source.Facts.IsRoot);
    }

    [Fact]
    public async Task Sudo_password_that_is_missing_or_wrong_is_told()
    {
        server.AllowSudo("ALL=(ALL) ALL");
        await Fails(ErrorIds.SudoPasswordRequired, server.Options(), new SourceSecrets { PrivateKey = server.Key("plain") });
        var error = await Fails(
            ErrorIds.SudoPasswordWrong,
            server.Options(),
            new SourceSecrets { PrivateKey = server.Key("plain"), SudoPassword = "wrong-one" }
        );
        Assert.DoesNotContain("wrong-one", error.Message);
    }

    [Fact]
    public async Task Sudo_that_is_not_allowed_is_told() =>
        await Fails(ErrorIds.SudoNotAllowed, server.Options(), new SourceSecrets { Password = SshServer.Password });

    [Fact]
    public async Task Sudo_that_allows_something_else_only_is_told()
    {
        server.AllowSudo("ALL=(ALL) /bin/true");
        await Fails(ErrorIds.SudoNotAllowed, server.Options(), new SourceSecrets { Password = SshServer.Password });
    }

    public static TheoryData<string> HarmlessSudoSettings => SudoSettings.Harmless;

    [Theory]
    [MemberData(nameof(HarmlessSudoSettings))]
    public async Task Sudo_with_another_setting_is_used(string setting)
    {
        server.AllowSudo(SudoSettings.Rule(setting, server.User));
        var source = await Read(server.Options(), new SourceSecrets { Password = SshServer.Password });
        Assert.Equal(Elevation.SudoWithPassword, source.Endpoint.Elevation);
        Assert.True(source.Facts.IsRoot);
        Assert.False(source.Facts.IsSudoOutputLogged);
    }

    [Theory]
    [InlineData("ALL=(ALL) ALL", "log_output")]
    [InlineData("ALL=(ALL) LOG_OUTPUT: ALL", "!log_output")]
    public async Task Sudo_that_records_what_commands_write_is_seen(string rule, string setting)
    {
        server.AllowSudo($"{rule}\nDefaults:{server.User} {setting}\nDefaults:{server.User} iolog_dir=/home/{server.User}/log");
        var source = await Read(server.Options(), new SourceSecrets { Password = SshServer.Password });
        Assert.True(source.Facts.IsSudoOutputLogged);
    }

    [Fact]
    public async Task Sudo_that_wants_a_terminal_is_told_with_the_setting()
    {
        server.AllowSudo(SudoSettings.Rule(SudoSettings.RequiresTerminal, server.User));
        var error = await Fails(ErrorIds.SudoNotAllowed, server.Options(), new SourceSecrets { Password = SshServer.Password });
        Assert.Contains("!requiretty", error.Remedy, StringComparison.Ordinal);
    }

    /// <summary>
    /// Login shell, its start file, and what that does: text on both streams without a line end, an escape sequence, and
    /// words that look like our answers or like sudo's refusals.
    /// </summary>
    public static TheoryData<string, string, string> Logins =>
        new()
        {
            { "/bin/bash", ".bashrc", "printf 'uid=0'; printf 'sudo: not found' >&2" },
            { "/bin/bash", ".bashrc", "printf '\\033]0;title\\007'; echo 'is not in the sudoers file' >&2; TMOUT=1" },
            { "/bin/dash", ".profile", "echo unread" },
            { "/bin/mksh", ".mkshrc", "echo unread" },
            { "/usr/bin/zsh", ".zshenv", "printf 'no end'; printf 'no end' >&2" },
            { "/usr/bin/fish", ".config/fish/config.fish", "printf 'no end'; printf 'no end' >&2" },
            { "/usr/bin/tcsh", ".tcshrc", "printf 'no end'; sh -c 'printf no >&2'; alias sh false" },
            { "/bin/csh", ".cshrc", "printf 'no end'" },
        };

    [Theory]
    [MemberData(nameof(Logins))]
    public async Task Any_login_shell_with_whatever_it_prints_is_read(string shell, string startFile, string text)
    {
        server.UseShell(shell, startFile, text + "\n");
        try
        {
            server.AllowSudo("ALL=(ALL) ALL");
            var source = await Read(server.Options(), new SourceSecrets { Password = SshServer.Password });
            Assert.Equal(Elevation.SudoWithPassword, source.Endpoint.Elevation);
            Assert.True(source.Facts.IsRoot);

            server.AllowSudo(null);
            await Fails(ErrorIds.SudoNotAllowed, server.Options(), new SourceSecrets { Password = SshServer.Password });
        }
        finally
        {
            server.UsePlainShell(startFile);
        }
    }

    /// <summary>Start file of bash, and a part of the reason.</summary>
    [Theory]
    [InlineData("sleep 3600", "within 4 seconds")]
    [InlineData("yes", "more than 64 MB")]
    [InlineData("yes >&2", "more than 64 MB")]
    [InlineData("exec tail -f /dev/null", "within 4 seconds")]
    public async Task Start_files_that_never_end_are_told(string text, string reason)
    {
        server.UseShell("/bin/bash", ".bashrc", text + "\n");
        try
        {
            var timeout = TimeSpan.FromSeconds(reason.Contains("MB", StringComparison.Ordinal) ? 120 : 4);
            var error = await Fails(
                ErrorIds.SourceProbeFailed,
                server.Options() with
                {
                    ConnectTimeout = timeout,
                },
                new SourceSecrets { Password = SshServer.Password }
            );
            Assert.Contains(reason, error.Message, StringComparison.Ordinal);
            Assert.Contains("start file", error.Remedy, StringComparison.Ordinal);
        }
        finally
        {
            server.UsePlainShell(".bashrc");
        }
    }

    [Fact]
    public async Task A_restricted_shell_is_refused_by_its_name()
    {
        server.UseShell("/bin/rbash", ".bashrc", "\n");
        try
        {
            var error = await Fails(ErrorIds.SourceNotLinux, server.Options(), new SourceSecrets { Password = SshServer.Password });
            Assert.Contains("restricted", error.Message, StringComparison.Ordinal);
            Assert.Contains("rbash", error.Remedy, StringComparison.Ordinal);
        }
        finally
        {
            server.UsePlainShell(".bashrc");
        }
    }

    [Fact]
    public async Task A_wrong_sudo_password_costs_one_try()
    {
        var log = Path.GetTempFileName();
        try
        {
            server.AllowSudo($"ALL=(ALL) ALL\nDefaults:{server.User} logfile={log}");
            await Fails(
                ErrorIds.SudoPasswordWrong,
                server.Options(),
                new SourceSecrets { PrivateKey = server.Key("plain"), SudoPassword = "wrong-one" }
            );
            var text = (await File.ReadAllTextAsync(log)).ReplaceLineEndings(" ");
            Assert.Matches(@"1\s+incorrect\s+password\s+attempt", text);
            Assert.DoesNotMatch(@"[23]\s+incorrect\s+password\s+attempt", text);
        }
        finally
        {
            File.Delete(log);
        }
    }

    [Fact]
    public async Task A_certificate_beside_the_key_lets_the_user_in()
    {
        using var own = new SshServer();
        Command.Run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", $"{own.Folder}/authority");
        Command.Run("ssh-keygen", "-q", "-t", "rsa", "-N", "", "-f", $"{own.Folder}/certified");
        Command.Run("ssh-keygen", "-q", "-s", $"{own.Folder}/authority", "-I", "user", "-n", "root", $"{own.Folder}/certified.pub");
        own.MoreOptions = $"TrustedUserCAKeys {own.Folder}/authority.pub";
        own.Start("ed25519");
        var secrets = new SourceSecrets { PrivateKey = own.Key("certified") };
        await Fails(ErrorIds.SourceAuthenticationFailed, own.Options("root"), secrets);

        var certified = new SourceSecrets { PrivateKey = own.Key("certified"), Certificate = own.Key("certified-cert.pub") };
        Assert.True((await Read(own.Options("root"), certified)).Facts.IsRoot);
        Assert.StartsWith(
            "ssh-rsa-cert-v01@openssh.com ",
            HelperLogin.Create(certified, new SourceEndpoint { Host = "127.0.0.1", User = "root" }, sendsKeys: false).PublicKeys[0],
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("permit nopass {0} as root", null)]
    [InlineData("permit {0} as root", ErrorIds.SudoNotAllowed)]
    [InlineData("deny {0}", ErrorIds.SudoNotAllowed)]
    [InlineData(null, ErrorIds.RootRequired)]
    public async Task Where_there_is_no_sudo_doas_makes_root(string? rule, string? errorId)
    {
        const string Configuration = "/etc/doas.conf";
        var rules = Path.GetTempFileName();
        using (File.Open(Configuration, FileMode.OpenOrCreate)) { }
        try
        {
            // A file that cannot be started stands where the program was; the rules are of this server's sessions alone.
            var doas = rule is null ? "mount --bind /dev/null /usr/bin/doas" : $"mount --bind {rules} {Configuration}";
            using var own = SshServer.WithReplaced($"mount --bind /dev/null /usr/bin/sudo && {doas}");
            await File.WriteAllTextAsync(rules, string.Format(CultureInfo.InvariantCulture, rule ?? "", own.User) + "\n");
            var secrets = new SourceSecrets { Password = SshServer.Password };
            if (errorId is null)
                Assert.Equal(Elevation.Doas, (await Read(own.Options(), secrets)).Endpoint.Elevation);
            else
                await Fails(errorId, own.Options(), secrets);
        }
        finally
        {
            File.Delete(rules);
            if (new FileInfo(Configuration).Length == 0)
                File.Delete(Configuration);
        }
    }

    [Fact]
    public async Task Jump_host_leads_to_a_second_server()
    {
        using var behind = new SshServer();
        var options = behind.Options("root") with { JumpHost = server.Options("root") };
        var secrets = new SourceSecrets
        {
            PrivateKey = behind.Key("plain"),
            JumpHost = new SourceSecrets { PrivateKey = server.Key("plain") },
        };

        var source = await Read(options, secrets);

        Assert.True(source.Facts.IsRoot);
        Assert.Contains(source.Endpoint.HostKeys[0], new[] { behind.HostKey("ed25519"), behind.HostKey("ecdsa"), behind.HostKey("rsa") });
        Assert.Contains(
            source.Endpoint.JumpHost!.HostKeys[0],
            new[] { server.HostKey("ed25519"), server.HostKey("ecdsa"), server.HostKey("rsa") }
        );
        Assert.Contains($"[127.0.0.1]:{behind.Port} ", File.ReadAllText(behind.KnownHosts));
    }

    [Fact]
    public async Task Jump_host_that_cannot_go_on_is_told()
    {
        var options = server.Options("root") with { Port = SshServer.FreePort(), JumpHost = server.Options("root") };
        var secrets = new SourceSecrets
        {
            PrivateKey = server.Key("plain"),
            JumpHost = new SourceSecrets { PrivateKey = server.Key("plain") },
        };
        var error = await Fails(ErrorIds.SourceUnreachable, options, secrets);
        Assert.Contains("jump host", error.Message);
    }

    [Fact]
    public async Task The_login_of_the_source_never_goes_to_a_jump_host()
    {
        var options = server.Options("root") with { JumpHost = server.Options() };
        var secrets = new SourceSecrets { PrivateKey = server.Key("plain"), Password = "of the source" };
        var error = await Fails(ErrorIds.SourceCredentialRequired, options, secrets);
        Assert.Contains("-JumpCredential", error.Remedy, StringComparison.Ordinal);
        var endpoint = new SourceEndpoint
        {
            Host = "inner",
            User = "root",
            JumpHost = new SourceEndpoint { Host = "gate", User = "hop" },
        };
        Assert.Equal(
            ErrorIds.SourceCredentialRequired,
            Assert.Throws<P2VException>(() => HelperLogin.Create(secrets, endpoint, sendsKeys: false)).ErrorId
        );
    }

    private static Task<DiscoveredSource> Read(SourceConnectionOptions options, SourceSecrets secrets) =>
        SourceDiscovery.ReadAsync(options, secrets, NullConsole.Instance, CancellationToken.None);

    private static async Task<P2VException> Fails(string id, SourceConnectionOptions options, SourceSecrets secrets)
    {
        var error = await Assert.ThrowsAsync<P2VException>(() => Read(options, secrets));
        Assert.True(id == error.ErrorId, $"{error.ErrorId}: {error.Message}");
        Assert.NotEmpty(error.Remedy);
        return error;
    }
}
