using LinuxP2V.Lab;
using LinuxP2V.Lab.Processes;

namespace LinuxP2V.Windows.Tests.Support;

/// <summary>PowerShell 7 for Windows and its .NET, put together of NuGet packages: tests/lab/windows.</summary>
/// <param name="Folder">Kept, and named by its versions.</param>
internal sealed record WindowsRuntime(string Folder)
{
    public string PowerShellFolder => Path.Combine(Folder, "pwsh");

    public string PowerShell => Path.Combine(PowerShellFolder, "pwsh.exe");

    /// <summary>What a .NET program for Windows needs, to find its runtime and to live under wine.</summary>
    public Dictionary<string, string> Environment =>
        new()
        {
            ["DOTNET_ROOT"] = Wine.PathOf(Folder),
            // The test host sets it, and it goes before.
            ["DOTNET_ROOT_X64"] = Wine.PathOf(Folder),
            // The runtime's own habits of remapping memory and collecting in the background crash it under wine.
            ["DOTNET_EnableWriteXorExecute"] = "0",
            ["DOTNET_gcConcurrent"] = "0",
            ["DOTNET_GCgen0size"] = "0x8000000",
            ["DOTNET_TieredPGO"] = "0",
            ["POWERSHELL_TELEMETRY_OPTOUT"] = "1",
            ["POWERSHELL_UPDATECHECK"] = "Off",
            ["NO_COLOR"] = "1",
        };

    /// <exception cref="LabException">A package was not to be had, or is not as it was.</exception>
    public static async Task<WindowsRuntime> AssembleAsync()
    {
        var project = Path.Combine(LabPaths.Repository, "tests", "lab", "windows", "WindowsRuntime.csproj");
        string[] arguments =
        [
            "msbuild",
            "-restore",
            project,
            "-t:Assemble",
            $"-p:Lab={LabPaths.Lab}/",
            "-getProperty:RuntimeFolder",
            "-nologo",
        ];
        var result = (await Command.RunAsync("dotnet", arguments, CancellationToken.None)).OrThrow(
            "PowerShell for Windows cannot be put together"
        );
        return new WindowsRuntime(result.Output.Trim());
    }

    /// <summary>Builds a program of the tests for Windows, which needs a starter that the SDK has not at hand.</summary>
    /// <returns>Path of the program.</returns>
    /// <exception cref="LabException">It does not build.</exception>
    public static async Task<string> BuildProgramAsync(string name)
    {
        var project = Path.Combine(LabPaths.Repository, "tests", "lab", name, $"{name}.csproj");
        var output = Path.Combine(LabPaths.Lab, "windows", "programs", name);
        string[] arguments =
        [
            "build",
            project,
            "-c",
            "Release",
            "-r",
            "win-x64",
            "--no-self-contained",
            "-o",
            output,
            "-nologo",
            "-v:quiet",
            "-tl:off",
        ];
        (await Command.RunAsync("dotnet", arguments, CancellationToken.None)).OrThrow($"{name} does not build for Windows");
        return Path.Combine(output, $"{name}.exe");
    }
}
