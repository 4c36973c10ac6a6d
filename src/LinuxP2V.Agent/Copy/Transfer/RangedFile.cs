using System.Globalization;
using LinuxP2V.Agent.Source;
using LinuxP2V.Protocol.Messages;
using Microsoft.Win32.SafeHandles;

namespace LinuxP2V.Agent.Copy.Transfer;

/// <summary>
/// A file so large that several streams read it at once, by ranges. Its data is written in place, past the page cache, which
/// would copy it once more and is of no use to whoever comes after; its metadata comes from its tar header, read before the
/// first range and after the last: if they differ, it changed under the reader.
/// </summary>
internal sealed class RangedFile : IDisposable
{
    private const int BufferBytes = TransferSettings.MebiByte;
    private const int KeptLines = 20;

    private readonly TransferContext context;
    private readonly byte[] sourcePath;
    private readonly byte[] targetPath;
    private readonly string name;
    private readonly IReadOnlyDictionary<int, FinishedUnit> noted;
    private readonly Lock gate = new();
    private Task<RangedState>? opening;
    private SafeFileHandle? handle;
    private SafeFileHandle? direct;
    private SourceHeader? before;
    private bool isKept;
    private string? readError;

    /// <param name="noted">Its ranges that an earlier run wrote.</param>
    public RangedFile(TransferContext context, CopyTree tree, int entry, IReadOnlyDictionary<int, FinishedUnit> noted)
    {
        (this.context, Entry, this.noted) = (context, entry, noted);
        sourcePath = context.Manifest.PathOf(entry);
        targetPath = tree.Paths[entry];
        name = tree.TextOf(entry);
    }

    public int Entry { get; }

    /// <summary>What a range must have been read of to be of use later.</summary>
    public string Stamp => string.Create(CultureInfo.InvariantCulture, $"{before?.Size}:{before?.ModifyTime}");

    /// <summary>Opens it here and learns what it is there; once, whoever asks first.</summary>
    public Task<RangedState> OpenAsync(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            return opening ??= OpenOnceAsync(cancellationToken);
        }
    }

    /// <summary>Whether an earlier run wrote this range of the file as it still is, and what it wrote is there.</summary>
    public bool IsKept(RangeUnit range) => isKept && noted.TryGetValue(range.Number, out var unit) && unit.Stamp == Stamp;

    /// <summary>Counts a range that need not come again.</summary>
    public void AddKept(long bytes) => context.Progress.Add(bytes, 0);

    /// <returns>Bytes that came; null when not all of it could be read.</returns>
    public async Task<long?> ReadAsync(RangeUnit range, CancellationToken cancellationToken)
    {
        var end = range.IsLast ? before!.Size : Math.Min(before!.Size, range.Offset + range.Bytes);
        if (end <= range.Offset)
            return 0;

        var meter = await context.Work.Streams.RunAsync((lane, token) => ReadAsync(lane, range.Offset, end, token), cancellationToken);
        context.Progress.Keep(meter);
        return meter.IsUnreadable ? null : meter.Bytes;
    }

    /// <summary>Gives it its metadata.</summary>
    /// <returns>False when it is gone from the source.</returns>
    public async Task<bool> CompleteAsync(CancellationToken cancellationToken)
    {
        Dispose();
        var (after, words) = await ReadHeaderAsync(cancellationToken);
        words.Report(context.Incidents);
        if (after is null or { IsFile: false })
            return false;

        if (readError is not null)
            context.Incidents.Report(new TarIncident(CopyIncidentKind.Unreadable, name, readError));
        else if (after.Size != before!.Size || after.ModifyTime != before.ModifyTime)
            context.Incidents.Report(new TarIncident(CopyIncidentKind.Changed, name, null));

        await FileMetadata.GiveAsync(context, after, targetPath, name, cancellationToken);
        if (readError is not null)
            UnreadMark.Set(targetPath);

        context.Progress.Add(0, 1);
        return true;
    }

    public void Dispose()
    {
        direct?.Dispose();
        handle?.Dispose();
    }

    private async Task<RangedState> OpenOnceAsync(CancellationToken cancellationToken)
    {
        (before, var words) = await ReadHeaderAsync(cancellationToken);
        if (before is null)
        {
            words.Report(context.Incidents);
            return RangedState.Gone;
        }

        if (!before.IsFile)
            return RangedState.Other;

        // An earlier run that came to its end has given it its other names, which take what is written now too.
        isKept = noted.Values.Any(unit => unit.Stamp == Stamp)
            && NativeFiles.Read(targetPath, out var status) == 0 && status.Type == Manifests.EntryType.File && status.Size == before.Size
            && status.Links <= Math.Max(1, context.Manifest[Entry].Links);
        if (!isKept)
            _ = NativeFiles.Unlink(targetPath);

        handle = NativeFiles.OpenForWriting(targetPath, mustBeNew: !isKept, out var error);
        if (error != 0)
            throw await FailAsync(NativeFiles.Describe(error), error is NativeFiles.NoSpace or NativeFiles.OverQuota, cancellationToken);

        direct = NativeFiles.OpenForDirectWriting(handle, out error);
        if (error != 0)
            throw await FailAsync(NativeFiles.Describe(error), isFull: false, cancellationToken);

        if (!isKept)
            RandomAccess.SetLength(handle, before.Size);

        return RangedState.Open;
    }

    private async Task<(SourceHeader? Header, SourceWords Words)> ReadHeaderAsync(CancellationToken cancellationToken) =>
        await context.Work.Streams.RunAsync(
            async (lane, token) =>
            {
                var words = new SourceWords(seesBelowMounts: true);
                return (await SourceHeader.ReadAsync(context, Entry, words, lane, token), words);
            },
            cancellationToken);

    private async Task<RangeMeter> ReadAsync(ISourceLane lane, long offset, long end, CancellationToken cancellationToken)
    {
        var words = new List<string>();
        var meter = new RangeMeter();
        context.Progress.Watch(meter);
        try
        {
            var blocks = (end - offset + TransferSettings.MebiByte - 1) / TransferSettings.MebiByte;
            var script = context.Script.Range(sourcePath, offset / TransferSettings.MebiByte, blocks);
            using var stream = lane.Start(context.Compression.Wrap(script), line => OnWords(line, words));
            await using var registration = cancellationToken.Register(stream.Kill);
            await Task.Factory.StartNew(
                () => Pump(stream, offset, end, meter, cancellationToken), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            cancellationToken.ThrowIfCancellationRequested();
            var exitCode = await stream.WaitAsync(cancellationToken);
            if (exitCode == ISourceView.NotMounted)
                new SourceWords(seesBelowMounts: true).Judge(context.Work, exitCode, new TarMeter());

            // What could not be read stays zeros, as tar leaves it. Only dd itself can tell so: whatever else ends that way is
            // a shell, a mount or a packer that failed.
            if (exitCode == 1 && words.Find(line => line.StartsWith("dd: ", StringComparison.Ordinal)) is { } word)
                (readError, meter.IsUnreadable) = (word, true);
            else if (exitCode != 0)
                throw Failed(exitCode, words);
            else if (meter.IsDamaged)
                throw await FailAsync("its data came damaged", isFull: false, cancellationToken);

            return meter;
        }
        catch (IOException exception)
        {
            context.Progress.Forget(meter);
            const int DiskFullResult = unchecked((int)0x80070070);
            throw await FailAsync(exception.Message, exception.HResult is DiskFullResult or NativeFiles.NoSpace, cancellationToken);
        }
        catch
        {
            context.Progress.Forget(meter);
            throw;
        }
    }

    private void Pump(ISourceStream stream, long offset, long end, RangeMeter meter, CancellationToken cancellationToken)
    {
        NativeMethods.EnlargePipe(stream.Output, BufferBytes);
        using var from = context.Compression.Unpack(context.Work.Streams.Limiter.Throttle(stream.Output, cancellationToken));
        using var buffer = new PageBuffer(BufferBytes);
        while (true)
        {
            int count;
            try
            {
                // Full but at the end: a range begins at a page, and so does each write.
                count = from.ReadAtLeast(buffer.Span, BufferBytes, throwOnEndOfStream: false);
            }
            catch (Exception exception) when (exception is IOException or ObjectDisposedException or InvalidDataException)
            {
                // Told by the one who waits for the command's end, but for data that was damaged on its way.
                meter.IsDamaged = exception is InvalidDataException;
                return;
            }

            if (count == 0)
                return;

            // Of a file that grew, dd brings the rest of the last block too.
            count = (int)Math.Min(count, end - offset);
            var pages = count - (count % PageBuffer.PageBytes);
            RandomAccess.Write(direct!, buffer.Span[..pages], offset);
            RandomAccess.Write(handle!, buffer.Span[pages..count], offset + pages);
            offset += count;
            meter.Add(count);
        }
    }

    private async Task<AgentException> FailAsync(string detail, bool isFull, CancellationToken cancellationToken) => isFull
        ? await TargetDiskFull.DescribeAsync(context.Work.Volume, context.Work.TargetPath, cancellationToken)
        : new AgentException(
            ErrorIds.CopyFailed,
            $"The helper could not write {name} of {context.Work.Volume.Id}.",
            "See the helper's log. What was copied stays; resume the conversion.",
            detail);

    private static void OnWords(string line, List<string> words)
    {
        if (words.Count < KeptLines)
            words.Add(line);
    }

    private AgentException Failed(int exitCode, List<string> words) => new(
        ErrorIds.CopyFailed,
        $"dd on {context.Work.Streams.Source.Name} failed for {name} of {context.Work.Volume.Id} with exit code {exitCode}.",
        "See what the source says below, put it right, and resume the conversion.",
        string.Join(" / ", words.TakeLast(4)));

    private sealed class RangeMeter : IMeter
    {
        private long bytes;

        public long Bytes => Volatile.Read(ref bytes);

        public long Files => 0;

        public bool IsDamaged { get; set; }

        public bool IsUnreadable { get; set; }

        public void Add(int count) => Volatile.Write(ref bytes, bytes + count);
    }
}

internal enum RangedState
{
    /// <summary>Its ranges can be read.</summary>
    Open,

    /// <summary>Gone from the source, or not readable.</summary>
    Gone,

    /// <summary>No plain file by now: tar brings it.</summary>
    Other,
}
