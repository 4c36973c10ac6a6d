using System.Text;
using Renci.SshNet;
using Renci.SshNet.Common;

namespace LinuxP2V.Engine.Ssh;

/// <param name="ExitCode">-1 when a signal ended the command.</param>
internal sealed record SshResult(int ExitCode, string Output, string Error);

/// <summary>A login on another machine, by way of a jump host where one is named. Thread safe; many commands may run at once.</summary>
internal sealed class SshConnection : IDisposable
{
    /// <summary>Bytes. The facts of a machine with ten thousand mounts take a tenth of it.</summary>
    private const int LongestAnswer = 64 << 20;

    private static readonly string[] PreferredEncryptions = ["aes128-gcm@openssh.com", "aes256-gcm@openssh.com"];

    private readonly SshTarget target;
    private readonly SshClient client;
    private readonly SshTunnel? tunnel;

    /// <summary>SSH.NET keeps the ports in a list, which many share here.</summary>
    private readonly object portGate = new();

    private SshConnection(SshTarget target, SshClient client, HostKey hostKey, SshTunnel? tunnel)
    {
        this.target = target;
        this.client = client;
        this.tunnel = tunnel;
        HostKey = hostKey;
    }

    /// <summary>The key that the machine proved and that was accepted.</summary>
    public HostKey HostKey { get; }

    public SshConnection? JumpHost => tunnel?.Connection;

    public string Encryption => client.ConnectionInfo.CurrentServerEncryption ?? "";

    /// <exception cref="P2VException">
    /// Any of the Source… ids on reaching, recognising and logging in; Helper… ids for a helper.
    /// </exception>
    public static async Task<SshConnection> ConnectAsync(SshTarget target, IEngineConsole console, CancellationToken cancellationToken)
    {
        var refusedAlgorithms = new List<string>();
        var takesCertificates = target.Trust.TakesCertificates;
        P2VException? firstRefusal = null;
        while (true)
        {
            var tunnel = target.JumpHost is null
                ? null
                : await SshTunnel.OpenAsync(target.JumpHost, target.Host, target.Port, console, cancellationToken).ConfigureAwait(false);
            var attempt = new SshConnectionAttempt(target, tunnel, takesCertificates);
            try
            {
                var client = await attempt.RunAsync(refusedAlgorithms, cancellationToken).ConfigureAwait(false);
                console.Verbose(
                    $"{target.Host}: logged in as {target.User}, {client.ConnectionInfo.ServerVersion}, "
                        + $"{client.ConnectionInfo.CurrentServerEncryption}."
                );
                return new SshConnection(target, client, attempt.HostKey!, tunnel);
            }
            catch (P2VException exception)
            {
                tunnel?.Dispose();
                // A certificate that is over ends the connection before the key behind it is shown, and that may be known.
                if (takesCertificates && attempt.HostKey is null && exception.InnerException is SshException)
                {
                    takesCertificates = false;
                    continue;
                }

                firstRefusal ??= attempt.Refusal;
                if (attempt.Refusal is null || !target.Trust.TriesOtherKeys || refusedAlgorithms.Contains(attempt.HostKey!.Algorithm))
                    throw firstRefusal ?? exception;

                refusedAlgorithms.Add(attempt.HostKey.Algorithm);
            }
            catch
            {
                tunnel?.Dispose();
                throw;
            }
        }
    }

    /// <summary>Starts a command of long life, such as the agent.</summary>
    /// <param name="cancellationToken">
    /// Ends the command when cancelled, at any time: sends it a TERM signal and closes its channel. sshd passes no signal on
    /// in a session of root's: there the command ends at its next read from or write to the channel.
    /// </param>
    public Task<SshProcess> StartAsync(string command, CancellationToken cancellationToken = default) =>
        Task.Run(
            () =>
            {
                try
                {
                    return SshProcess.Start(target, client, command, cancellationToken);
                }
                catch (Exception exception)
                    when (exception is SshException or InvalidOperationException or System.Net.Sockets.SocketException)
                {
                    throw SshErrors.Lost(target, exception);
                }
            },
            cancellationToken
        );

    /// <summary>Runs a command to its end. Output and error are taken as UTF-8.</summary>
    /// <param name="input">Written to its standard input, which then ends; without a byte SSH.NET would not end it.</param>
    /// <exception cref="InvalidDataException">It wrote more than anybody needs to know.</exception>
    public async Task<SshResult> RunAsync(string command, string input, CancellationToken cancellationToken)
    {
        using var process = await StartAsync(command, cancellationToken).ConfigureAwait(false);
        var output = ReadAsync(process.Output);
        var error = ReadAsync(process.Error);
        var exit = process.WaitForExitAsync();
        List<Task> pending = [output, error, exit, Task.Run(() => Write(process.Input, input), cancellationToken)];
        // Whichever fails first tells why; the process is ended with it.
        while (pending.Count > 0)
        {
            var ended = await Task.WhenAny(pending).ConfigureAwait(false);
            pending.Remove(ended);
            await ended.ConfigureAwait(false);
        }

        return new SshResult(exit.Result, output.Result, error.Result);
    }

    public void Dispose()
    {
        client.Dispose();
        tunnel?.Dispose();
    }

    /// <summary>False once it is gone.</summary>
    public bool IsOpen => client.IsConnected;

    internal void AddPort(ForwardedPort port)
    {
        lock (portGate)
            client.AddForwardedPort(port);
    }

    /// <summary>Stops it, too. Does nothing where the connection is gone.</summary>
    internal void RemovePort(ForwardedPort port)
    {
        try
        {
            lock (portGate)
                client.RemoveForwardedPort(port);
        }
        catch (Exception exception) when (exception is SshException or InvalidOperationException)
        {
            // It went with its connection.
        }
    }

    internal static void Configure(
        ConnectionInfo info,
        HostKeyTrust trust,
        bool takesCertificates,
        IReadOnlyCollection<string> refusedAlgorithms
    )
    {
        KeyExchanges.RemoveUnusable(info);
        for (var position = 0; position < PreferredEncryptions.Length; position++)
        {
            if (info.Encryptions.ContainsKey(PreferredEncryptions[position]))
                info.Encryptions.SetPosition(PreferredEncryptions[position], position);
        }

        var front = 0;
        foreach (var name in info.HostKeyAlgorithms.Keys.ToList())
        {
            var isCertificate = name.IndexOf("-cert-", StringComparison.Ordinal) >= 0;
            if ((isCertificate && !takesCertificates) || refusedAlgorithms.Contains(KeyAlgorithm(name)))
                info.HostKeyAlgorithms.Remove(name);
            else if (isCertificate || trust.KnownAlgorithms.Contains(KeyAlgorithm(name)))
                info.HostKeyAlgorithms.SetPosition(name, front++);
        }
    }

    /// <summary>One RSA key serves three signature algorithms.</summary>
    private static string KeyAlgorithm(string signatureAlgorithm) =>
        signatureAlgorithm.StartsWith("rsa-sha2-", StringComparison.Ordinal) ? "ssh-rsa" : signatureAlgorithm;

    private static void Write(Stream stream, string input)
    {
        try
        {
            var bytes = Encoding.UTF8.GetBytes(input);
            stream.Write(bytes, 0, bytes.Length);
            stream.Flush();
            stream.Dispose();
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or SshException or InvalidOperationException)
        {
            // It ended without reading: its exit code tells why.
        }
    }

    private static Task<string> ReadAsync(Stream stream) =>
        Task.Run(() =>
        {
            using var text = new MemoryStream();
            var buffer = new byte[1 << 16];
            while (stream.Read(buffer, 0, buffer.Length) is var count and > 0)
            {
                text.Write(buffer, 0, count);
                if (text.Length > LongestAnswer)
                    throw new InvalidDataException($"more than {LongestAnswer >> 20} MB");
            }

            return Encoding.UTF8.GetString(text.GetBuffer(), 0, (int)text.Length);
        });
}
