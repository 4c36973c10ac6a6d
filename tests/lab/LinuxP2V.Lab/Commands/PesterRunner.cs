using System.Reflection;
using System.Text.Json;
using LinuxP2V.Lab.Processes;

namespace LinuxP2V.Lab.Commands;

/// <summary>The suite tests/Pester: scripts that use the packaged module as users do.</summary>
internal sealed class PesterRunner : ITestRunner
{
    /// <summary>The suite's name in tests/areas.txt.</summary>
    public const string Suite = "Pester";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>The module Pester, as NuGet unpacked it for this build.</summary>
    private static string PesterModule { get; } =
        typeof(PesterRunner).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "PesterModule").Value!;

    public async Task RunAsync(
        string suite,
        TestSelection selection,
        string configuration,
        string folder,
        CancellationToken cancellationToken
    )
    {
        string[] arguments =
        [
            "-NoLogo",
            "-NoProfile",
            "-NonInteractive",
            "-File",
            Path.Combine(LabPaths.Repository, "tests", suite, "Invoke-Suite.ps1"),
            "-PesterModule",
            PesterModule,
            "-ResultFolder",
            folder,
            .. selection.IsFull ? new[] { "-Full" } : [],
        ];
        await Command.RunAsync(LabPaths.PowerShell, arguments, cancellationToken, output: Console.WriteLine);
    }

    public TestCounts? ReadCounts(string suite, string folder)
    {
        var file = Path.Combine(folder, $"{suite}.json");
        return File.Exists(file) ? Read(file) : null;
    }

    private static TestCounts Read(string file)
    {
        try
        {
            return JsonSerializer.Deserialize<TestCounts>(File.ReadAllText(file), Json);
        }
        catch (JsonException exception)
        {
            throw new FormatException($"{file} is not whole.", exception);
        }
    }
}
