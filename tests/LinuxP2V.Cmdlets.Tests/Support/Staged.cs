using System.Reflection;

namespace LinuxP2V.Cmdlets.Tests.Support;

/// <summary>What the build put where.</summary>
internal static class Staged
{
    public static string ModuleFolder { get; } = Metadata("ModuleFolder");

    public static string Manifest { get; } = Path.Combine(ModuleFolder, "LinuxP2V.psd1");

    public static string HostProgram { get; } = Metadata("HostProgram");

    /// <summary>The project whose targets stage and sign the module.</summary>
    public static string CmdletsProject { get; } = Metadata("CmdletsProject");

    public static string HelpFolder { get; } = Metadata("HelpFolder");

    private static string Metadata(string key) =>
        typeof(Staged).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == key).Value!;
}
