using System.Net.Sockets;
using System.Text.RegularExpressions;
using Renci.SshNet;
using Renci.SshNet.Common;

namespace LinuxP2V.Engine.Ssh;

/// <summary>One try at a connection: reach, recognise, log in, each within its time.</summary>
internal sealed class SshConnectionAttempt(SshTarget target, SshTunnel? tunnel, bool takesCertificates)
{
    /// <summary>The key that the machine showed; null if it did not come so far.</summary>
    public HostKey? HostKey { get; private set; }

    /// <summary>Why that key was refused.</summary>
    public P2VException? Refusal { get; private set; }

    public async Task<SshClient> RunAsync(IReadOnlyCollection<string> refusedAlgorithms, CancellationToken cancellationToken)
    {
        var methods = SshAuthentication.Create(target);
        var info = new ConnectionInfo(tunnel is null ? target.Host : SshTunnel.Host, tunnel?.Port ?? target.Port, target.User, methods)
        {
            Timeout = target.ConnectTimeout,
        };
        SshConnection.Configure(info, target.Trust, takesCertificates, refusedAlgorithms);
        var client = new SshClient(info) { KeepAliveInterval = TimeSpan.FromSeconds(20) };
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(target.ConnectTimeout);
        client.HostKeyReceived += (_, shown) =>
        {
            Decide(shown);
            // From here on SSH.NET's own time-out counts, for each answer anew: a login may be slow.
            limit.CancelAfter(Timeout.Infinite);
        };
        try
        {
            await ConnectAsync(client, limit.Token, cancellationToken).ConfigureAwait(false);
            return client;
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw Fail(new TimeoutException("", exception), methods);
        }
        catch (Exception exception) when (exception is SshException or SocketException or InvalidOperationException or IOException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw Fail(exception, methods);
        }
        finally
        {
            if (!client.IsConnected)
                client.Dispose();
        }
    }

    /// <summary>The later part of SSH.NET's connecting blocks and knows no token: a cancelled caller does not wait for it.</summary>
    private static async Task ConnectAsync(SshClient client, CancellationToken limit, CancellationToken cancellationToken)
    {
        var connecting = Task.Run(() => client.ConnectAsync(limit), CancellationToken.None);
        var cancelled = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        using (cancellationToken.Register(() => cancelled.TrySetResult(true)))
        {
            if (await Task.WhenAny(connecting, cancelled.Task).ConfigureAwait(false) != connecting)
            {
                _ = connecting.ContinueWith(
                    task =>
                    {
                        _ = task.Exception;
                        client.Dispose();
                    },
                    CancellationToken.None,
                    TaskContinuationOptions.None,
                    TaskScheduler.Default
                );
                cancellationToken.ThrowIfCancellationRequested();
            }
        }

        await connecting.ConfigureAwait(false);
        if (!client.IsConnected)
            throw new SshConnectionException("The server ended the connection.");
    }

    private void Decide(HostKeyEventArgs shown)
    {
        try
        {
            var certificate = shown.Certificate is null ? null : HostCertificate.From(shown.Certificate);
            HostKey = certificate?.Key ?? HostKey.FromBlob(shown.HostKey);
            Refusal =
                certificate is not null && target.Trust.IsVouchedFor(certificate, target.Host, target.Port)
                    ? null
                    : target.Trust.Check(HostKey, target.Host, target.Port);
        }
        catch (Exception exception)
        {
            // SSH.NET would take what a handler throws for a broken connection.
            Refusal = SshErrors.WhileConnecting(target, exception, null, null);
        }

        shown.CanTrust = Refusal is null;
    }

    private P2VException Fail(Exception exception, IEnumerable<AuthenticationMethod> methods)
    {
        if (Refusal is not null)
            return Refusal;

        var offered = methods.SelectMany(method => method.AllowedAuthentications ?? []).Distinct().ToList();
        if (
            offered.Count == 0
            && exception is SshAuthenticationException
            && Regex.Match(exception.Message, @"\(([^)]*)\)") is { Success: true } match
        )
            offered = [.. match.Groups[1].Value.Split(',')];

        // SSH.NET drops what the jump host says when it cannot open the channel; the closed socket is all that shows it.
        var forwardingProblem =
            tunnel is null || HostKey is not null || exception is TimeoutException or SshOperationTimeoutException
                ? null
                : tunnel.Problem ?? "it closed the way there (nothing listens, no route, unknown name, or forwarding is forbidden)";
        return SshErrors.WhileConnecting(target, exception, forwardingProblem, offered.Count == 0 ? null : string.Join(", ", offered));
    }
}
