namespace LinuxP2V.Engine.Conversions;

/// <summary>How long the source would be out of service if the cutover began now.</summary>
public static class CutoverEstimate
{
    /// <summary>A pass long ago says little about one now.</summary>
    private const double LargestFactor = 24;

    /// <summary>
    /// The last pass again, its transfer scaled by the time in which changes gathered since, and what reconfiguration and
    /// finish took when they were last done.
    /// </summary>
    /// <returns>Null before the first pass, and when the conversion is over.</returns>
    public static TimeSpan? Of(Conversion conversion, DateTimeOffset now)
    {
        if (conversion.State == ConversionState.Completed || conversion.Passes.LastOrDefault(pass => pass.IsComplete) is not { } last)
        {
            return null;
        }

        // Volumes are listed side by side: together their lists may take longer than the pass.
        var scan = last.ScanDuration < last.Duration ? last.ScanDuration : last.Duration;
        var gathered = (last.RunStartedAt - last.CoversSince).TotalSeconds;
        var factor = gathered > 0 ? Math.Min(LargestFactor, Math.Max(0, (now - last.RunStartedAt).TotalSeconds / gathered)) : 1;
        var transfer = TimeSpan.FromTicks((long)((last.Duration - scan).Ticks * factor));
        return scan + transfer + (conversion.ExpectedFinish ?? TimeSpan.Zero);
    }

    /// <summary>
    /// What reconfiguration and finish took: here where they were done here, else in the newest conversion that did
    /// them.
    /// </summary>
    /// <param name="others">Asked only when something is not known here.</param>
    public static TimeSpan? ExpectFinish(Conversion conversion, Func<IEnumerable<Conversion>> others)
    {
        var reconfigure = LastOf(conversion, ConversionState.Reconfiguring);
        var finish = LastOf(conversion, ConversionState.Finishing);
        if (reconfigure is null || finish is null)
        {
            var known = others()
                .Where(c => c.Id != conversion.Id && LastOf(c, ConversionState.Finishing) is not null)
                .OrderByDescending(c => c.UpdatedAt)
                .FirstOrDefault();
            reconfigure ??= known is null ? null : LastOf(known, ConversionState.Reconfiguring);
            finish ??= known is null ? null : LastOf(known, ConversionState.Finishing);
        }

        return reconfigure is null && finish is null ? null : (reconfigure ?? TimeSpan.Zero) + (finish ?? TimeSpan.Zero);
    }

    private static TimeSpan? LastOf(Conversion conversion, ConversionState state) =>
        conversion.Phases.LastOrDefault(p => p.State == state)?.Duration;
}
