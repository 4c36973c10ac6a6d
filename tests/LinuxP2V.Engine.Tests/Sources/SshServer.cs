using LinuxP2V.Engine.Access;
using LinuxP2V.Engine.Ssh;
using LinuxP2V.Tests.Shared;

namespace LinuxP2V.Engine.Tests.Sources;

/// <summary>A private sshd on loopback with keys of its own, and a throw-away user. Needs root.</summary>
public sealed class SshServer : IDisposable
{
    public const string Password = "tr0ub4dor & 'three' \"$x\"";
    public const string Passphrase = "a passphrase";

    private readonly string sudoersPath;
    private readonly SshDaemon daemon;

    public SshServer()
    {
        Folder = Directory.CreateTempSubdirectory("linuxp2v-ssh-").FullName;
        User = "p2v" + Guid.NewGuid().ToString("N")[..8];
        sudoersPath = $"/etc/sudoers.d/{User}";
        Directory.CreateDirectory("/run/sshd");
        Command.Run("useradd", "-m", "-s", "/bin/sh", User);
        Command.RunWithInput($"{User}:{Password}\n", "chpasswd");
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
        daemon = new SshDaemon($"{Folder}/log", ["/usr/sbin/sshd", "-D", "-E", $"{Folder}/log", "-f", $"{Folder}/sshd_config"]);
        Start("ed25519", "rsa", "ecdsa");
    }

    public string Folder { get; }

    public string User { get; }

    public int Port { get; }

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
            {string.Join('\n', hostKeys.Select(type => $"HostKey {Folder}/host_{type}"))}
            """;
        File.WriteAllText($"{Folder}/sshd_config", config + "\n");
        daemon.Start();
    }

    /// <param name="rule">What follows the user's name in sudoers; null takes the right away.</param>
    public void AllowSudo(string? rule)
    {
        File.Delete(sudoersPath);
        if (rule is null)
            return;

        File.WriteAllText(sudoersPath, $"{User} {rule}\n");
        Command.Run("chmod", "440", sudoersPath);
    }

    public SourceConnectionOptions Options(string? user = null) =>
        new()
        {
            Host = "127.0.0.1",
            Port = Port,
            User = user ?? User,
            HostKeyPolicy = HostKeyPolicy.AcceptNew,
            KnownHostsPath = KnownHosts,
        };

    internal SshTarget Target(SourceSecrets secrets, string? user = null) =>
        new()
        {
            Host = "127.0.0.1",
            Port = Port,
            User = user ?? User,
            Secrets = secrets,
            Trust = new FingerprintTrust(Fingerprint("ed25519")),
        };

    public void Dispose()
    {
        daemon.Dispose();
        File.Delete(sudoersPath);
        // A session may still be on its way out.
        for (var i = 0; i < 20 && Command.Try(null, "userdel", "-r", User).ExitCode is not (0 or 6 or 12); i++)
            Thread.Sleep(100);

        Directory.Delete(Folder, recursive: true);
    }
}

[CollectionDefinition(nameof(SshServer))]
public sealed class SshServerCollectionDefinition : ICollectionFixture<SshServer>;
