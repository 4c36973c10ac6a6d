#if NET
using System.Reflection;
using System.Runtime.Loader;

namespace LinuxP2V.Cmdlets.Loading;

/// <summary>
/// PowerShell 7: the engine and all that it needs live in a load context of their own, so that another module's SSH.NET
/// or JSON library of another version lives beside ours. The default context asks us only for the engine itself, and
/// does not tell for whom.
/// </summary>
internal static class EngineLoader
{
    public static void Install()
    {
        // Made here: a static field would be set at the first request, and the folder be read only then.
        var context = new EngineLoadContext(new DependencyFolder(ModuleLayout.DependencyFolder));
        AssemblyLoadContext.Default.Resolving += (_, name) => new AssemblyRequest(name, null).IsOurs() ? context.Find(name) : null;
    }

    internal sealed class EngineLoadContext(DependencyFolder dependencies) : AssemblyLoadContext("LinuxP2V")
    {
        public Assembly? Find(AssemblyName name) =>
            dependencies.Find(new AssemblyRequest(name, null)) is { } file ? LoadFromAssemblyPath(file) : null;

        // Before the default context is asked: a copy that someone else loaded there must not win.
        protected override Assembly? Load(AssemblyName assemblyName) => Find(assemblyName);
    }
}
#endif
