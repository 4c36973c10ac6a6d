using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace LinuxP2V.Lab.Commands;

/// <summary>
/// Runs test suites and adds up their results. They run one after the other, since some look at the whole machine. The
/// quick tests of suites that look at nothing but machines of their own run beside them.
/// </summary>
internal static class TestRun
{
    /// <param name="selection">What to run.</param>
    /// <param name="configuration">Of the build that is tested: Release.</param>
    /// <param name="folder">Gets a result file for each suite, summary.txt and times.txt; what an earlier run left there goes.</param>
    /// <param name="cancellationToken">Ends the suite that runs.</param>
    /// <returns>Exit code: 0 when tests ran and none failed.</returns>
    /// <exception cref="LabException">There is no such area.</exception>
    public static async Task<int> RunAsync(
        TestSelection selection,
        string configuration,
        string folder,
        CancellationToken cancellationToken
    )
    {
        var suites = selection.SuitesOf(TestSuites.Parse(await File.ReadAllLinesAsync(LabPaths.TestAreas, cancellationToken)));
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        Directory.CreateDirectory(folder);
        var lanes = suites.GroupBy(suite => suite.RunsBeside && !selection.IsFull);
        var taken = new ConcurrentDictionary<string, TimeSpan>();
        await Task.WhenAll(lanes.Select(RunLaneAsync));
        var times = suites
            .Select(suite => string.Create(CultureInfo.InvariantCulture, $"{suite.Name.PadRight(32)} {taken[suite.Name]:hh\\:mm\\:ss}"))
            .ToList();
        await File.WriteAllLinesAsync(Path.Combine(folder, "times.txt"), times, cancellationToken);
        times.ForEach(Console.WriteLine);
        return TestSummary.Write(folder, suites);

        async Task RunLaneAsync(IEnumerable<TestSuite> lane)
        {
            foreach (var suite in lane)
            {
                var clock = Stopwatch.StartNew();
                // A failure is counted by the summary; it does not end the run.
                await suite.Runner.RunAsync(suite.Name, selection, configuration, folder, cancellationToken);
                taken[suite.Name] = clock.Elapsed;
            }
        }
    }
}
