namespace LinuxP2V.Agent.Platform;

/// <summary>Where the daemon keeps what lives as long as it does. Memory file system in the helper; never holds a secret.</summary>
internal static class AgentPaths
{
    public const string DefaultState = "/run/linuxp2v";

    public static string DefaultSocket => SocketIn(DefaultState);

    /// <summary>This program, also where it runs inside a test host.</summary>
    public static string Executable { get; } = FindExecutable();

    public static string SocketIn(string state) => Path.Combine(state, "agent.sock");

    public static string EventLogIn(string state) => Path.Combine(state, "events.log");

    /// <summary>Makes the folder for its owner alone.</summary>
    public static void CreatePrivate(string folder)
    {
        const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        if (!Directory.Exists(folder))
            Directory.CreateDirectory(folder, OwnerOnly);
    }

    private static string FindExecutable()
    {
        const string Name = "linuxp2v-agent";
        return Environment.ProcessPath is { } path && Path.GetFileName(path) == Name ? path : Path.Combine(AppContext.BaseDirectory, Name);
    }
}
