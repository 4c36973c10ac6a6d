using System.Management.Automation;

namespace LinuxP2V.Cmdlets.Loading;

/// <summary>Runs when the module is imported. Public because PowerShell looks for it; not meant to be called.</summary>
public sealed class ModuleInitializer : IModuleAssemblyInitializer
{
    private static int installed;

    public void OnImport()
    {
        // Never taken off again: conversions run on after Remove-Module and still load what they need.
        if (Interlocked.Exchange(ref installed, 1) == 0)
            EngineLoader.Install();
    }
}
