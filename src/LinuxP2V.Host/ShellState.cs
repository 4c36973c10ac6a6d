using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Reflection;

namespace LinuxP2V.Host;

/// <summary>
/// PowerShell's engine comes without the modules that hold Write-Host and the like. Where they are missing, small ones of
/// our own stand in for those that a runbook commonly needs.
/// </summary>
internal static class ShellState
{
    public static InitialSessionState Create()
    {
        var state = InitialSessionState.CreateDefault2();
        if (HasRealModules())
            return state;
        foreach (var type in typeof(ShellState).Assembly.GetTypes())
        {
            if (type.GetCustomAttribute<CmdletAttribute>() is not { } cmdlet)
                continue;
            state.Commands.Add(new SessionStateCmdletEntry($"{cmdlet.VerbName}-{cmdlet.NounName}", type, null));
            foreach (var alias in type.GetCustomAttribute<AliasAttribute>()?.AliasNames ?? [])
            {
                state.Commands.Remove(alias, typeof(SessionStateAliasEntry));
                state.Commands.Add(new SessionStateAliasEntry(alias, $"{cmdlet.VerbName}-{cmdlet.NounName}"));
            }
        }

        return state;
    }

    /// <summary>Only modules beside the program fit its engine; those of an installed PowerShell need that one's assemblies.</summary>
    private static bool HasRealModules() =>
        Directory.Exists(Path.Combine(AppContext.BaseDirectory, "Modules", "Microsoft.PowerShell.Utility"));
}
