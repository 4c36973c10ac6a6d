using System.Globalization;
using System.Xml.Linq;

namespace LinuxP2V.Lab.Commands;

/// <summary>Adds up the result files of all test projects into one line.</summary>
internal static class TestSummary
{
    private static readonly XNamespace s_trx = "http://microsoft.com/schemas/VisualStudio/TeamTest/2010";

    /// <param name="folder">Holds a trx file for each project; summary.txt is written there.</param>
    /// <param name="projects">Those that must have left one: a project that never ran is a failure.</param>
    /// <returns>Exit code: 0 when tests ran and none failed.</returns>
    public static int Write(string folder, IReadOnlyList<string> projects)
    {
        long passed = 0, failed = 0, skipped = 0;
        foreach (var project in projects)
        {
            var file = Path.Combine(folder, $"{project}.trx");
            if (!File.Exists(file))
            {
                Console.Error.WriteLine($"{project} left no results: it did not build, or it crashed.");
                failed++;
                continue;
            }

            var counters = XDocument.Load(file).Descendants(s_trx + "Counters").Single();
            var total = Count(counters, "total");
            var projectPassed = Count(counters, "passed");
            var projectSkipped = total - Count(counters, "executed");
            passed += projectPassed;
            skipped += projectSkipped;
            // Errors, timeouts and aborts have counters of their own: what neither passed nor was skipped has failed.
            failed += total - projectPassed - projectSkipped;
            if (total == 0)
            {
                Console.Error.WriteLine($"{project} holds no tests.");
                failed++;
            }
        }

        Directory.CreateDirectory(folder);
        File.WriteAllText(
            Path.Combine(folder, "summary.txt"),
            string.Create(CultureInfo.InvariantCulture, $"{passed} passed, {failed} failed, {skipped} skipped\n"));
        return failed == 0 && passed > 0 ? 0 : 1;
    }

    private static long Count(XElement counters, string name) =>
        long.Parse(counters.Attribute(name)!.Value, CultureInfo.InvariantCulture);
}
