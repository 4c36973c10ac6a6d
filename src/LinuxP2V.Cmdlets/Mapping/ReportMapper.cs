using LinuxP2V.Engine.Reports;

namespace LinuxP2V.Cmdlets.Mapping;

/// <summary>Sources, tasks and conversions as rows of a report.</summary>
internal static class ReportMapper
{
    private const double Gibi = 1024d * 1024 * 1024;

    public static ReportRow ToRow(P2VSource source, IReadOnlyList<Finding> findings) =>
        new()
        {
            Source = source.Name,
            OperatingSystem = source.OperatingSystem,
            Readiness = ReadinessOf(findings),
            UsedBytes = Bytes(source.Volumes.Where(volume => volume.CanConvert).Sum(volume => volume.UsedGB)),
            CapacityBytes = Bytes(source.Disks.Sum(disk => disk.CapacityGB)),
            Findings = WorstFirst(findings),
        };

    public static ReportRow ToRow(P2VTask task, IReadOnlyList<Finding> findings) =>
        new()
        {
            Source = task.Source ?? "",
            Machine = task.Name,
            OperatingSystem = task.OperatingSystem,
            Readiness = ReadinessOf(findings),
            UsedBytes = Bytes(task.UsedGB),
            CapacityBytes = Bytes(task.CapacityGB),
            Findings = WorstFirst(findings),
        };

    public static ReportRow ToRow(P2VConversion conversion)
    {
        var copying = conversion.Phases.Where(phase => phase.Name == P2VConversionState.Copying).Sum(phase => phase.Duration.TotalSeconds);
        return new ReportRow
        {
            Source = conversion.Source ?? "",
            Machine = conversion.Name,
            Readiness = conversion.State switch
            {
                P2VConversionState.Completed => Readiness.Converted,
                P2VConversionState.Failed or P2VConversionState.Stopped or P2VConversionState.Damaged => Readiness.Failed,
                _ => Readiness.InProgress,
            },
            UsedBytes = conversion.BytesTotal,
            Estimate = conversion.TimeLeft,
            Duration = conversion.FinishTime - conversion.StartTime,
            Rate = copying > 0 ? (conversion.BytesCopied - conversion.BytesKept) / copying : null,
            Cutover = conversion.EstimatedCutover,
            Phases = [.. conversion.Phases.Select(phase => new ReportPhase(phase.Name.ToString(), phase.Duration))],
            IsVerified = conversion.Verification is { IsComplete: true } sum ? sum.Wrong == 0 : null,
            Boot = conversion.Rehearsal is { } rehearsal ? BootOf(rehearsal) : null,
            Problem = conversion.Error is { } error ? $"{error.Cause} {error.Remedy}" : null,
        };
    }

    /// <summary>The row of a conversion with what is known from its task.</summary>
    public static ReportRow Join(ReportRow plan, ReportRow conversion) =>
        conversion with
        {
            OperatingSystem = plan.OperatingSystem,
            CapacityBytes = plan.CapacityBytes,
            UsedBytes = conversion.UsedBytes > 0 ? conversion.UsedBytes : plan.UsedBytes,
            Findings = plan.Findings,
        };

    /// <summary>The row with these findings; those of a conversion say nothing of how far it is.</summary>
    public static ReportRow Judge(ReportRow row, IReadOnlyList<Finding> findings) =>
        row with
        {
            Findings = WorstFirst(findings),
            Readiness = row.Readiness <= Readiness.Blocked ? ReadinessOf(findings) : row.Readiness,
        };

    private static ReportBoot BootOf(P2VRehearsal rehearsal) =>
        new(rehearsal.Booted, rehearsal.Reason)
        {
            FailedUnits = rehearsal.FailedUnits,
            Pictures = [.. rehearsal.Screenshots.Where(File.Exists).Select(File.ReadAllBytes)],
        };

    private static Readiness ReadinessOf(IReadOnlyList<Finding> findings) =>
        findings.Any(finding => finding.Severity == FindingSeverity.Error) ? Readiness.Blocked
        : findings.Any(finding => finding.Severity == FindingSeverity.Warning) ? Readiness.ReadyWithWarnings
        : Readiness.Ready;

    private static IReadOnlyList<Finding> WorstFirst(IReadOnlyList<Finding> findings) =>
        [.. findings.OrderByDescending(finding => finding.Severity)];

    private static long Bytes(decimal gigabytes) => (long)((double)gigabytes * Gibi);
}
