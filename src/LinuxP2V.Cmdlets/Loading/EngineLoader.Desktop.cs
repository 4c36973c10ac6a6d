#if !NET
using System.Reflection;

namespace LinuxP2V.Cmdlets.Loading;

/// <summary>
/// Windows PowerShell 5.1: powershell.exe has no binding redirects for us, so every assembly of ours that the runtime
/// does not find in the version asked for is answered from our own folder, whatever the version.
/// </summary>
internal static class EngineLoader
{
    public static void Install() => AppDomain.CurrentDomain.AssemblyResolve += static (_, request) =>
    {
        var path = Path.Combine(ModuleLayout.DependencyFolder, new AssemblyName(request.Name).Name + ".dll");
        return File.Exists(path) ? Assembly.LoadFrom(path) : null;
    };
}
#endif
