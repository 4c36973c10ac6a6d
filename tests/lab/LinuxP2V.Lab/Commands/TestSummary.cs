using System.Globalization;

namespace LinuxP2V.Lab.Commands;

/// <summary>Adds up the results of all suites into one line.</summary>
internal static class TestSummary
{
    /// <param name="folder">Holds the results of each suite; summary.txt is written there.</param>
    /// <param name="suites">Those that must have left results: a suite that never ran is a failure.</param>
    /// <returns>Exit code: 0 when tests ran and none failed.</returns>
    public static int Write(string folder, IReadOnlyList<TestSuite> suites)
    {
        var sum = suites.Aggregate(default(TestCounts), (counts, suite) => counts + CountsOf(suite, folder));
        Directory.CreateDirectory(folder);
        File.WriteAllText(
            Path.Combine(folder, "summary.txt"),
            string.Create(CultureInfo.InvariantCulture, $"{sum.Passed} passed, {sum.Failed} failed, {sum.Skipped} skipped\n")
        );
        return sum is { Failed: 0, Passed: > 0 } ? 0 : 1;
    }

    private static TestCounts CountsOf(TestSuite suite, string folder)
    {
        try
        {
            return suite.Runner.ReadCounts(suite.Name, folder) switch
            {
                null => Failure($"{suite.Name} left no results: it did not build, or it crashed."),
                { Total: 0 } => Failure($"{suite.Name} holds no tests."),
                { } counts => counts,
            };
        }
        catch (FormatException exception)
        {
            return Failure($"{suite.Name} crashed: {exception.Message}");
        }
    }

    private static TestCounts Failure(string message)
    {
        Console.Error.WriteLine(message);
        return new TestCounts(0, 1, 0);
    }
}
