namespace LinuxP2V.Cmdlets.Loading;

/// <summary>Where things lie in the staged module: root/bin/framework/LinuxP2V.Cmdlets.dll, and deps beside it.</summary>
internal static class ModuleLayout
{
    public static string AssemblyFolder { get; } = Path.GetDirectoryName(typeof(ModuleLayout).Assembly.Location)!;

    public static string DependencyFolder { get; } = Path.Combine(AssemblyFolder, "deps");

    /// <summary>The folder with the manifest, and with helper/ below it.</summary>
    public static string ModuleFolder { get; } = Path.GetFullPath(Path.Combine(AssemblyFolder, "..", ".."));

    public static bool IsEngineAssembly(string? name) => name is "LinuxP2V.Engine" or "LinuxP2V.Protocol";
}
