#if !NET
using System.Reflection;

namespace LinuxP2V.Cmdlets.Loading;

/// <summary>
/// Windows PowerShell 5.1: powershell.exe has no binding redirects for us, so what our assemblies do not find in the
/// version they ask for is answered from our own folder in that version or a later one. The event is raised for every
/// failed load of the process; those of others stay unanswered.
/// </summary>
internal static class EngineLoader
{
    public static void Install()
    {
        // Made here: a static field would be set at the first request, and the folder be read only then.
        var dependencies = new DependencyFolder(ModuleLayout.DependencyFolder);
        AppDomain.CurrentDomain.AssemblyResolve += (_, failed) => Answer(dependencies, failed);
    }

    private static Assembly? Answer(DependencyFolder dependencies, ResolveEventArgs failed)
    {
        var requester = failed.RequestingAssembly;
        if (requester is { IsDynamic: true })
            return null;
        var request = new AssemblyRequest(new AssemblyName(failed.Name), requester?.Location);
        return request.IsOurs(ModuleLayout.AssemblyFolder, dependencies.Path) && dependencies.Find(request) is { } file
            ? Assembly.LoadFrom(file)
            : null;
    }
}
#endif
