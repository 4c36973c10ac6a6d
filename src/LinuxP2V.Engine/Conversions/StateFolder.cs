using System.Runtime.InteropServices;

namespace LinuxP2V.Engine.Conversions;

/// <summary>Where conversions are kept: LINUXP2V_STATE, else the user's own state folder.</summary>
public static class StateFolder
{
    public const string OverrideVariable = "LINUXP2V_STATE";

    public static string ForUser()
    {
        if (Environment.GetEnvironmentVariable(OverrideVariable) is { Length: > 0 } chosen)
        {
            return Path.GetFullPath(chosen);
        }

        if (RuntimeInformation.IsOSPlatform(OSPlatform.Windows))
        {
            return Path.Combine(
                Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create), "LinuxP2V");
        }

        var state = Environment.GetEnvironmentVariable("XDG_STATE_HOME") is { Length: > 0 } xdg
            ? xdg
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state");
        return Path.Combine(state, "linuxp2v");
    }
}
