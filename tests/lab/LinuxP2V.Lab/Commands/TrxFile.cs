using System.Globalization;
using System.Xml;
using System.Xml.Linq;

namespace LinuxP2V.Lab.Commands;

/// <summary>The results of a test project, as the platform's trx logger writes them.</summary>
internal static class TrxFile
{
    private static readonly XNamespace Trx = "http://microsoft.com/schemas/VisualStudio/TeamTest/2010";

    /// <returns>Null where there is no such file.</returns>
    /// <exception cref="FormatException">The file is not whole.</exception>
    public static TestCounts? ReadCounts(string file)
    {
        if (!File.Exists(file))
        {
            return null;
        }

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
