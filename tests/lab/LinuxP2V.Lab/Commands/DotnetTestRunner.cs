using LinuxP2V.Lab.Processes;

namespace LinuxP2V.Lab.Commands;

/// <summary>Suites that are test projects: dotnet test, whose results are trx files.</summary>
internal sealed class DotnetTestRunner : ITestRunner
{
    public async Task RunAsync(
        string suite,
        TestSelection selection,
        string configuration,
        string folder,
        CancellationToken cancellationToken
    )
    {
        var project = Path.Combine(LabPaths.Repository, "tests", suite, $"{suite}.csproj");
        string[] arguments =
        [
            "test",
            project,
            "-c",
            configuration,
            "--no-build",
            "-nologo",
            "-v:quiet",
            "-tl:off",
            "--logger",
            "console;verbosity=minimal",
            "--logger",
            $"trx;LogFileName={suite}.trx",
            "--results-directory",
            folder,
            "--filter",
            selection.Filter,
        ];
        await Command.RunAsync("dotnet", arguments, cancellationToken, output: Console.WriteLine);
    }

    public TestCounts? ReadCounts(string suite, string folder) => TrxFile.ReadCounts(Path.Combine(folder, $"{suite}.trx"));
}
