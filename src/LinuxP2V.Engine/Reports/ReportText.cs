using System.Globalization;

namespace LinuxP2V.Engine.Reports;

/// <summary>Values of a report as people read them.</summary>
internal static class ReportText
{
    public static string Of(TimeSpan? time) =>
        time is not { } known ? "–"
        : known.TotalDays >= 1 ? known.ToString(@"d\.hh\:mm\:ss", CultureInfo.InvariantCulture)
        : known.ToString(@"h\:mm\:ss", CultureInfo.InvariantCulture);

    public static string Rate(double bytesPerSecond) => FormattableString.Invariant($"{bytesPerSecond / 1_000_000:0.#} MB/s");

    public static string Of(Readiness readiness) =>
        readiness switch
        {
            Readiness.ReadyWithWarnings => "Ready, with warnings",
            Readiness.InProgress => "In progress",
            _ => readiness.ToString(),
        };
}
