using LinuxP2V.Agent.Copy.Flags;
using LinuxP2V.Agent.Listing;
using LinuxP2V.Agent.Volumes;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Verify;

/// <summary>Asks both ends the same of the same entries, batch by batch, several at once, and reports where they differ.</summary>
internal sealed class Comparison(
    VolumeWork work,
    Manifest source,
    DifferenceReport report,
    IComparisonSide onSource,
    IComparisonSide inCopy
)
{
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(500);

    private readonly Lock gate = new();
    private long lastReport;
    private long bytesTotal;
    private long filesTotal;

    /// <summary>Files whose contents were read on both ends.</summary>
    public long Files { get; private set; }

    public long Bytes { get; private set; }

    /// <param name="emptyFiles">Whose equal sizes say it all.</param>
    public void Expect(long files, long bytes, long emptyFiles)
    {
        (filesTotal, bytesTotal, Files) = (files + emptyFiles, bytes, emptyFiles);
        ReportProgress();
    }

    public Task RunAsync(IEnumerable<Batch> batches, CancellationToken cancellationToken)
    {
        // One batch more than streams: a stream must find the next one waiting.
        var options = new ParallelOptions { MaxDegreeOfParallelism = Ahead, CancellationToken = cancellationToken };
        return Parallel.ForEachAsync(batches, options, async (batch, token) => await CompareAsync(batch, token));
    }

    private int Ahead => (work.Streams.Options.StreamCount ?? StreamsAtMost) + 1;

    private const int StreamsAtMost = 8;

    private async Task CompareAsync(Batch batch, CancellationToken cancellationToken)
    {
        var paths = batch.Entries.Select(PathOf).ToList();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var there = onSource.AskAsync(batch.Check, paths, either.Token);
        var here = inCopy.AskAsync(batch.Check, paths, either.Token);
        // The one end must not go on for hours when the other broke.
        await Task.WhenAny(there, here);
        if (there.IsFaulted || here.IsFaulted)
            await either.CancelAsync();

        await Task.WhenAll(there, here);
        Compare(batch, await there, await here);
    }

    private void Compare(Batch batch, string?[] there, string?[] here)
    {
        var isContents = batch.Check.Kind == DifferenceKind.Content;
        var (files, bytes) = (0L, 0L);
        for (var i = 0; i < there.Length; i++)
        {
            var (entry, original, copy) = (batch.Entries[i], there[i], here[i]);
            if (isContents && original is not null && copy is not null)
            {
                files++;
                bytes += source[entry].Size;
            }

            if (batch.Check.Kind == DifferenceKind.Attributes)
                (original, copy) = (original ?? "", copy ?? "");
            else if (batch.Check.Kind == DifferenceKind.Flags)
                (original, copy) = (FlagsText(original), FlagsText(copy));

            if (original is null || original != copy)
                Report(batch.Check.Kind, entry, original, copy);
        }

        if (!isContents)
            return;

        lock (gate)
        {
            Files += files;
            Bytes += bytes;
            if (Environment.TickCount64 - lastReport >= ProgressInterval.TotalMilliseconds)
                ReportProgress();
        }
    }

    private void Report(DifferenceKind kind, int entry, string? original, string? copy)
    {
        var (onSourceText, inCopyText) =
            kind == DifferenceKind.Attributes
                ? (AttributeSet.Beyond(original!, copy!), AttributeSet.Beyond(copy!, original!))
                : (TextOf(original), TextOf(copy));
        report.Suspect(entry, kind, onSourceText, inCopyText);
    }

    /// <summary>Of a file that has none there is no answer.</summary>
    private string FlagsText(string? answer)
    {
        var flags = FlagSet.Parse(answer ?? "");
        if (work.Volume.FileSystem.Kind == FileSystemKind.Btrfs)
            flags = flags.ComparedOnBtrfs;

        return flags.IsEmpty ? "none" : flags.ToString();
    }

    private static string TextOf(string? answer) => answer is null ? "cannot be read" : EntryDescription.Text(answer);

    private byte[] PathOf(int entry) => entry == Manifest.Root ? [(byte)'.'] : [(byte)'.', (byte)'/', .. source.PathOf(entry)];

    private void ReportProgress()
    {
        lastReport = Environment.TickCount64;
        work.Sink.Report(
            new VolumeProgressEvent
            {
                VolumeId = work.Volume.Id,
                BytesDone = Bytes,
                BytesTotal = bytesTotal,
                FilesDone = Files,
                FilesTotal = filesTotal,
            }
        );
    }
}
