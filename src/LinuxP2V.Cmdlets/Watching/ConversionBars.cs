using System.Management.Automation;
using LinuxP2V.Cmdlets.Mapping;
using LinuxP2V.Engine;

namespace LinuxP2V.Cmdlets.Watching;

/// <summary>One bar for a conversion and one below it for each volume that is being copied; a verbose line at each turn.</summary>
internal sealed class ConversionBars(IWatcherOutput output, int activity)
{
    private static readonly TimeSpan VerbosePause = TimeSpan.FromSeconds(30);
    private readonly Dictionary<string, int> volumes = [];
    private readonly HashSet<int> shown = [];
    private P2VConversionState? state;
    private DateTimeOffset saidAt;

    public void Draw(P2VConversion conversion)
    {
        Say(conversion);
        var (done, total) = Figures(conversion);
        Show(
            new ProgressRecord(activity, $"{conversion.Name}: {conversion.Source}", StatusOf(conversion))
            {
                // A pass or a comparison has the bar to itself.
                PercentComplete = IsFurther(conversion)
                    ? total > 0
                        ? (int)Math.Min(100, 100.0 * done / total)
                        : 0
                    : (int)conversion.PercentComplete,
                SecondsRemaining = Seconds(conversion.TimeLeft),
            }
        );
        foreach (var volume in IsFurther(conversion) ? conversion.Activity : conversion.Volumes)
        {
            if (volume.IsComplete || !Moves(conversion))
                End(IdOf(volume));
            else if (volume.BytesCopied > 0 || volume.FilesCopied > 0)
                Show(VolumeRecord(volume));
        }
    }

    /// <summary>Shows the last state, even where the limit on updates held it back.</summary>
    public void Finish(P2VConversion conversion) => Say(conversion);

    public void Clear()
    {
        foreach (var id in shown.OrderByDescending(i => i).ToList())
            End(id);
    }

    public static string StatusOf(P2VConversion conversion)
    {
        var status = conversion.State.ToString();
        var (done, total) = Figures(conversion);
        if (!Moves(conversion) || total <= 0)
            return status;
        status += $" {ByteSize.FormatProgress(done)} of {ByteSize.FormatProgress(total)}";
        if (conversion.Rate is { } rate)
            status += $", {ByteSize.FormatProgress(rate)}/s";
        if (conversion.TimeLeft is { } left)
            status += $", {Sizes.Format(left)} left";
        return status;
    }

    private static bool IsFurther(P2VConversion conversion) =>
        conversion.State is P2VConversionState.Synchronizing or P2VConversionState.Verifying;

    private static bool Moves(P2VConversion conversion) => conversion.State == P2VConversionState.Copying || IsFurther(conversion);

    private static (long Done, long Total) Figures(P2VConversion conversion) =>
        IsFurther(conversion)
            ? (conversion.Activity.Sum(v => v.BytesCopied), conversion.Activity.Sum(v => v.BytesTotal))
            : (conversion.BytesCopied, conversion.BytesTotal);

    private void Say(P2VConversion conversion)
    {
        var now = DateTimeOffset.UtcNow;
        if (conversion.State == state && now - saidAt < VerbosePause)
            return;
        state = conversion.State;
        saidAt = now;
        output.WriteVerbose($"{conversion.Name}: {conversion.PercentComplete:0} %, {StatusOf(conversion)}");
    }

    private ProgressRecord VolumeRecord(P2VConversionVolume volume)
    {
        var status =
            $"{ByteSize.FormatProgress(volume.BytesCopied)} of {ByteSize.FormatProgress(volume.BytesTotal)}, "
            + $"{volume.FilesCopied} of {volume.FilesTotal} files";
        var percent = volume.BytesTotal > 0 ? (int)Math.Min(100, 100.0 * volume.BytesCopied / volume.BytesTotal) : -1;
        return new ProgressRecord(IdOf(volume), volume.Name, status) { ParentActivityId = activity, PercentComplete = percent };
    }

    private int IdOf(P2VConversionVolume volume)
    {
        if (!volumes.TryGetValue(volume.Name, out var id))
            volumes[volume.Name] = id = activity + 1 + volumes.Count;
        return id;
    }

    private void Show(ProgressRecord record)
    {
        shown.Add(record.ActivityId);
        output.WriteProgress(record);
    }

    private void End(int id)
    {
        if (shown.Remove(id))
            output.WriteProgress(new ProgressRecord(id, "done", "done") { RecordType = ProgressRecordType.Completed });
    }

    private static int Seconds(TimeSpan? time) => time is { } t && t.TotalSeconds < int.MaxValue ? (int)t.TotalSeconds : -1;
}
