using System.Globalization;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Tests.Source;

/// <summary>A real sshd on a free port, of the loopback unless it is given a network, with keys of its own.</summary>
public sealed class TestSshServer : IDisposable
{
    private readonly TestNetwork? network;
    private readonly SshDaemon daemon;

    /// <param name="options">More lines for its configuration.</param>
    /// <param name="replacedTools">
    /// A command that mounts over programs, seen by this server's sessions alone, which do not see later mounts.
    /// </param>
    /// <param name="network">Where it can be reached; null: on the loopback.</param>
    public TestSshServer(string options = "", string? replacedTools = null, TestNetwork? network = null)
    {
        this.network = network;
        Folder = Directory.CreateTempSubdirectory("p2v-sshd-").FullName;
        Port = FreePort();
        Directory.CreateDirectory("/run/sshd");
        Shell.Run(
            """
            ssh-keygen -q -t ed25519 -N '' -f host
            ssh-keygen -q -t ed25519 -N '' -f user
            ssh-keygen -q -t ed25519 -N 'pass phrase $x' -f locked
            cat user.pub locked.pub > authorized
            """,
            Folder
        );
        File.WriteAllText(
            Path.Combine(Folder, "config"),
            string.Create(
                CultureInfo.InvariantCulture,
                $"""
                Port {Port}
                ListenAddress {Address}
                HostKey {Folder}/host
                AuthorizedKeysFile {Folder}/authorized
                PidFile {Folder}/pid
                StrictModes no
                UsePAM no
                PermitRootLogin yes
                AcceptEnv LC_*
                # Tells bash that it is no first shell: the start files of whoever runs the tests stay out of them.
                SetEnv SHLVL=5
                MaxStartups 100
                Subsystem sftp internal-sftp
                {options}

                """
            )
        );
        var run = $"exec {network?.Enter} /usr/sbin/sshd -D -E {Folder}/log -f {Folder}/config";
        daemon = new SshDaemon(
            $"{Folder}/log",
            replacedTools is null ? ["sh", "-c", run] : ["unshare", "-m", "--propagation", "slave", "sh", "-c", $"{replacedTools} && {run}"]
        );
        Start();
    }

    public string Folder { get; }

    private string Address => network?.ServerAddress ?? "127.0.0.1";

    public int Port { get; }

    public string HostKey => string.Join(' ', File.ReadAllText(Path.Combine(Folder, "host.pub")).Split(' ').Take(2)).Trim();

    public string UserKey => File.ReadAllText(Path.Combine(Folder, "user"));

    public string LockedKey => File.ReadAllText(Path.Combine(Folder, "locked"));

    public SourceAccess Access() =>
        new()
        {
            Host = Address,
            Port = Port,
            User = "root",
            PrivateKey = UserKey,
            HostKeys = [HostKey],
        };

    /// <summary>Returns once it takes connections.</summary>
    public void Start() => daemon.Start();

    /// <summary>Breaks every connection, and takes none any more.</summary>
    public void Stop() => daemon.Stop();

    public void Dispose()
    {
        daemon.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    public static int FreePort() => LoopbackPort.FindFree();
}
