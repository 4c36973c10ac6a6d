using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Agent.Source;
using LinuxP2V.Agent.Streams;
using LinuxP2V.Agent.Views;
using LinuxP2V.Agent.Volumes;
using LinuxP2V.Protocol.Messages;
using LinuxP2V.Protocol.Shell;
using Microsoft.Win32.SafeHandles;

namespace LinuxP2V.Agent.Copy.Blocks;

/// <summary>Brings ranges of a device on the source onto the copy's device, several parts at once.</summary>
internal sealed class BlockStream(VolumeWork work, IFrozenView view, StreamCompression compression)
{
    private const long PartBytes = 128L << 20;
    private const int BufferBytes = 1 << 20;
    private const int PartsAtOnce = 8;

    /// <param name="written">Gets the number of bytes of each write; less than 0: so many of them come again.</param>
    /// <exception cref="AgentException">
    /// SourceConnectionLost, CopyFailed, VolumeNotFound: the volume does not keep still any more.
    /// </exception>
    public async Task CopyAsync(BlockMap map, Action<long> written, CancellationToken cancellationToken)
    {
        // Past the page cache: what is written is not read here again, and a copy of all of it costs as much as the disk.
        using var target = NativeFiles.OpenForDirectWriting(System.Text.Encoding.UTF8.GetBytes(work.TargetDevice + "\0"), out var error);
        if (error != 0)
            throw NotWritten(new IOException(NativeFiles.Describe(error)));

        var options = new ParallelOptions
        {
            MaxDegreeOfParallelism = work.Streams.Options.StreamCount ?? PartsAtOnce,
            CancellationToken = cancellationToken,
        };
        await Parallel.ForEachAsync(
            map.Split(PartBytes),
            options,
            async (part, token) =>
                await work.Streams.RunAsync((lane, laneToken) => BringAsync(lane, part, target, written, laneToken), token)
        );
        await CheckFrozenAsync(cancellationToken);
        try
        {
            RandomAccess.FlushToDisk(target);
        }
        catch (IOException exception)
        {
            throw NotWritten(exception);
        }
    }

    private async Task<bool> BringAsync(
        ISourceLane lane,
        IReadOnlyList<ByteRange> part,
        SafeFileHandle target,
        Action<long> written,
        CancellationToken cancellationToken
    )
    {
        var brought = 0L;
        try
        {
            await BringOnceAsync(
                lane,
                part,
                target,
                count =>
                {
                    brought += count;
                    written(count);
                },
                cancellationToken
            );
            return true;
        }
        catch
        {
            written(-brought);
            throw;
        }
    }

    private async Task BringOnceAsync(
        ISourceLane lane,
        IReadOnlyList<ByteRange> part,
        SafeFileHandle target,
        Action<int> written,
        CancellationToken cancellationToken
    )
    {
        var script = $$"""
            while read -r skip count; do
              dd if={{PosixShell.Quote(view.Device)}} bs={{BlockMap.Unit}} skip="$skip" count="$count" 2>/dev/null || exit 3
            done
            """;
        var list = string.Concat(
            part.Select(range =>
                FormattableString.Invariant($"{range.Start / BlockMap.Unit} {(range.Length + BlockMap.Unit - 1) / BlockMap.Unit}\n")
            )
        );
        var lastLines = new LastLines();
        using var stream = lane.Start(
            compression.Wrap(view.Beside(script)),
            lastLines.Add,
            CommandInput.Of(System.Text.Encoding.ASCII.GetBytes(list))
        );
        await using var registration = cancellationToken.Register(stream.Kill);
        var output = work.Streams.Limiter.Throttle(stream.Output, cancellationToken);
        var isWhole = await Task.Factory.StartNew(
            () => Pump(output, part, target, written),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default
        );
        cancellationToken.ThrowIfCancellationRequested();
        var exitCode = await stream.WaitAsync(cancellationToken);
        if (exitCode == ISourceView.NotMounted)
            throw NotFrozen();
        if (exitCode != 0 || !isWhole)
        {
            throw new AgentException(
                ErrorIds.CopyFailed,
                $"{work.Streams.Source.Name} could not read all used blocks of {view.Device} (exit code {exitCode}).",
                "See the kernel's log of the source for read errors; or copy the files instead (-CopyMode File).",
                lastLines.ToString()
            );
        }
    }

    /// <summary>Once more behind the last block: it may have changed under the reader.</summary>
    private async Task CheckFrozenAsync(CancellationToken cancellationToken)
    {
        var exitCode = await work.Streams.RunAsync(
            async (lane, token) =>
            {
                using var stream = lane.Start(view.Beside("exit 0"));
                await using var registration = token.Register(stream.Kill);
                return await stream.WaitAsync(token);
            },
            cancellationToken
        );
        if (exitCode != 0)
            throw NotFrozen();
    }

    private AgentException NotFrozen() =>
        new(
            ErrorIds.VolumeNotFound,
            $"{work.Volume.Id} on {work.Streams.Source.Name} does not keep still any more: "
                + "its snapshot is gone, or it is mounted for writing.",
            "Resume the conversion: the volume is copied anew.",
            view.Device
        );

    /// <returns>Whether every range came whole.</returns>
    private bool Pump(Stream throttled, IReadOnlyList<ByteRange> part, SafeFileHandle target, Action<int> written)
    {
        using var from = compression.Unpack(throttled);
        using var buffer = new PageBuffer(BufferBytes);
        return Pump(from, buffer.Span, part, target, written);
    }

    private static bool Pump(Stream from, Span<byte> buffer, IReadOnlyList<ByteRange> part, SafeFileHandle target, Action<int> written)
    {
        foreach (var range in part)
        {
            // dd reads whole units: what it brings beyond the file system's end is not the file system's.
            var rest = (int)((BlockMap.Unit - (range.Length % BlockMap.Unit)) % BlockMap.Unit);
            var at = range.Start;
            while (at < range.End)
            {
                var wanted = (int)Math.Min(BufferBytes, range.End - at);
                if (ReadSome(from, buffer[..wanted]) is var count && count < wanted)
                    return false;

                try
                {
                    RandomAccess.Write(target, buffer[..count], at);
                }
                catch (IOException exception)
                {
                    throw NotWritten(exception);
                }

                written(count);
                at += count;
            }

            // Less where the device ends.
            if (rest > 0)
                _ = ReadSome(from, buffer[..rest]);
        }

        // To the end of the stream: packed data is checked there.
        return ReadSome(from, buffer) == 0;
    }

    /// <summary>As much as fits, or up to the end of the stream; nothing where it broke: why, its command tells.</summary>
    private static int ReadSome(Stream from, Span<byte> buffer)
    {
        try
        {
            return from.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or InvalidDataException)
        {
            return -1;
        }
    }

    private static AgentException NotWritten(IOException exception) =>
        new(
            new ErrorDescription(
                ErrorIds.CopyFailed,
                "The helper could not write to the copy's disk.",
                "Check the datastore, then resume the conversion.",
                exception.Message
            ),
            exception
        );
}
