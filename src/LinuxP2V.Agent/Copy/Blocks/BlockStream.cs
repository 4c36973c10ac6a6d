using LinuxP2V.Agent.Source;
using LinuxP2V.Protocol.Messages;
using LinuxP2V.Protocol.Shell;
using Microsoft.Win32.SafeHandles;

namespace LinuxP2V.Agent.Copy.Blocks;

/// <summary>Brings ranges of a device on the source onto the copy's device, several parts at once.</summary>
internal sealed class BlockStream(VolumeWork work, IFrozenView view)
{
    private const long PartBytes = 128L << 20;
    private const int BufferBytes = 1 << 20;
    private const int PartsAtOnce = 8;

    /// <param name="written">Gets the number of bytes of each write.</param>
    /// <exception cref="AgentException">SourceConnectionLost, CopyFailed.</exception>
    public async Task CopyAsync(BlockMap map, Action<int> written, CancellationToken cancellationToken)
    {
        using var target = File.OpenHandle(work.TargetDevice, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        var options = new ParallelOptions { MaxDegreeOfParallelism = work.Streams.Options.StreamCount ?? PartsAtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(map.Split(PartBytes), options, async (part, token) =>
            await work.Streams.RunAsync((lane, laneToken) => BringAsync(lane, part, target, written, laneToken), token));
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
        ISourceLane lane, IReadOnlyList<ByteRange> part, SafeFileHandle target, Action<int> written, CancellationToken cancellationToken)
    {
        var script = $$"""
            while read -r skip count; do
              dd if={{PosixShell.Quote(view.Device)}} bs={{BlockMap.Unit}} skip="$skip" count="$count" 2>/dev/null || exit 3
            done
            """;
        var list = string.Concat(part.Select(range => FormattableString.Invariant(
            $"{range.Start / BlockMap.Unit} {(range.Length + BlockMap.Unit - 1) / BlockMap.Unit}\n")));
        var words = new Verify.LastWords();
        using var stream = lane.Start(
            view.Beside(script), words.Add, (input, token) => input.WriteAsync(System.Text.Encoding.ASCII.GetBytes(list), token).AsTask());
        await using var registration = cancellationToken.Register(stream.Kill);
        var output = work.Streams.Limiter.Throttle(stream.Output);
        var isWhole = await Task.Factory.StartNew(
            () => Pump(output, part, target, written), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        cancellationToken.ThrowIfCancellationRequested();
        var exitCode = await stream.WaitAsync(cancellationToken);
        return exitCode == 0 && isWhole ? true : throw new AgentException(
            ErrorIds.CopyFailed,
            $"{work.Streams.Source.Name} could not read all used blocks of {view.Device} (exit code {exitCode}).",
            "See the kernel's log of the source for read errors; or copy the files instead (-CopyMode File).",
            words.ToString());
    }

    /// <returns>Whether every range came whole.</returns>
    private static bool Pump(Stream from, IReadOnlyList<ByteRange> part, SafeFileHandle target, Action<int> written)
    {
        NativeMethods.EnlargePipe(from, BufferBytes);
        var buffer = new byte[BufferBytes];
        foreach (var range in part)
        {
            for (var at = range.Start; at < range.End;)
            {
                int count;
                try
                {
                    count = from.ReadAtLeast(buffer.AsSpan(0, (int)Math.Min(BufferBytes, range.End - at)), (int)Math.Min(BufferBytes, range.End - at), throwOnEndOfStream: false);
                }
                catch (Exception exception) when (exception is IOException or ObjectDisposedException)
                {
                    count = 0;
                }

                if (count == 0)
                    return false;

                try
                {
                    RandomAccess.Write(target, buffer.AsSpan(0, count), at);
                }
                catch (IOException exception)
                {
                    throw NotWritten(exception);
                }

                written(count);
                at += count;
            }

            // dd reads whole units: what it brings beyond the file system's end is not the file system's.
            var rest = (int)((BlockMap.Unit - (range.Length % BlockMap.Unit)) % BlockMap.Unit);
            if (rest > 0)
                _ = from.ReadAtLeast(buffer.AsSpan(0, rest), rest, throwOnEndOfStream: false);
        }

        return true;
    }

    private static AgentException NotWritten(IOException exception) => new(
        new ErrorDescription(
            ErrorIds.CopyFailed, "The helper could not write to the copy's disk.", "Check the datastore, then resume the conversion.", exception.Message),
        exception);
}
