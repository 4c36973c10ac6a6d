using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace LinuxP2V.Cmdlets.PowerCli;

/// <summary>PowerCLI's own object of a VM, for the commands of PowerCLI that come next in a pipeline.</summary>
internal static class PowerCliMachines
{
    /// <summary>Loads nothing: where the user has not connected PowerCLI, its objects are not expected.</summary>
    private const string Script = """
        param($Address, $Id)
        Set-StrictMode -Off
        if (-not (Get-Module -Name VMware.VimAutomation.Core)) { return }
        foreach ($server in @($global:DefaultVIServers) + @($global:DefaultVIServer)) {
            if ($server.IsConnected -and $server.Name -eq $Address) {
                VMware.VimAutomation.Core\Get-VM -Id $Id -Server $server -ErrorAction Stop
                return
            }
        }
        """;

    /// <returns>
    /// Null where PowerCLI is not loaded, not connected to the server, or does not know the VM, and off the pipeline
    /// thread.
    /// </returns>
    public static object? Find(string address, string id)
    {
        if (!Runspace.CanUseDefaultRunspace)
            return null;
        try
        {
            using var shell = PowerShell.Create(RunspaceMode.CurrentRunspace);
            shell.AddScript(Script, useLocalScope: true).AddParameter("Address", address).AddParameter("Id", id);
            return shell.Invoke().FirstOrDefault(machine => machine is not null);
        }
        catch (Exception e) when (e is RuntimeException or InvalidOperationException or NotSupportedException)
        {
            return null;
        }
    }
}
