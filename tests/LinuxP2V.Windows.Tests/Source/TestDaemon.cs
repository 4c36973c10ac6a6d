using LinuxP2V.Engine.Access;
using LinuxP2V.Lab.Processes;
using LinuxP2V.Tests.Shared;

namespace LinuxP2V.Windows.Tests.Source;

/// <summary>An sshd on loopback that lets root in by the keys of a folder, and users by their passwords.</summary>
internal sealed class TestDaemon : IDisposable
{
    private readonly SshDaemon daemon;

    private TestDaemon(string host, int port, string fingerprint, SshDaemon daemon) =>
        (Host, Port, Fingerprint, this.daemon) = (host, port, fingerprint, daemon);

    public string Host { get; }

    public int Port { get; }

    /// <summary>Of its host key: SHA256:…</summary>
    public string Fingerprint { get; }

    /// <param name="folder">For its configuration, host key and log.</param>
    /// <param name="command">Runs in the place of what is asked for; null: what is asked for runs.</param>
    /// <param name="algorithms">Null: what OpenSSH offers as it comes.</param>
    /// <param name="host">The address of this machine at which it listens.</param>
    public static async Task<TestDaemon> StartAsync(
        string folder,
        KeyFiles keys,
        string? command = null,
        Algorithms? algorithms = null,
        string host = "127.0.0.1"
    )
    {
        Directory.CreateDirectory(folder);
        Directory.CreateDirectory("/run/sshd");
        var hostKey = Path.Combine(folder, "host");
        await KeyFiles.GenerateAsync(hostKey);
        var print = (await Command.RunAsync("ssh-keygen", ["-lf", hostKey + ".pub"], CancellationToken.None)).OrThrow("No fingerprint");
        var port = LoopbackPort.FindFree();
        var (configuration, log) = (Path.Combine(folder, "sshd_config"), Path.Combine(folder, "log"));
        await File.WriteAllTextAsync(
            configuration,
            $"""
            Port {port}
            ListenAddress {host}
            PidFile none
            HostKey {hostKey}
            {(algorithms is null ? "" : $"Ciphers {algorithms.Ciphers}\nMACs {algorithms.Macs}\nKexAlgorithms {algorithms.KeyExchanges}")}
            UsePAM no
            StrictModes no
            PermitRootLogin yes
            PasswordAuthentication yes
            KbdInteractiveAuthentication no
            AuthorizedKeysFile {keys.Authorized}
            LogLevel VERBOSE
            {(command is null ? "" : $"ForceCommand {command}")}

            """
        );
        var daemon = new SshDaemon(log, ["/usr/sbin/sshd", "-D", "-E", log, "-f", configuration]);
        daemon.Start();
        return new TestDaemon(host, port, print.Output.Split(' ')[1], daemon);
    }

    /// <summary>As root, knowing its host key.</summary>
    public SourceConnectionOptions Options() =>
        new()
        {
            Host = Host,
            Port = Port,
            User = "root",
            PinnedFingerprint = Fingerprint,
        };

    public void Dispose() => daemon.Dispose();
}
