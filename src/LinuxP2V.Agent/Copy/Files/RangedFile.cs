using System.Globalization;
using System.Text;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Agent.Source;
using LinuxP2V.Agent.Storage;
using LinuxP2V.Protocol.Messages;
using Microsoft.Win32.SafeHandles;

namespace LinuxP2V.Agent.Copy.Files;

/// <summary>
/// A file so large that several streams read it at once, by ranges. Its metadata comes from its tar header, read before the
/// first range and after the last: if they differ, it changed under the reader. So does the map of its holes, which stay.
/// </summary>
internal sealed class RangedFile : IDisposable
{
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
    private volatile bool isShort;

    /// <param name="noted">Its ranges that an earlier run wrote.</param>
    public RangedFile(TransferContext context, CopyTree tree, int entry, IReadOnlyDictionary<int, FinishedUnit> noted)
    {
        (this.context, Entry, this.noted) = (context, entry, noted);
        sourcePath = context.Manifest.PathOf(entry);
        targetPath = tree.Paths[entry];
        name = tree.TextOf(entry);
    }

    public int Entry { get; }

    /// <summary>What a range must have been read of to be of use later. What tar brings is not done by ranges.</summary>
    public string Stamp =>
        string.Create(CultureInfo.InvariantCulture, $"{before?.Size}:{before?.ModifyTime}{(before?.Map is null ? ":whole" : "")}");

    /// <summary>Opens the copy, and reads from the source what the file is there. The first caller does it, for all.</summary>
    public Task<RangedState> OpenAsync(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            return opening ??= OpenOnceAsync(cancellationToken);
        }
    }

    /// <summary>Whether an earlier run wrote this range of the file as it still is, and what it wrote is there.</summary>
    public bool IsKept(RangeUnit range) => isKept && noted.TryGetValue(range.Number, out var unit) && unit.Stamp == Stamp;

    /// <summary>Counts what need not come again.</summary>
    public void AddKept(RangeUnit range) => context.Progress.Add(noted[range.Number].Bytes, noted[range.Number].Files);

    /// <returns>Bytes that came; null when not all of it could be read.</returns>
    public async Task<long?> ReadAsync(RangeUnit range, CancellationToken cancellationToken)
    {
        var end = range.IsLast ? before!.Size : Math.Min(before!.Size, range.Offset + range.Length);
        if (end <= range.Offset)
            return 0;

        var pieces = before.Map!.Within(range.Offset, end);
        if (pieces.Count == 0)
            return 0;

        var meter = await context.Work.Streams.RunAsync((lane, token) => ReadAsync(lane, pieces, token), cancellationToken);
        context.Progress.Keep(meter);
        readError = meter.ReadError ?? readError;
        if (meter.ReadError is null && meter.Bytes == pieces.Sum(piece => piece.Length))
            return meter.Bytes;

        isShort |= meter.ReadError is null;
        return null;
    }

    /// <summary>Gives it its metadata.</summary>
    /// <returns>False when it is gone from the source.</returns>
    /// <exception cref="AgentException">SourceAnswerInvalid: less came than the file holds, and it did not change.</exception>
    public async Task<bool> CompleteAsync(CancellationToken cancellationToken)
    {
        Dispose();
        var (after, messages) = await ReadHeaderAsync(findsHoles: false, cancellationToken);
        messages.Report(context.Incidents);
        if (after is null or { IsFile: false })
            return false;

        if (readError is not null)
            context.Incidents.Report(new CopyIncident(CopyIncidentKind.Unreadable, name, readError));
        else if (after.Size != before!.Size || after.ModifyTime != before.ModifyTime)
            context.Incidents.Report(new CopyIncident(CopyIncidentKind.Changed, name, null));
        else if (isShort)
        {
            throw new AgentException(
                ErrorIds.SourceAnswerInvalid,
                $"dd on {context.Work.Streams.Source.Name} sent less of {name} of {context.Work.Volume.Id} than the file holds, and said "
                    + "nothing.",
                "Look at the dd of the source: whether somebody replaced it. Resume the conversion when that is clear."
            );
        }

        await FileMetadata.GiveAsync(context, after, targetPath, name, cancellationToken);
        if (readError is not null)
            UnreadMark.Set(context.Work.TargetPath, sourcePath);

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
        (before, var messages) = await ReadHeaderAsync(context.Manifest[Entry].HasHoles, cancellationToken);
        if (before is null)
        {
            messages.Report(context.Incidents);
            return RangedState.Gone;
        }

        if (!before.IsFile)
            return RangedState.Other;

        // An earlier run that came to its end has given it its other names, which take what is written now too.
        isKept =
            noted.Values.Any(unit => unit.Stamp == Stamp)
            && NativeFiles.Read(targetPath, out var status) == 0
            && status.Type == EntryType.File
            && status.Size == before.Size
            && status.Links <= Math.Max(1, context.Manifest[Entry].Links);
        if (before.Map is null)
            return RangedState.Other;

        if (!isKept)
            _ = NativeFiles.Unlink(targetPath);

        handle = OpenTarget(out var error);
        if (error != 0)
            throw await FailAsync(NativeFiles.Describe(error), error is NativeFiles.NoSpace or NativeFiles.OverQuota, cancellationToken);

        if (!isKept && context.NoCow.Contains(Entry))
            _ = NativeFlags.SetNoCow(handle, true);

        direct = NativeFiles.OpenForDirectWriting(handle, out error);
        if (error != 0)
            throw await FailAsync(NativeFiles.Describe(error), isFull: false, cancellationToken);

        try
        {
            if (!isKept)
                RandomAccess.SetLength(handle, before.Size);
        }
        catch (IOException exception)
        {
            throw await FailAsync(exception, cancellationToken);
        }

        return RangedState.Open;
    }

    /// <summary>A link in the copy leads nowhere, whatever the source has made of a folder meanwhile.</summary>
    private SafeFileHandle OpenTarget(out int error)
    {
        using var root = NativeFolders.OpenFolder(null, Encoding.UTF8.GetBytes(context.Work.TargetPath + "\0"), out error);
        return error != 0
            ? new SafeFileHandle()
            : NativeFolders.OpenBeneath(root, [.. sourcePath, 0], isKept ? BeneathAccess.Write : BeneathAccess.WriteNew, out error);
    }

    private async Task<(SourceHeader? Header, SourceMessages Messages)> ReadHeaderAsync(
        bool findsHoles,
        CancellationToken cancellationToken
    ) =>
        await context.Work.Streams.RunAsync(
            async (lane, token) =>
            {
                var messages = new SourceMessages(seesBelowMounts: true);
                return (await SourceHeader.ReadAsync(context, Entry, messages, lane, findsHoles, token), messages);
            },
            cancellationToken
        );

    private async Task<RangeMeter> ReadAsync(ISourceLane lane, IReadOnlyList<ByteRange> pieces, CancellationToken cancellationToken)
    {
        try
        {
            return await new RangeStream(context, sourcePath, name, handle!, direct!).BringAsync(lane, pieces, cancellationToken);
        }
        catch (IOException exception)
        {
            throw await FailAsync(exception, cancellationToken);
        }
    }

    private Task<AgentException> FailAsync(IOException exception, CancellationToken cancellationToken)
    {
        const int DiskFullResult = unchecked((int)0x80070070);
        return FailAsync(exception.Message, exception.HResult is DiskFullResult or NativeFiles.NoSpace, cancellationToken);
    }

    private async Task<AgentException> FailAsync(string detail, bool isFull, CancellationToken cancellationToken) =>
        isFull
            ? await TargetDiskFull.DescribeAsync(context.Work.Volume, context.Work.TargetPath, cancellationToken)
            : new AgentException(
                ErrorIds.CopyFailed,
                $"The helper could not write {name} of {context.Work.Volume.Id}.",
                "See the helper's log. What was copied stays; resume the conversion.",
                detail
            );
}

internal enum RangedState
{
    /// <summary>Its ranges can be read.</summary>
    Open,

    /// <summary>Gone from the source, or not readable.</summary>
    Gone,

    /// <summary>tar must bring it: no plain file by now, or too many holes.</summary>
    Other,
}
