using System.Globalization;
using System.Text;
using LinuxP2V.Agent.Copy.Tar;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Agent.Source;
using LinuxP2V.Agent.Views;
using LinuxP2V.Protocol.Messages;
using Microsoft.Win32.SafeHandles;

namespace LinuxP2V.Agent.Copy.Files;

/// <summary>
/// Brings pieces of one file over a lane. They are written in place, past the page cache, which would copy them once more
/// and is of no use to whoever comes after.
/// </summary>
/// <param name="path">On the source, from the volume's root.</param>
/// <param name="cached">The copy's file, for what is no whole page, or too little to wait for the disk.</param>
/// <param name="direct">The same file past the page cache.</param>
internal sealed class RangeStream(TransferContext context, byte[] path, string name, SafeFileHandle cached, SafeFileHandle direct)
{
    private const int BufferBytes = TransferSettings.MebiByte;
    private const int KeptLines = 20;

    private readonly List<string> errorLines = [];

    /// <param name="pieces">Rising.</param>
    /// <returns>What came, and what could not be read: that stays zeros, as tar leaves it.</returns>
    /// <exception cref="AgentException">SourceConnectionLost, CopyFailed.</exception>
    /// <exception cref="IOException">The copy's disk took it not.</exception>
    public async Task<RangeMeter> BringAsync(ISourceLane lane, IReadOnlyList<ByteRange> pieces, CancellationToken cancellationToken)
    {
        var meter = new RangeMeter();
        context.Progress.Watch(meter);
        try
        {
            await BringAsync(lane, pieces, meter, cancellationToken);
            return meter;
        }
        catch
        {
            context.Progress.Forget(meter);
            throw;
        }
    }

    private async Task BringAsync(ISourceLane lane, IReadOnlyList<ByteRange> pieces, RangeMeter meter, CancellationToken cancellationToken)
    {
        var runs = FileMap.Runs(pieces);
        using var stream = lane.Start(
            context.Compression.Wrap(context.Script.Ranges(path, FileMap.Unit)),
            OnErrorLine,
            CommandInput.Of(ListOf(runs))
        );
        await using var registration = cancellationToken.Register(stream.Kill);
        var isDamaged = await Task.Factory.StartNew(
            () => Pump(stream, runs, pieces, meter, cancellationToken),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default
        );
        cancellationToken.ThrowIfCancellationRequested();
        var exitCode = await stream.WaitAsync(cancellationToken);
        if (exitCode == ISourceView.NotMounted)
            new SourceMessages(seesBelowMounts: true).Judge(context.Work, exitCode, new TarMeter());

        // Only dd itself can tell that it could not read: whatever else ends that way is a shell, a mount or a packer that
        // failed.
        if (exitCode == 1 && errorLines.Find(line => line.StartsWith("dd: ", StringComparison.Ordinal)) is { } message)
            meter.ReadError = message;
        else if (exitCode != 0)
            throw Failed(
                $"dd ended with exit code {exitCode.ToString(CultureInfo.InvariantCulture)}",
                string.Join(" / ", errorLines.TakeLast(4))
            );
        else if (isDamaged)
            throw Failed("its data came damaged", null);
    }

    private static byte[] ListOf(IReadOnlyList<ByteRange> runs)
    {
        var list = new StringBuilder();
        foreach (var run in runs)
            list.Append(CultureInfo.InvariantCulture, $"{run.Start / FileMap.Unit} {run.Length / FileMap.Unit}\n");

        return Encoding.ASCII.GetBytes(list.ToString());
    }

    /// <returns>Whether what was packed cannot be unpacked.</returns>
    private bool Pump(
        ISourceStream stream,
        IReadOnlyList<ByteRange> runs,
        IReadOnlyList<ByteRange> pieces,
        RangeMeter meter,
        CancellationToken cancellationToken
    )
    {
        using var from = context.Compression.Unpack(context.Work.Streams.Limiter.Throttle(stream.Output, cancellationToken));
        using var buffer = new PageBuffer(BufferBytes);
        var next = 0;
        foreach (var run in runs)
        {
            var at = run.Start;
            while (at < run.End)
            {
                var wanted = (int)Math.Min(BufferBytes, run.End - at);
                if (!TryRead(from, buffer.Span[..wanted], out var count))
                    return true;

                // Of a file that grew, dd brings the rest of the last unit too: pieces end where the file did.
                for (; next < pieces.Count && pieces[next].Start < at + count; next++)
                {
                    var start = Math.Max(at, pieces[next].Start);
                    var end = Math.Min(at + count, pieces[next].End);
                    Write(buffer.Span[(int)(start - at)..(int)(end - at)], start);
                    meter.Add((int)(end - start));
                    if (pieces[next].End > at + count)
                        break;
                }

                // The file's end, or the stream's: what may still come belongs nowhere.
                if (count < wanted)
                    return !TrySkip(from, buffer.Span);

                at += count;
            }
        }

        // To the end of the stream: packed data is checked there.
        return !TrySkip(from, buffer.Span);
    }

    private void Write(ReadOnlySpan<byte> data, long offset)
    {
        var pages = data.Length < FileMap.Unit ? 0 : data.Length - (data.Length % PageBuffer.PageBytes);
        RandomAccess.Write(direct, data[..pages], offset);
        RandomAccess.Write(cached, data[pages..], offset + pages);
    }

    /// <summary>
    /// Reads as much as fits, or up to the end of the stream. The caller that waits for the command's end reports what
    /// broke.
    /// </summary>
    /// <returns>False when the data was damaged on its way.</returns>
    private static bool TryRead(Stream from, Span<byte> buffer, out int count)
    {
        count = 0;
        try
        {
            count = from.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            return true;
        }
        catch (InvalidDataException)
        {
            return false;
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            return true;
        }
    }

    private static bool TrySkip(Stream from, Span<byte> buffer)
    {
        while (TryRead(from, buffer, out var count))
        {
            if (count == 0)
                return true;
        }

        return false;
    }

    private void OnErrorLine(string line)
    {
        if (errorLines.Count < KeptLines)
            errorLines.Add(line);
    }

    private AgentException Failed(string what, string? detail) =>
        new(
            ErrorIds.CopyFailed,
            $"The helper could not read {name} of {context.Work.Volume.Id} from {context.Work.Streams.Source.Name}: {what}.",
            "See what the source says below, put it right, and resume the conversion.",
            detail
        );
}

/// <summary>Counts what came of one range.</summary>
internal sealed class RangeMeter : IMeter
{
    private long bytes;

    public long Bytes => Volatile.Read(ref bytes);

    public long Files => 0;

    /// <summary>dd's message where not all could be read.</summary>
    public string? ReadError { get; set; }

    public void Add(int count) => Volatile.Write(ref bytes, bytes + count);
}
