using LinuxP2V.Agent.Events;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Source;

/// <summary>Finds in the error output of ssh and sudo why a command never started.</summary>
internal static class SshErrorMessages
{
    private const string RouteRemedy =
        "The helper is a VM in its own network: check route, firewall and name service from there to the source's SSH port.";

    /// <summary>
    /// In the order in which they are looked for: what a jump host says comes with a closed connection behind it.
    /// </summary>
    private static readonly (string Text, Func<SourceAccess, ErrorDescription> Describe)[] Known =
    [
        ("REMOTE HOST IDENTIFICATION HAS CHANGED", HostKeyChanged),
        ("Host key verification failed", HostKeyChanged),
        ("no matching host key type found", HostKeyChanged),
        ("Permission denied (", AuthenticationFailed),
        ("Too many authentication failures", AuthenticationFailed),
        ("No more authentication methods", AuthenticationFailed),
        ("administratively prohibited", a => Unreachable(a, "the jump host does not allow forwarding")),
        ("Could not resolve hostname", a => Unreachable(a, "its name does not resolve")),
        ("Name or service not known", a => Unreachable(a, "its name does not resolve")),
        ("Connection refused", a => Unreachable(a, "the connection is refused: no SSH server listens on that port")),
        ("No route to host", a => Unreachable(a, "there is no route to it")),
        ("Network is unreachable", a => Unreachable(a, "there is no route to it")),
        ("timed out", a => Unreachable(a, "it does not answer")),
        ("Unable to negotiate", a => Unreachable(a, "its SSH server and the helper's client have no cipher or key exchange in common")),
        ("kex_exchange_identification", a => Unreachable(a, "it closed the connection at once")),
        ("Connection closed by", a => Unreachable(a, "it closed the connection before the login")),
        ("Connection reset by", a => Unreachable(a, "it closed the connection before the login")),
    ];

    /// <param name="errorOutput">Standard error of a command that ended before its first own line.</param>
    public static AgentException NotStarted(SourceAccess access, int exitCode, string errorOutput)
    {
        var detail = Last(errorOutput);
        if (exitCode == 255)
        {
            foreach (var (text, describe) in Known)
            {
                if (errorOutput.Contains(text, StringComparison.Ordinal))
                    return new AgentException(describe(access) with { Detail = detail });
            }

            return new AgentException(Unreachable(access, "ssh failed") with { Detail = detail });
        }

        return new AgentException(Elevation(access, errorOutput) with { Detail = detail });
    }

    public static AgentException NoInput(SourceAccess access) =>
        new(
            ErrorIds.CopyFailed,
            $"{access} has neither head nor dd, one of which hands a command its input.",
            "Install the package coreutils on the source, then resume the conversion."
        );

    public static AgentException Lost(SourceAccess access, string errorOutput) =>
        new(
            ErrorIds.SourceConnectionLost,
            $"The connection from the helper to {access} broke.",
            "What was copied stays. Resume the conversion once the source answers again.",
            Last(errorOutput)
        );

    private static ErrorDescription Elevation(SourceAccess access, string errorOutput)
    {
        // Without sudo nothing that is printed can be its refusal.
        bool Has(string text) =>
            access.Elevation != Protocol.Messages.Elevation.None && errorOutput.Contains(text, StringComparison.OrdinalIgnoreCase);

        if (Has("you must have a tty"))
        {
            return new ErrorDescription(
                ErrorIds.SudoNotAllowed,
                $"sudo on {access} wants a terminal.",
                "Take requiretty out of the sudoers file for this user, or log in as root."
            );
        }

        if (
            Has("not in the sudoers")
            || Has("not allowed to")
            || Has("may not run sudo")
            || Has("command not found")
            || Has("sudo: not found")
        )
        {
            return new ErrorDescription(
                ErrorIds.SudoNotAllowed,
                $"{access.User} may not become root on {access} by sudo.",
                "Let the user run sh as root in the sudoers file, or log in as root."
            );
        }

        return access.Elevation switch
        {
            // In whatever language it is said: these are what is left of sudo's reasons.
            Protocol.Messages.Elevation.Sudo => new ErrorDescription(
                ErrorIds.SudoPasswordRequired,
                $"sudo on {access} asks for a password.",
                "Give the sudo password with the source's credential, or allow this user sudo without one."
            ),
            Protocol.Messages.Elevation.SudoWithPassword => new ErrorDescription(
                ErrorIds.SudoPasswordWrong,
                $"sudo on {access} did not take the password.",
                "Give the right sudo password. An account that locks after several failures may have to be unlocked first."
            ),
            Protocol.Messages.Elevation.Doas => new ErrorDescription(
                ErrorIds.SudoNotAllowed,
                $"doas on {access} does not let {access.User} become root without a password.",
                $"Add 'permit nopass {access.User} as root' to doas.conf on the source, or log in as root."
            ),
            _ => new ErrorDescription(
                ErrorIds.SourceAuthenticationFailed,
                $"{access} let the user in but did not run a command.",
                "Give the user a login shell that runs any command, or log in as another one. A restricted shell, such as rbash, and a "
                    + "command that sshd forces do not."
            ),
        };
    }

    private static ErrorDescription HostKeyChanged(SourceAccess access) =>
        new(
            ErrorIds.SourceHostKeyChanged,
            $"{Where(access)} shows the helper another host key than the one that was accepted.",
            "Find out why before anything else: another machine may answer at this address. If the change is right, read the source again."
        );

    private static ErrorDescription AuthenticationFailed(SourceAccess access) =>
        new(
            ErrorIds.SourceAuthenticationFailed,
            $"{Where(access)} refused the login of {access.User} from the helper.",
            "Check user, password and key; a source may also let users in from certain addresses only."
        );

    private static ErrorDescription Unreachable(SourceAccess access, string how) =>
        new(ErrorIds.HelperCannotReachSource, $"The helper cannot reach {Where(access)}: {how}.", RouteRemedy);

    private static string Where(SourceAccess access) => access.JumpHost is null ? $"{access}" : $"{access} by way of {access.JumpHost}";

    private static string Last(string errorOutput) =>
        string.Join(
            " / ",
            errorOutput
                .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .Where(l => !l.StartsWith("@@@", StringComparison.Ordinal))
                .TakeLast(4)
        );
}
