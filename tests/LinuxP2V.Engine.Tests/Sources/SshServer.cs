using LinuxP2V.Engine.Access;
using LinuxP2V.Engine.Ssh;
using LinuxP2V.Tests.Shared;

namespace LinuxP2V.Engine.Tests.Sources;

/// <summary>A private sshd on loopback with keys of its own, and a user of its own. Needs root.</summary>
public sealed class SshServer : IDisposable
{
    public const string Password = TestUser.DefaultPassword;
    public const string Passphrase = "a passphrase";

    private readonly TestUser user = new();
    private readonly SshDaemon daemon;

    public SshServer()
        : this(null) { }

    private SshServer(string? replacedTools)
    {
        Folder = Directory.CreateTempSubdirectory("linuxp2v-ssh-").FullName;
        Directory.CreateDirectory("/run/sshd");
        foreach (var type in new[] { "ed25519", "rsa", "ecdsa" })
            Command.Run("ssh-keygen", "-q", "-t", type, "-N", "", "-f", $"{Folder}/host_{type}");

        Command.Run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", $"{Folder}/plain");
        Command.Run("ssh-keygen", "-q", "-t", "ed25519", "-N", Passphrase, "-f", $"{Folder}/encrypted");
        Command.Run("ssh-keygen", "-q", "-t", "rsa", "-m", "PEM", "-N", Passphrase, "-f", $"{Folder}/pem");
        File.WriteAllText(
            $"{Folder}/authorized",
            string.Concat(new[] { "plain", "encrypted", "pem" }.Select(name => File.ReadAllText($"{Folder}/{name}.pub")))
        );
        Command.Run("chmod", "755", Folder);
        Port = FreePort();
        var run = $"exec /usr/sbin/sshd -D -E {Folder}/log -f {Folder}/sshd_config";
        daemon = new SshDaemon(
            $"{Folder}/log",
            replacedTools is null ? ["sh", "-c", run] : ["unshare", "-m", "sh", "-c", $"{replacedTools} && {run}"]
        );
        Start("ed25519", "rsa", "ecdsa");
    }

    /// <param name="replacedTools">A command that mounts over programs, seen by this server's sessions alone.</param>
    public static SshServer WithReplaced(string replacedTools) => new(replacedTools);

    public string Folder { get; }

    public string User => user.Name;

    public int Port { get; }

    /// <summary>More lines for its configuration, from the next start on.</summary>
    public string MoreOptions { get; set; } = "";

    public string KnownHosts => $"{Folder}/known_hosts";

    public static int FreePort() => LoopbackPort.FindFree();

    public string Key(string name) => File.ReadAllText($"{Folder}/{name}");

    public string Fingerprint(string type) => Command.Run("ssh-keygen", "-lf", $"{Folder}/host_{type}.pub").Split(' ')[1];

    public string HostKey(string type) => string.Join(' ', File.ReadAllText($"{Folder}/host_{type}.pub").Split(' ').Take(2));

    /// <summary>Starts anew with these host keys.</summary>
    public void Start(params string[] hostKeys)
    {
        daemon.Stop();
        var config = $"""
            Port {Port}
            ListenAddress 127.0.0.1
            PidFile none
            UsePAM no
            StrictModes no
            PermitRootLogin yes
            PasswordAuthentication yes
            KbdInteractiveAuthentication no
            AuthorizedKeysFile {Folder}/authorized
            LogLevel VERBOSE
            {MoreOptions}
            {string.Join('\n', hostKeys.Select(type => $"HostKey {Folder}/host_{type}"))}
            """;
        File.WriteAllText($"{Folder}/sshd_config", config + "\n");
        daemon.Start();
    }

    /// <param name="rule">What follows the user's name in sudoers; null takes the right away.</param>
    public void AllowSudo(string? rule) => user.AllowSudo(rule);

    /// <summary>The user's login shell, and what it reads as it starts.</summary>
    /// <param name="startFile">Below the user's home: .bashrc.</param>
    public void UseShell(string path, string startFile, string text)
    {
        user.SetShell(path);
        user.WriteHomeFile(startFile, text);
    }

    public int CountLogins() =>
        File.ReadLines($"{Folder}/log").Count(line => line.Contains("Accepted publickey", StringComparison.Ordinal));

    /// <summary>Takes back what <see cref="UseShell"/> did.</summary>
    public void UsePlainShell(string startFile)
    {
        user.SetShell("/bin/sh");
        File.Delete(Path.Combine(user.Home, startFile));
    }

    public SourceConnectionOptions Options(string? userName = null) =>
        new()
        {
            Host = "127.0.0.1",
            Port = Port,
            User = userName ?? User,
            HostKeyPolicy = HostKeyPolicy.AcceptNew,
            KnownHostsPath = KnownHosts,
        };

    internal SshTarget Target(SourceSecrets secrets, string? userName = null) =>
        new()
        {
            Host = "127.0.0.1",
            Port = Port,
            User = userName ?? User,
            Secrets = secrets,
            Trust = new FingerprintTrust(Fingerprint("ed25519")),
        };

    public void Dispose()
    {
        daemon.Dispose();
        user.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}

[CollectionDefinition(nameof(SshServer))]
public sealed class SshServerCollectionDefinition : ICollectionFixture<SshServer>;
