using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Protocol.Shell;

/// <summary>
/// A command on the source, run as root. The engine and the agent elevate alike, so that what discovery proved holds
/// for the copy.
/// </summary>
public static class ElevatedCommand
{
    /// <summary>
    /// Ends what precedes a command's own input. sudo reads the password only if it asks for one; the command skips
    /// whatever is left of it, so that a password can never become data.
    /// </summary>
    private const string InputMarker = "linuxp2v-input";

    /// <summary>A line of standard error: what follows is of sudo or doas, what precedes is of the user's login.</summary>
    public const string SudoMark = "linuxp2v-sudo";

    /// <summary>
    /// The line for sshd, the same for every login shell. <paramref name="script"/> is POSIX sh; it runs in a clean sh, with
    /// the C locale, the administrator's PATH and without variables that give programs options.
    /// </summary>
    public static string Build(string script, Elevation elevation) => "exec " + LoginShell.Run(Elevate(script, elevation));

    /// <summary>
    /// As <see cref="Build"/>, and the command does not end before its input does. A client may send the end of the input only
    /// while the command runs: OpenSSH ends the whole connection when it hears of a channel that has just closed. The shell
    /// itself reads, since a password may be left in the input.
    /// </summary>
    public static string BuildToEndOfInput(string script, Elevation elevation) =>
        "exec " + LoginShell.Run($"unset TMOUT; ({Elevate(script, elevation)}); code=$?; while IFS= read -r line; do :; done; exit $code");

    private static string Elevate(string script, Elevation elevation)
    {
        var prepared =
            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C; export PATH LC_ALL; "
            + "unset TMOUT TAR_OPTIONS GREP_OPTIONS GZIP POSIXLY_CORRECT BLOCK_SIZE BLOCKSIZE QUOTING_STYLE TIME_STYLE; "
            + $"while IFS= read -r line; do [ \"$line\" = {InputMarker} ] && break; done; {script}";
        return elevation switch
        {
            Elevation.None => prepared,
            Elevation.Sudo => By("sudo -n", prepared),
            // -k: without it a cached ticket would leave the password unread.
            Elevation.SudoWithPassword => By("sudo -k -S -p ''", prepared),
            Elevation.Doas => By("doas -n", prepared),
            _ => throw new ArgumentOutOfRangeException(nameof(elevation)),
        };
    }

    /// <summary>sudo speaks the user's language unless told otherwise, and what it says decides what an admin is told.</summary>
    private static string By(string command, string script) =>
        $"LC_ALL=C LANGUAGE=C; export LC_ALL LANGUAGE; printf '\\n%s\\n' {SudoMark} >&2; "
        + $"exec {command} -- {PosixShell.Join("sh", "-c", script)}";

    /// <summary>What goes to the command's standard input before anything else.</summary>
    public static string InputPreamble(Elevation elevation, string? sudoPassword) =>
        elevation == Elevation.SudoWithPassword ? $"{sudoPassword}\n{InputMarker}\n" : $"{InputMarker}\n";
}
