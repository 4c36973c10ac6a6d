using LinuxP2V.Engine.Reports;

namespace LinuxP2V.Cmdlets.Mapping;

/// <summary>The rows of a report. A type of its own: PowerShell reads a cmdlet's fields before the engine can be loaded.</summary>
internal sealed class ReportRows
{
    private readonly List<ReportRow> rows = [];

    public int Count => rows.Count;

    public void Add(ReportRow row) => rows.Add(row);

    public Report Make(string title) => Report.Make(title, rows);
}
