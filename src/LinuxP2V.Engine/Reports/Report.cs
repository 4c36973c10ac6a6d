namespace LinuxP2V.Engine.Reports;

/// <summary>An assessment of machines, or what became of them: one row for each.</summary>
public sealed record Report
{
    private const double UsualRate = 100_000_000;

    /// <summary>Its heading.</summary>
    public required string Title { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset MadeAt { get; init; }

    /// <summary>In the order of the machines as they were given.</summary>
    public required IReadOnlyList<ReportRow> Rows { get; init; }

    /// <summary>Bytes a second that the estimates of times rest on.</summary>
    public required double AssumedRate { get; init; }

    /// <summary>Whether that rate was measured in conversions of this report; else it is only a usual one.</summary>
    public bool IsRateMeasured { get; init; }

    /// <summary>A report with the times of copies to come: by the median rate of those that are done, or a usual one.</summary>
    public static Report Make(string title, IReadOnlyList<ReportRow> rows)
    {
        var rates = rows.Where(row => row is { Readiness: Readiness.Converted, Rate: > 0 })
            .Select(row => row.Rate!.Value)
            .OrderBy(rate => rate)
            .ToList();
        var rate = rates.Count > 0 ? rates[rates.Count / 2] : UsualRate;
        return new Report
        {
            Title = title,
            MadeAt = DateTimeOffset.Now,
            AssumedRate = rate,
            IsRateMeasured = rates.Count > 0,
            Rows =
            [
                .. rows.Select(row =>
                    row.Readiness <= Readiness.Blocked
                        ? row with
                        {
                            Estimate = TimeSpan.FromSeconds(Math.Ceiling(row.UsedBytes / rate)),
                        }
                        : row
                ),
            ],
        };
    }
}

/// <summary>How far a machine is.</summary>
public enum Readiness
{
    /// <summary>Nothing speaks against a conversion.</summary>
    Ready,

    /// <summary>There are warnings to be read before.</summary>
    ReadyWithWarnings,

    /// <summary>There are errors: a conversion is refused.</summary>
    Blocked,

    /// <summary>A conversion has begun and is not complete.</summary>
    InProgress,

    /// <summary>The conversion failed or was stopped.</summary>
    Failed,

    /// <summary>The conversion is complete.</summary>
    Converted,
}

/// <summary>A machine in a report.</summary>
public sealed record ReportRow
{
    /// <summary>The source's name.</summary>
    public required string Source { get; init; }

    /// <summary>The VM's name; null: none is planned.</summary>
    public string? Machine { get; init; }

    /// <summary>As the source names it; null: not known.</summary>
    public string? OperatingSystem { get; init; }

    /// <summary>How far it is.</summary>
    public required Readiness Readiness { get; init; }

    /// <summary>Bytes to be copied, or that were.</summary>
    public long UsedBytes { get; init; }

    /// <summary>Bytes of all disks; null: not known.</summary>
    public long? CapacityBytes { get; init; }

    /// <summary>What speaks against it, the worst first.</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];

    /// <summary>How long the copy will take at the report's rate; null: it is done.</summary>
    public TimeSpan? Estimate { get; init; }

    /// <summary>From start to end; null: it is not complete.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>Bytes a second of the copy; null: not known.</summary>
    public double? Rate { get; init; }

    /// <summary>How long the services of the source would be stopped, from the last pass; null: not known.</summary>
    public TimeSpan? Cutover { get; init; }

    /// <summary>The steps that were done, in their order, with their times.</summary>
    public IReadOnlyList<ReportPhase> Phases { get; init; } = [];

    /// <summary>Whether the copy was compared and is right; null: it was not compared.</summary>
    public bool? IsVerified { get; init; }

    /// <summary>The newest boot of a twin of the copy; null: there was none.</summary>
    public ReportBoot? Boot { get; init; }

    /// <summary>What went wrong, and what to do about it; null: nothing.</summary>
    public string? Problem { get; init; }
}

/// <summary>How a twin of a copy booted.</summary>
/// <param name="Booted">It came up.</param>
/// <param name="Reason">A sentence.</param>
public sealed record ReportBoot(bool Booted, string Reason)
{
    /// <summary>systemd units.</summary>
    public IReadOnlyList<string> FailedUnits { get; init; } = [];

    /// <summary>PNG files of its screen, as bytes: the page holds all that it shows.</summary>
    public IReadOnlyList<byte[]> Pictures { get; init; } = [];
}

/// <summary>A step of a conversion.</summary>
public sealed record ReportPhase(string Name, TimeSpan Duration);
