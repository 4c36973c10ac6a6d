using LinuxP2V.Engine.Access;
using LinuxP2V.Engine.Ssh;
using LinuxP2V.Protocol.Messages;
using LinuxP2V.Protocol.Shell;

namespace LinuxP2V.Engine.Sources;

/// <summary>Finds how the user becomes root, by trying it with the very command that the copy will use.</summary>
internal static class SourceElevation
{
    public static async Task<Elevation> FindAsync(
        SourceShell shell,
        SourceConnectionOptions options,
        SourceSecrets secrets,
        IEngineConsole console,
        CancellationToken cancellationToken
    )
    {
        var isRoot = await IsRootAsync(shell, cancellationToken).ConfigureAwait(false);
        if (options.Elevation == ElevationPreference.Never || (isRoot && options.Elevation == ElevationPreference.Auto))
            return Elevation.None;

        var silent = await TryAsync(shell, Elevation.Sudo, null, cancellationToken).ConfigureAwait(false);
        if (IsProven(silent, shell))
        {
            console.Verbose($"{options.Host}: {options.User} may use sudo without a password.");
            return Elevation.Sudo;
        }

        if (IsMissing(silent, "sudo"))
            return await FindDoasAsync(shell, options, console, cancellationToken).ConfigureAwait(false);

        ThrowIfHopeless(silent, options);
        var password = secrets.SudoPassword ?? secrets.Password;
        if (password is null)
        {
            throw new P2VException(
                ErrorIds.SudoPasswordRequired,
                $"{options.User} on {options.Host} needs a password for sudo, and none was given.",
                "Give the sudo password, or log in as root.",
                options.Host
            );
        }

        var prompted = await TryAsync(shell, Elevation.SudoWithPassword, password, cancellationToken).ConfigureAwait(false);
        if (IsProven(prompted, shell))
        {
            console.Verbose($"{options.Host}: {options.User} uses sudo with a password.");
            return Elevation.SudoWithPassword;
        }

        ThrowIfHopeless(prompted, options);
        if (Says(prompted, "try again", "incorrect password", "no password was provided", "Authentication failure", "password attempt"))
        {
            throw new P2VException(
                ErrorIds.SudoPasswordWrong,
                $"sudo on {options.Host} refused the password of {options.User}.",
                "Give the right sudo password: it is the user's own unless sudoers says rootpw or targetpw.",
                options.Host
            );
        }

        throw NotAllowed(options, prompted);
    }

    private static async Task<Elevation> FindDoasAsync(
        SourceShell shell,
        SourceConnectionOptions options,
        IEngineConsole console,
        CancellationToken cancellationToken
    )
    {
        var result = await TryAsync(shell, Elevation.Doas, null, cancellationToken).ConfigureAwait(false);
        if (IsProven(result, shell))
        {
            console.Verbose($"{options.Host}: {options.User} may use doas without a password.");
            return Elevation.Doas;
        }

        throw IsMissing(result, "doas")
            ? new P2VException(
                ErrorIds.RootRequired,
                $"{options.User} on {options.Host} is not root, and there is neither sudo nor doas.",
                "Log in as root, or install sudo and allow the user to use it.",
                options.Host
            )
            : new P2VException(
                ErrorIds.SudoNotAllowed,
                $"doas on {options.Host} does not let {options.User} run commands as root without a password: {LastWords(result)}",
                $"Add 'permit nopass {options.User} as root' to doas.conf: doas asks for a password on a terminal only. Or log in as root.",
                options.Host
            );
    }

    private static async Task<bool> IsRootAsync(SourceShell shell, CancellationToken cancellationToken)
    {
        var result = await shell
            .RunAsync(
                "the question who its user is",
                $"printf '\\n%s uid=%s os=%s\\n' {shell.Marker} \"$(id -u)\" \"$(uname -s)\"",
                Elevation.None,
                ElevatedCommand.InputPreamble(Elevation.None, null),
                shell.LoginTimeout,
                cancellationToken
            )
            .ConfigureAwait(false);
        if (Answer(result, shell) is not { } answer)
        {
            var said = (result.Error + result.Output).Trim();
            throw new P2VException(
                ErrorIds.SourceNotLinux,
                $"{shell.Host} does not run commands as a Linux machine does (exit code "
                    + $"{result.ExitCode}{(said.Length == 0 ? "" : $": {said.Split('\n')[0].Trim()}")}).",
                "Check that the address is the machine that you mean, and that the user's login shell runs any command. A restricted "
                    + "shell, such as rbash, and a command that sshd forces do not.",
                shell.Host
            );
        }

        var system = answer.Substring(answer.IndexOf("os=", StringComparison.Ordinal) + 3);
        if (system != "Linux")
            throw new P2VException(
                ErrorIds.SourceNotLinux,
                system.Length > 0
                    ? $"{shell.Host} runs {system}, not Linux."
                    : $"{shell.Host} does not say what it runs: it has no program uname.",
                "Only Linux machines can be converted.",
                shell.Host
            );

        return answer.StartsWith("uid=0 ", StringComparison.Ordinal);
    }

    /// <param name="password">Null where sudo shall ask for none. A wrong one is tried once: no other line follows it.</param>
    private static Task<SshResult> TryAsync(
        SourceShell shell,
        Elevation elevation,
        string? password,
        CancellationToken cancellationToken
    ) =>
        shell.RunAsync(
            elevation == Elevation.Doas ? "doas" : "sudo",
            $"printf '\\n%s uid=%s\\n' {shell.Marker} \"$(id -u)\"",
            elevation,
            password is null ? ElevatedCommand.InputPreamble(elevation, null) : password + "\n",
            shell.LoginTimeout,
            cancellationToken
        );

    /// <summary>What our own script wrote, whatever the user's login printed before; null where it did not run.</summary>
    private static string? Answer(SshResult result, SourceShell shell) =>
        result
            .Output.Split('\n')
            .Where(line => line.StartsWith(shell.Marker + " ", StringComparison.Ordinal))
            .Select(line => line.Substring(shell.Marker.Length + 1).Trim())
            .LastOrDefault();

    private static bool IsProven(SshResult result, SourceShell shell) => result.ExitCode == 0 && Answer(result, shell) == "uid=0";

    private static void ThrowIfHopeless(SshResult result, SourceConnectionOptions options)
    {
        if (
            Says(
                result,
                "not in the sudoers file",
                "not allowed to",
                "may not run sudo",
                "must have a tty",
                "no new privileges",
                "is not allowed",
                "effective uid is not 0"
            )
        )
            throw NotAllowed(options, result);
    }

    private static bool IsMissing(SshResult result, string program) =>
        result.ExitCode == 127 || Says(result, $"{program}: not found", $"{program}: command not found", $"exec: {program}");

    private static string LastWords(SshResult result) =>
        WordsOfSudo(result).Split('\n').Select(line => line.Trim()).LastOrDefault(line => line.Length > 0)
        ?? $"exit code {result.ExitCode}";

    private static P2VException NotAllowed(SourceConnectionOptions options, SshResult result)
    {
        return new P2VException(
            ErrorIds.SudoNotAllowed,
            $"sudo on {options.Host} does not let {options.User} run commands as root: {LastWords(result)}",
            Says(result, "must have a tty")
                ? $"Add 'Defaults:{options.User} !requiretty' to sudoers, or log in as root."
                : $"Allow it in sudoers, such as '{options.User} ALL=(ALL) ALL', or log in as root.",
            options.Host
        );
    }

    private static bool Says(SshResult result, params string[] phrases) =>
        phrases.Any(phrase => WordsOfSudo(result).IndexOf(phrase, StringComparison.OrdinalIgnoreCase) >= 0);

    /// <summary>A banner or a start file may say anything; only what follows the mark is sudo's.</summary>
    private static string WordsOfSudo(SshResult result)
    {
        var mark = result.Error.LastIndexOf(ElevatedCommand.SudoMark, StringComparison.Ordinal);
        return mark < 0 ? "" : result.Error.Substring(mark + ElevatedCommand.SudoMark.Length);
    }
}
