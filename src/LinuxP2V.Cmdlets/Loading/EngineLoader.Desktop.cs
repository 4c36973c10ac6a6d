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
    private static readonly DependencyFolder Dependencies = new(ModuleLayout.DependencyFolder);

    public static void Install() => AppDomain.CurrentDomain.AssemblyResolve += static (_, failed) =>
    {
        var requester = failed.RequestingAssembly;
        var request = new AssemblyRequest(new AssemblyName(failed.Name), requester is { IsDynamic: false } ? requester.Location : null);
        return requester is not { IsDynamic: true } && request.IsOurs(ModuleLayout.AssemblyFolder, Dependencies.Path)
            && Dependencies.Find(request) is { } file
            ? Assembly.LoadFrom(file)
            : null;
    };
}
#endif
