using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using LinuxP2V.Lab.Processes;

namespace LinuxP2V.Lab.Commands;

/// <summary>Suites that are test projects: dotnet test, whose results are trx files.</summary>
internal sealed class DotnetTestRunner : ITestRunner
{
    private static readonly XNamespace Trx = "http://microsoft.com/schemas/VisualStudio/TeamTest/2010";

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
            .. selection.Filter is { } filter ? new[] { "--filter", filter } : [],
        ];
        await Command.RunAsync("dotnet", arguments, cancellationToken, output: Console.WriteLine);
    }

    public TestCounts? ReadCounts(string suite, string folder)
    {
        var file = Path.Combine(folder, $"{suite}.trx");
        return File.Exists(file) ? Read(file) : null;
    }

    private static TestCounts Read(string file)
    {
        try
        {
            var counters = XDocument.Load(file).Descendants(Trx + "Counters").Single();
            var total = Count(counters, "total");
            var passed = Count(counters, "passed");
            var skipped = total - Count(counters, "executed");
            // Errors, timeouts and aborts have counters of their own: what neither passed nor was skipped has failed.
            return new TestCounts(passed, total - passed - skipped, skipped);
        }
        catch (Exception exception) when (exception is XmlException or InvalidOperationException)
        {
            throw new FormatException($"{file} is not a whole trx file.", exception);
        }
    }

    private static long Count(XElement counters, string name) =>
        long.TryParse(counters.Attribute(name)?.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            ? count
            : throw new InvalidOperationException($"It has no number of tests {name}.");
}
