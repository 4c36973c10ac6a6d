using LinuxP2V.Agent.Copy.Tar;
using LinuxP2V.Agent.Events;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Copy.Files;

/// <summary>Adds up what all streams of one volume's transfer bring, and tells it twice a second. Disposing ends the telling.</summary>
internal sealed class TransferProgress : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private readonly string volumeId;
    private readonly IEventSink sink;
    private readonly long bytesTotal;
    private readonly long filesTotal;
    private readonly Lock gate = new();
    private readonly HashSet<IMeter> running = [];
    private readonly CancellationTokenSource end = new();
    private readonly Task telling;
    private long bytesDone;
    private long filesDone;
    private long bytesShown;
    private long filesShown;

    public TransferProgress(string volumeId, IEventSink sink, long bytesTotal, long filesTotal)
    {
        (this.volumeId, this.sink, this.bytesTotal, this.filesTotal) = (volumeId, sink, bytesTotal, filesTotal);
        telling = TellAsync();
    }

    /// <summary>A stream begins.</summary>
    public void Watch(IMeter meter)
    {
        lock (gate)
        {
            running.Add(meter);
        }
    }

    /// <summary>What the stream brought is in the copy.</summary>
    public void Keep(IMeter meter)
    {
        lock (gate)
        {
            running.Remove(meter);
            bytesDone += meter.Bytes;
            filesDone += meter.Files;
        }
    }

    /// <summary>The stream broke: what it brought comes again.</summary>
    public void Forget(IMeter meter)
    {
        lock (gate)
        {
            running.Remove(meter);
        }
    }

    public void Add(long bytes, long files)
    {
        lock (gate)
        {
            bytesDone += bytes;
            filesDone += files;
        }
    }

    /// <summary>All that is in the copy.</summary>
    public TransferResult Done
    {
        get
        {
            lock (gate)
            {
                return new TransferResult(bytesDone, filesDone);
            }
        }
    }

    /// <summary>Tells for the last time: what is done is all there was.</summary>
    public async Task CompleteAsync()
    {
        await DisposeAsync();
        var (bytes, files) = Done;
        Report(bytes, bytes, files, files);
    }

    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        await telling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task TellAsync()
    {
        using var timer = new PeriodicTimer(Interval);
        while (await timer.WaitForNextTickAsync(end.Token))
        {
            lock (gate)
            {
                // A stream that begins anew must not make it look as if the copy ran backwards.
                bytesShown = Math.Max(bytesShown, bytesDone + running.Sum(meter => meter.Bytes));
                filesShown = Math.Max(filesShown, filesDone + running.Sum(meter => meter.Files));
            }

            Report(bytesShown, Math.Max(bytesShown, bytesTotal), filesShown, Math.Max(filesShown, filesTotal));
        }
    }

    private void Report(long bytes, long bytesOfAll, long files, long filesOfAll) =>
        sink.Report(
            new VolumeProgressEvent
            {
                VolumeId = volumeId,
                BytesDone = bytes,
                BytesTotal = bytesOfAll,
                FilesDone = files,
                FilesTotal = filesOfAll,
            }
        );
}
