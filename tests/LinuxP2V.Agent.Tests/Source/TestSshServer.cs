using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using LinuxP2V.Protocol.Messages;
using LinuxP2V.Tests.Shared;

namespace LinuxP2V.Agent.Tests.Source;

/// <summary>A real sshd on a free port, of the loopback unless it is given a network, with keys of its own.</summary>
public sealed class TestSshServer : IDisposable
{
    private readonly string? replacedTools;
    private readonly TestNetwork? network;
    private Process? process;

    /// <param name="options">More lines for its configuration.</param>
    /// <param name="replacedTools">A command that mounts over programs, seen by this server's sessions alone, which do not see later mounts.</param>
    /// <param name="network">Where it can be reached; null: on the loopback.</param>
    public TestSshServer(string options = "", string? replacedTools = null, TestNetwork? network = null)
    {
        (this.replacedTools, this.network) = (replacedTools, network);
        Folder = Directory.CreateTempSubdirectory("p2v-sshd-").FullName;
        Port = FreePort();
        Directory.CreateDirectory("/run/sshd");
        Shell.Run("""
            ssh-keygen -q -t ed25519 -N '' -f host
            ssh-keygen -q -t ed25519 -N '' -f user
            ssh-keygen -q -t ed25519 -N 'pass phrase $x' -f locked
            cat user.pub locked.pub > authorized
            """, Folder);
        File.WriteAllText(Path.Combine(Folder, "config"), string.Create(CultureInfo.InvariantCulture, $"""
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

            """));
        Start();
    }

    public string Folder { get; }

    private string Address => network?.ServerAddress ?? "127.0.0.1";

    public int Port { get; }

    public string HostKey => string.Join(' ', File.ReadAllText(Path.Combine(Folder, "host.pub")).Split(' ').Take(2)).Trim();

    public string UserKey => File.ReadAllText(Path.Combine(Folder, "user"));

    public string LockedKey => File.ReadAllText(Path.Combine(Folder, "locked"));

    public SourceAccess Access() => new() { Host = Address, Port = Port, User = "root", PrivateKey = UserKey, HostKeys = [HostKey] };

    public void Start()
    {
        var run = $"exec {network?.Enter} /usr/sbin/sshd -D -E {Folder}/log -f {Folder}/config";
        process = replacedTools is null
            ? Process.Start("sh", ["-c", run])
            : Process.Start("unshare", ["-m", "--propagation", "slave", "sh", "-c", $"{replacedTools} && {run}"]);
        for (var i = 0; i < 100; i++)
        {
            try
            {
                using var client = new TcpClient();
                client.Connect(IPAddress.Parse(Address), Port);
                return;
            }
            catch (SocketException)
            {
                Thread.Sleep(50);
            }
        }

        throw new InvalidOperationException("sshd did not start: " + File.ReadAllText(Path.Combine(Folder, "log")));
    }

    /// <summary>The listener and every session that it made.</summary>
    public void Stop()
    {
        process?.Kill(entireProcessTree: true);
        process?.WaitForExit();
        process?.Dispose();
        process = null;
    }

    public void Dispose()
    {
        Stop();
        Directory.Delete(Folder, recursive: true);
    }

    public static int FreePort() => LoopbackPort.FindFree();
}
