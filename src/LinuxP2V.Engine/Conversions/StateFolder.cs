using LinuxP2V.Engine.Files;

namespace LinuxP2V.Engine.Conversions;

/// <summary>Where conversions are kept: LINUXP2V_STATE, else the user's own state folder.</summary>
public static class StateFolder
{
    /// <summary>The environment variable that names another folder: LINUXP2V_STATE.</summary>
    public const string OverrideVariable = UserFolders.StateVariable;

    /// <exception cref="P2VException">StateNotAccessible: there is no such place.</exception>
    public static string ForUser() => UserFolders.Current.State;
}
