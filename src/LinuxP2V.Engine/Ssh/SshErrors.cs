using System.Net.Sockets;
using LinuxP2V.Protocol.Messages;
using Renci.SshNet.Common;

namespace LinuxP2V.Engine.Ssh;

/// <summary>Turns what SSH.NET and the sockets throw into an error with an id, a cause and a remedy.</summary>
internal static class SshErrors
{
    /// <param name="forwardingProblem">What the jump host said about the way on, if it said something.</param>
    /// <param name="offeredMethods">Login methods that the server offers, where it told.</param>
    public static P2VException WhileConnecting(SshTarget target, Exception exception, string? forwardingProblem, string? offeredMethods)
    {
        var place = $"{target.Host}:{target.Port}";
        if (forwardingProblem is not null)
        {
            return New(
                target,
                ErrorIds.SourceUnreachable,
                $"The jump host {target.JumpHost?.Host} cannot reach {place}: {forwardingProblem}",
                "Check that the jump host resolves the name and may connect there "
                    + "(AllowTcpForwarding and PermitOpen in its sshd_config, firewall).",
                exception
            );
        }

        if (exception is SshAuthenticationException)
        {
            return New(
                target,
                ErrorIds.SourceAuthenticationFailed,
                $"{place} refused the login of {target.User}{(offeredMethods is null ? "" : $"; it offers {offeredMethods}")}; "
                    + $"tried {Tried(target)}.",
                "Check user, password and key. For root by password sshd needs 'PermitRootLogin yes'; "
                    + "otherwise log in as another user who may use sudo.",
                exception
            );
        }

        if (FindSocketError(exception) is { } error)
            return FromSocket(target, place, error, exception);

        if (exception is SshOperationTimeoutException or TimeoutException)
        {
            return New(
                target,
                ErrorIds.SourceUnreachable,
                $"{place} did not answer within {target.ConnectTimeout.TotalSeconds:0.#} s.",
                "Check address, port and firewalls; a port that takes connections but stays silent is not an SSH server.",
                exception
            );
        }

        return New(
            target,
            ErrorIds.SourceUnreachable,
            $"No SSH connection to {place}: {exception.Message}",
            "Check that an SSH server listens at this port and that it is not older than OpenSSH 5.",
            exception
        );
    }

    public static P2VException Lost(SshTarget target, Exception? exception) =>
        target.Role == SshRole.Helper
            ? new P2VException(
                ErrorIds.HelperConnectionLost,
                $"The connection to the helper at {target.Host}:{target.Port} broke{Because(exception)}.",
                "Resume the conversion: the helper's work goes on meanwhile.",
                target.Host,
                exception
            )
            : new P2VException(
                ErrorIds.SourceConnectionLost,
                $"The connection to {target.Host}:{target.Port} broke{Because(exception)}.",
                "Check the network between, then try again.",
                target.Host,
                exception
            );

    private static P2VException FromSocket(SshTarget target, string place, SocketException error, Exception exception) =>
        error.SocketErrorCode switch
        {
            SocketError.ConnectionRefused => New(
                target,
                ErrorIds.SourceConnectionRefused,
                $"{place} refused the connection: nothing listens at port {target.Port}.",
                "Check the port, and that sshd runs: 'systemctl status ssh sshd'.",
                exception
            ),
            SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => New(
                target,
                ErrorIds.SourceNameNotResolved,
                $"The name {target.Host} has no address.",
                "Check the spelling and the DNS, or use the address.",
                exception
            ),
            SocketError.TimedOut => New(
                target,
                ErrorIds.SourceUnreachable,
                $"{place} did not answer.",
                "Check address, port and firewalls.",
                exception
            ),
            _ => New(
                target,
                ErrorIds.SourceUnreachable,
                $"{place} cannot be reached: {error.Message}",
                "Check address, port, routes and firewalls.",
                exception
            ),
        };

    private static P2VException New(SshTarget target, string id, string cause, string remedy, Exception exception) =>
        target.Role switch
        {
            SshRole.Helper => new P2VException(
                ErrorIds.HelperConnectionLost,
                $"The helper cannot be reached. {cause}",
                "Check the helper's console and the network between here and the destination, then resume the conversion.",
                target.Host,
                exception
            ),
            SshRole.JumpHost => new P2VException(id, $"The jump host failed. {cause}", remedy, target.Host, exception),
            _ => new P2VException(id, cause, remedy, target.Host, exception),
        };

    private static string Tried(SshTarget target) =>
        (target.Secrets.PrivateKey, target.Secrets.Password) switch
        {
            (not null, not null) => "the key and the password",
            (not null, null) => "the key",
            (null, not null) when target.Secrets.UsesSshAgent => "the keys of ssh-agent and the password",
            (null, null) when target.Secrets.UsesSshAgent => "the keys of ssh-agent",
            _ => "the password",
        };

    private static string Because(Exception? exception) => exception is null ? "" : $": {exception.Message.TrimEnd('.')}";

    private static SocketException? FindSocketError(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (exception is SocketException error)
                return error;
        }

        return null;
    }
}
