namespace LinuxP2V.Engine.Conversions;

/// <summary>How far a conversion has come, as far as its record tells.</summary>
public static class ConversionProgress
{
    /// <summary>A later pass or a comparison runs: its figures are in <see cref="Conversion.Activity"/>.</summary>
    public static bool IsAfterCopy(Conversion conversion) => conversion.State is ConversionState.Synchronizing or ConversionState.Verifying;

    /// <summary>0 to 100. The copy, which takes nearly all the time, has 5 to 90 of it.</summary>
    public static float PercentOf(Conversion conversion)
    {
        var (done, total) = BytesOf(conversion.Volumes);
        return conversion.State is ConversionState.Failed or ConversionState.Stopped
            ? conversion.InterruptedState is { } interrupted
                ? PercentOf(interrupted, done, total)
                : 0
            : PercentOf(conversion.State, done, total);
    }

    /// <summary>
    /// While data moves: what <paramref name="meter"/> measured, this moment included. Afterwards: the mean over the
    /// copy.
    /// </summary>
    /// <returns>Bytes a second; null when nothing is known of it.</returns>
    public static double? RateOf(Conversion conversion, RateMeter meter)
    {
        if (IsMoving(conversion))
        {
            meter.Add(conversion.UpdatedAt, BytesOf(MovingVolumes(conversion)).Done);
            return meter.BytesPerSecond;
        }

        var copying = conversion.Phases.Where(phase => phase.State == ConversionState.Copying).Sum(phase => phase.Duration.TotalSeconds);
        return copying > 0 ? conversion.Volumes.Sum(volume => volume.BytesDone - volume.BytesKept) / copying : null;
    }

    /// <param name="rate">As <see cref="RateOf"/> gives it.</param>
    /// <returns>Of the copy, pass or comparison that runs, in whole seconds; null when it cannot be told.</returns>
    public static TimeSpan? TimeLeft(Conversion conversion, double? rate)
    {
        var (done, total) = BytesOf(MovingVolumes(conversion));
        return IsMoving(conversion) && rate > 0 && total >= done ? TimeSpan.FromSeconds(Math.Round((total - done) / rate.Value)) : null;
    }

    private static float PercentOf(ConversionState state, long done, long total) =>
        state switch
        {
            ConversionState.DeployingHelper => 1,
            ConversionState.HelperReady => 3,
            ConversionState.Preparing => 4,
            ConversionState.Copying => total <= 0 ? 5 : 5 + 85 * Math.Min(1f, (float)done / total),
            ConversionState.Synchronizing or ConversionState.Verifying or ConversionState.Synchronized => 90,
            ConversionState.Reconfiguring => 92,
            ConversionState.Finishing => 97,
            ConversionState.Completed => 100,
            _ => 0,
        };

    private static bool IsMoving(Conversion conversion) => conversion.State == ConversionState.Copying || IsAfterCopy(conversion);

    private static IReadOnlyList<VolumeState> MovingVolumes(Conversion conversion) =>
        IsAfterCopy(conversion) ? conversion.Activity : conversion.Volumes;

    private static (long Done, long Total) BytesOf(IReadOnlyList<VolumeState> volumes) =>
        (volumes.Sum(volume => volume.BytesDone), volumes.Sum(volume => volume.BytesTotal));
}
