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

    /// <summary>
    /// The line for sshd's shell. <paramref name="script"/> is POSIX sh; it runs in a clean sh whatever the user's
    /// login shell is, with the C locale and the administrator's PATH.
    /// </summary>
    public static string Build(string script, Elevation elevation)
    {
        var prepared =
            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C; export PATH LC_ALL; unset TMOUT; "
            + $"while IFS= read -r line; do [ \"$line\" = {InputMarker} ] && break; done; {script}";
        var sh = PosixShell.Join("sh", "-c", prepared);
        return elevation switch
        {
            Elevation.None => $"exec {sh}",
            Elevation.Sudo => $"exec sudo -n -- {sh}",
            // -k: without it a cached ticket would leave the password unread.
            Elevation.SudoWithPassword => $"exec sudo -k -S -p '' -- {sh}",
            _ => throw new ArgumentOutOfRangeException(nameof(elevation)),
        };
    }

    /// <summary>What goes to the command's standard input before anything else.</summary>
    public static string InputPreamble(Elevation elevation, string? sudoPassword) =>
        elevation == Elevation.SudoWithPassword ? $"{sudoPassword}\n{InputMarker}\n" : $"{InputMarker}\n";
}
