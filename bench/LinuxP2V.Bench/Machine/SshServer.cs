using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using LinuxP2V.Protocol.Messages;
using LinuxP2V.Tests.Shared;

namespace LinuxP2V.Bench.Machine;

/// <summary>A real sshd on a free port of the loopback, with keys of its own, and a client configuration for the baselines.</summary>
internal sealed class SshServer : IDisposable
{
    /// <summary>The client as it comes.</summary>
    public const string DefaultCipher = "default";

    /// <summary>The client told to take the fastest cipher where the CPU has AES instructions.</summary>
    public const string FastCipher = "gcm";

    private readonly string folder;
    private readonly int port;
    private readonly Process process;
    private readonly Lifeline lifeline;
    private SlowLine? line;

    private SshServer(string folder, int port)
    {
        (this.folder, this.port) = (folder, port);
        process = Process.Start("/usr/sbin/sshd", ["-D", "-E", $"{folder}/log", "-f", $"{folder}/sshd_config"]);
        lifeline = new Lifeline(process);
    }

    /// <summary>For ssh -F; it knows the hosts <see cref="DefaultCipher"/> and <see cref="FastCipher"/>.</summary>
    public string ClientConfiguration => $"{folder}/ssh_config";

    public static async Task<SshServer> StartAsync(WorkFolder work, CancellationToken cancellationToken)
    {
        var (folder, port) = (work.Combine("sshd"), LoopbackPort.FindFree());
        Directory.CreateDirectory(folder);
        Directory.CreateDirectory("/run/sshd");
        await Shell.RunAsync(
            "cd \"$1\"; for key in host user; do ssh-keygen -q -t ed25519 -N '' -C '' -f $key; done",
            [folder],
            cancellationToken
        );
        await File.WriteAllTextAsync($"{folder}/sshd_config", ServerConfiguration(folder, port), cancellationToken);
        await File.WriteAllTextAsync($"{folder}/ssh_config", BuildClientConfiguration(folder, port), cancellationToken);
        await File.WriteAllTextAsync(
            $"{folder}/known_hosts",
            $"source {await File.ReadAllTextAsync($"{folder}/host.pub", cancellationToken)}",
            cancellationToken
        );
        var server = new SshServer(folder, port);
        try
        {
            await server.UntilItAnswersAsync(cancellationToken);
            return server;
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    public SourceAccess Access() =>
        new()
        {
            Host = "127.0.0.1",
            Port = line?.Port ?? port,
            User = "root",
            PrivateKey = File.ReadAllText($"{folder}/user"),
            HostKeys = [string.Join(' ', File.ReadAllText($"{folder}/host.pub").Split(' ').Take(2)).Trim()],
        };

    /// <summary>From now on clients come over this line; null: over the loopback alone.</summary>
    public async Task GoThroughAsync(LineSpeed? speed, CancellationToken cancellationToken)
    {
        if (line is not null)
            await line.DisposeAsync();

        line = speed is null ? null : SlowLine.Open(speed, port);
        await File.WriteAllTextAsync(ClientConfiguration, BuildClientConfiguration(folder, line?.Port ?? port), cancellationToken);
    }

    public void Dispose()
    {
        lifeline.Dispose();
        if (!process.HasExited)
            process.Kill(entireProcessTree: true);

        process.WaitForExit();
        process.Dispose();
    }

    private static string ServerConfiguration(string folder, int port) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"""
            Port {port}
            ListenAddress 127.0.0.1
            HostKey {folder}/host
            AuthorizedKeysFile {folder}/user.pub
            PidFile {folder}/pid
            StrictModes no
            UsePAM no
            PermitRootLogin yes
            AcceptEnv LC_*
            # Tells bash that it is no first shell: the start files of whoever measures stay out.
            SetEnv SHLVL=5
            MaxStartups 100

            """
        );

    private static string BuildClientConfiguration(string folder, int port) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"""
            Host {FastCipher}
              Ciphers aes128-gcm@openssh.com
            Host *
              HostName 127.0.0.1
              Port {port}
              User root
              HostKeyAlias source
              UserKnownHostsFile {folder}/known_hosts
              StrictHostKeyChecking yes
              IdentityFile {folder}/user
              IdentityAgent none
              BatchMode yes
              LogLevel ERROR

            """
        );

    private async Task UntilItAnswersAsync(CancellationToken cancellationToken)
    {
        for (var i = 0; i < 100; i++)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(50, cancellationToken);
            }
        }

        throw new BenchException("sshd did not start: " + await File.ReadAllTextAsync($"{folder}/log", cancellationToken));
    }
}
