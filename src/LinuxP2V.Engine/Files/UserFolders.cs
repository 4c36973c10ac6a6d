using System.Runtime.InteropServices;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Files;

/// <summary>Where this system keeps what belongs to a user, and what belongs to all users. Never in the current folder.</summary>
/// <param name="variable">Reads a variable of the environment.</param>
/// <param name="folder">Finds a folder of the system's; empty where the account has none.</param>
internal sealed class UserFolders(bool isWindows, Func<string, string?> variable, Func<Environment.SpecialFolder, string> folder)
{
    public const string StateVariable = "LINUXP2V_STATE";

    public static UserFolders Current { get; } =
        new(
            RuntimeInformation.IsOSPlatform(OSPlatform.Windows),
            Environment.GetEnvironmentVariable,
            // Unverified: the plain call gives nothing for a folder that is still to be made.
            place => Environment.GetFolderPath(place, Environment.SpecialFolderOption.DoNotVerify)
        );

    /// <summary>Where conversions are kept.</summary>
    /// <exception cref="P2VException">StateNotAccessible: the account has no profile, or the variable holds no full path.</exception>
    public string State => ChosenState() ?? (isWindows ? WindowsState() : UnixState());

    /// <summary>The user's known_hosts. An account without a home keeps it with its state.</summary>
    /// <exception cref="P2VException">StateNotAccessible.</exception>
    public string KnownHosts =>
        Rooted(folder(Environment.SpecialFolder.UserProfile)) is { } home
            ? Path.Combine(home, ".ssh", "known_hosts")
            : Path.Combine(ChosenState() ?? throw NoHome(), "known_hosts");

    /// <summary>The known hosts of all users of this machine; null where the system has no place for them.</summary>
    public string? MachineKnownHosts =>
        isWindows
            ? Rooted(folder(Environment.SpecialFolder.CommonApplicationData)) is { } data
                ? Path.Combine(data, "ssh", "ssh_known_hosts")
                : null
            : "/etc/ssh/ssh_known_hosts";

    private string? ChosenState()
    {
        if (variable(StateVariable) is not { Length: > 0 } chosen)
        {
            return null;
        }

        const string Remedy =
            $"Set {StateVariable} to the full path of a folder. '~' and the names of other variables are not replaced in it.";
        if (!IsRooted(chosen))
        {
            throw new P2VException(
                ErrorIds.StateNotAccessible,
                $"{StateVariable} is '{chosen}'. This is not the full path of a folder.",
                Remedy,
                chosen
            );
        }

        try
        {
            return Path.GetFullPath(chosen);
        }
        catch (Exception exception) when (FileFailure.IsOne(exception))
        {
            throw FileFailure.ToError(exception, ErrorIds.StateNotAccessible, chosen, "keep conversions in", Remedy);
        }
    }

    private string WindowsState() =>
        Path.Combine(Rooted(folder(Environment.SpecialFolder.LocalApplicationData)) ?? throw NoHome(), "LinuxP2V");

    private string UnixState()
    {
        // The XDG specification has relative paths passed over.
        var state =
            Rooted(variable("XDG_STATE_HOME"))
            ?? Path.Combine(Rooted(folder(Environment.SpecialFolder.UserProfile)) ?? throw NoHome(), ".local", "state");
        return Path.Combine(state, "linuxp2v");
    }

    private string? Rooted(string? path) => path is { Length: > 0 } && IsRooted(path) ? path : null;

    /// <summary>On Windows a path that begins with \ or C: alone depends on the current drive or folder.</summary>
    private bool IsRooted(string path) =>
        isWindows
            ? (path.Length > 1 && path[0] is '\\' or '/' && path[1] is '\\' or '/')
                || (path.Length > 2 && path[1] == ':' && path[2] is '\\' or '/')
            : path[0] == '/';

    private static P2VException NoHome() =>
        new(
            ErrorIds.StateNotAccessible,
            "This account has no profile or home folder to keep conversions and known host keys in.",
            $"Set the environment variable {StateVariable} to a folder that only this "
                + "account may write to, or log in with an account that has a profile."
        );
}
