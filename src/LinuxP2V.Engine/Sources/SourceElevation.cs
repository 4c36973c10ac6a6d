using LinuxP2V.Engine.Access;
using LinuxP2V.Engine.Ssh;
using LinuxP2V.Protocol.Messages;
using LinuxP2V.Protocol.Shell;

namespace LinuxP2V.Engine.Sources;

/// <summary>Finds how the user becomes root, by trying it with the very command that the copy will use.</summary>
internal static class SourceElevation
{
    public static async Task<Elevation> FindAsync(
        SshConnection connection,
        SourceConnectionOptions options,
        SourceSecrets secrets,
        IEngineConsole console,
        CancellationToken cancellationToken
    )
    {
        var isRoot = await IsRootAsync(connection, options.Host, cancellationToken).ConfigureAwait(false);
        if (options.Elevation == ElevationPreference.Never || (isRoot && options.Elevation == ElevationPreference.Auto))
            return Elevation.None;

        var silent = await TryAsync(connection, Elevation.Sudo, null, cancellationToken).ConfigureAwait(false);
        if (IsProven(silent))
        {
            console.Verbose($"{options.Host}: {options.User} may use sudo without a password.");
            return Elevation.Sudo;
        }

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

        var prompted = await TryAsync(connection, Elevation.SudoWithPassword, password, cancellationToken).ConfigureAwait(false);
        if (IsProven(prompted))
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

    private static async Task<bool> IsRootAsync(SshConnection connection, string host, CancellationToken cancellationToken)
    {
        var result = await connection
            .RunAsync(PosixShell.Join("sh", "-c", "echo \"uid=$(id -u) os=$(uname -s)\""), "", cancellationToken)
            .ConfigureAwait(false);
        var answer = result
            .Output.Split('\n')
            .Select(line => line.Trim())
            .LastOrDefault(line => line.StartsWith("uid=", StringComparison.Ordinal));
        if (answer is null)
        {
            var said = (result.Error + result.Output).Trim();
            throw new P2VException(
                ErrorIds.SourceNotLinux,
                $"{host} does not run commands as a Linux machine does (exit code "
                    + $"{result.ExitCode}{(said.Length == 0 ? "" : $": {said.Split('\n')[0].Trim()}")}).",
                "Check that the address is the machine that you mean, and that the user has a login shell.",
                host
            );
        }

        var system = answer.Substring(answer.IndexOf("os=", StringComparison.Ordinal) + 3);
        if (system != "Linux")
            throw new P2VException(
                ErrorIds.SourceNotLinux,
                $"{host} runs {system}, not Linux.",
                "Only Linux machines can be converted.",
                host
            );

        return answer.StartsWith("uid=0 ", StringComparison.Ordinal);
    }

    /// <summary>sudo itself speaks the user's language unless told otherwise, and what it says decides here.</summary>
    private static Task<SshResult> TryAsync(
        SshConnection connection,
        Elevation elevation,
        string? password,
        CancellationToken cancellationToken
    ) =>
        connection.RunAsync(
            PosixShell.Join(
                "sh",
                "-c",
                "LC_ALL=C; LANGUAGE=C; export LC_ALL LANGUAGE; " + ElevatedCommand.Build("echo \"uid=$(id -u)\"", elevation)
            ),
            ElevatedCommand.InputPreamble(elevation, password),
            cancellationToken
        );

    private static bool IsProven(SshResult result) => result.ExitCode == 0 && result.Output.Split('\n').Any(line => line.Trim() == "uid=0");

    private static void ThrowIfHopeless(SshResult result, SourceConnectionOptions options)
    {
        if (result.ExitCode == 127 || Says(result, "sudo: not found", "sudo: command not found", "exec: sudo"))
        {
            throw new P2VException(
                ErrorIds.RootRequired,
                $"{options.User} on {options.Host} is not root, and there is no sudo.",
                "Log in as root, or install sudo and allow the user to use it.",
                options.Host
            );
        }

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

    private static P2VException NotAllowed(SourceConnectionOptions options, SshResult result)
    {
        var words =
            result.Error.Split('\n').Select(line => line.Trim()).LastOrDefault(line => line.Length > 0) ?? $"exit code {result.ExitCode}";
        return new P2VException(
            ErrorIds.SudoNotAllowed,
            $"sudo on {options.Host} does not let {options.User} run commands as root: {words}",
            Says(result, "must have a tty")
                ? $"Add 'Defaults:{options.User} !requiretty' to sudoers, or log in as root."
                : $"Allow it in sudoers, such as '{options.User} ALL=(ALL) ALL', or log in as root.",
            options.Host
        );
    }

    private static bool Says(SshResult result, params string[] phrases) =>
        phrases.Any(phrase => result.Error.IndexOf(phrase, StringComparison.OrdinalIgnoreCase) >= 0);
}
