using LinuxP2V.Engine.Reports;

namespace LinuxP2V.Cmdlets.Mapping;

/// <summary>The rows of a report. A type of its own: PowerShell reads a cmdlet's fields before the engine can be loaded.</summary>
internal sealed class ReportRows
{
    private readonly List<ReportRow> rows = [];
    private readonly List<P2VFinding> findings = [];

    public int Count => rows.Count;

    public void Add(ReportRow row) => rows.Add(row);

    /// <summary>Of a test, which asked source and server: it belongs to the row whose VM or source it names.</summary>
    public void Add(P2VFinding finding) => findings.Add(finding);

    /// <summary>Findings that name no row.</summary>
    public IReadOnlyList<P2VFinding> Unmatched => [.. findings.Where(finding => !rows.Exists(row => Names(row, finding)))];

    /// <summary>A machine's task and its conversion are one row.</summary>
    public Report Make(string title) =>
        Report.Make(title, [.. rows.GroupBy(KeyOf, StringComparer.OrdinalIgnoreCase).SelectMany(Join).Select(WithFindings)]);

    private static IEnumerable<ReportRow> Join(IEnumerable<ReportRow> same)
    {
        var all = same.ToList();
        var conversions = all.Where(row => row.Readiness > Readiness.Blocked).ToList();
        var plans = all.Except(conversions).ToList();
        return plans.Count == 1 ? conversions.Select(conversion => ReportMapper.Join(plans[0], conversion)).DefaultIfEmpty(plans[0]) : all;
    }

    private static string KeyOf(ReportRow row) => $"{row.Source}\n{row.Machine}";

    private ReportRow WithFindings(ReportRow row)
    {
        var own = findings.Where(finding => Names(row, finding)).Select(FindingMapper.ToFinding);
        return ReportMapper.Judge(row, [.. row.Findings.Union(own)]);
    }

    private static bool Names(ReportRow row, P2VFinding finding) =>
        string.Equals(finding.Source, row.Machine ?? row.Source, StringComparison.OrdinalIgnoreCase);
}
