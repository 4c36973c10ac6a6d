using System.Globalization;
using System.Text;

namespace LinuxP2V.Engine.Reports;

/// <summary>A report as CSV with a heading (RFC 4180): a line for each machine, numbers without units.</summary>
public static class CsvReport
{
    private static readonly (string Name, Func<ReportRow, object?> Value)[] Columns =
    [
        ("Source", row => row.Source),
        ("VM", row => row.Machine),
        ("OperatingSystem", row => row.OperatingSystem),
        ("State", row => row.Readiness),
        ("DataBytes", row => row.UsedBytes),
        ("DiskBytes", row => row.CapacityBytes),
        ("EstimatedSeconds", row => row.Estimate?.TotalSeconds),
        ("Seconds", row => row.Duration?.TotalSeconds),
        ("BytesPerSecond", row => row.Rate),
        ("CutoverSeconds", row => row.Cutover?.TotalSeconds),
        ("IsVerified", row => row.IsVerified),
        ("Booted", row => row.Boot?.Booted),
        ("Errors", row => row.Findings.Count(finding => finding.Severity == FindingSeverity.Error)),
        ("Warnings", row => row.Findings.Count(finding => finding.Severity == FindingSeverity.Warning)),
        ("Findings", row => string.Join("; ", row.Findings.Select(finding => finding.Id).Distinct())),
        ("Problem", row => row.Problem),
    ];

    /// <summary>The table as text.</summary>
    public static string Write(Report report)
    {
        var text = new StringBuilder();
        text.Append(string.Join(",", Columns.Select(column => column.Name))).Append("\r\n");
        foreach (var row in report.Rows)
            text.Append(string.Join(",", Columns.Select(column => Cell(column.Value(row))))).Append("\r\n");

        return text.ToString();
    }

    private static string Cell(object? value) =>
        value switch
        {
            null => "",
            double number => number.ToString("0.###", CultureInfo.InvariantCulture),
            string text => "\"" + text.Replace("\"", "\"\"") + "\"",
            _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
        };
}
