namespace LinuxP2V.Agent.Streams;

/// <summary>
/// A token bucket over all streams: who reads from the source waits here, TCP's own flow control does the rest. The limit
/// may change at any time, also for a stream that waits. It also counts what all streams read.
/// </summary>
internal sealed class BandwidthLimiter(TimeProvider? time = null)
{
    /// <summary>What may be read at once after a pause: little, so that the rate holds over seconds too.</summary>
    private static readonly TimeSpan Burst = TimeSpan.FromMilliseconds(300);

    /// <summary>Shorter debts are let run up: many short waits cost more CPU than the data.</summary>
    private static readonly TimeSpan ShortestDelay = TimeSpan.FromMilliseconds(20);

    /// <summary>How soon a change of the limit reaches one that waits.</summary>
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMilliseconds(250);

    /// <summary>A limited stream reads so much of a second at a time, so that streams take turns.</summary>
    private const double ReadSeconds = 0.05;

    private const int SmallestRead = 4096;

    private readonly TimeProvider time = time ?? TimeProvider.System;
    private readonly Lock gate = new();
    private double bytesPerSecond;
    private double paidUntil;
    private int changes;
    private long totalBytes;

    /// <summary>Read by all streams since the start.</summary>
    public long TotalBytes => Interlocked.Read(ref totalBytes);

    /// <summary>0: no limit.</summary>
    public double BytesPerSecond
    {
        get
        {
            lock (gate)
            {
                return bytesPerSecond;
            }
        }
    }

    /// <param name="megabits">10^6 bits a second; null or 0: no limit.</param>
    public void Set(double? megabits)
    {
        lock (gate)
        {
            var limit = megabits is > 0 ? megabits.Value * 1_000_000 / 8 : 0;
            if (limit == bytesPerSecond)
                return;

            bytesPerSecond = limit;
            // Debts made under another limit would hold up the new one.
            paidUntil = Now;
            changes++;
        }
    }

    /// <summary>Accounts for bytes that were read and waits until more may be read, or the reader is cancelled.</summary>
    public void Wait(int bytes, CancellationToken cancellationToken = default)
    {
        var (until, change) = Charge(bytes);
        while (!cancellationToken.IsCancellationRequested && DelayBefore(until, change) is { } delay)
            Thread.Sleep(delay);
    }

    /// <summary>Accounts for bytes that were read and waits until more may be read.</summary>
    public async ValueTask WaitAsync(int bytes, CancellationToken cancellationToken)
    {
        var (until, change) = Charge(bytes);
        while (DelayBefore(until, change) is { } delay)
            await Task.Delay(delay, time, cancellationToken);
    }

    /// <summary>A stream whose reads keep the limit. Disposing it leaves the inner one alone.</summary>
    /// <param name="cancellationToken">Ends the waiting, not the reads: who cancels ends the inner stream, too.</param>
    public Stream Throttle(Stream inner, CancellationToken cancellationToken) => new ThrottledStream(inner, this, cancellationToken);

    /// <summary>How much to read at once.</summary>
    public int ReadSize(int wanted)
    {
        lock (gate)
        {
            return bytesPerSecond <= 0 ? wanted : (int)Math.Min(wanted, Math.Max(SmallestRead, bytesPerSecond * ReadSeconds));
        }
    }

    private double Now => (double)time.GetTimestamp() / time.TimestampFrequency;

    private (double Until, int Change) Charge(int bytes)
    {
        Interlocked.Add(ref totalBytes, bytes);
        lock (gate)
        {
            if (bytesPerSecond <= 0)
                return (0, changes);

            paidUntil = Math.Max(paidUntil, Now - Burst.TotalSeconds) + (bytes / bytesPerSecond);
            return (paidUntil, changes);
        }
    }

    /// <returns>Null when there is nothing to wait for any more.</returns>
    private TimeSpan? DelayBefore(double until, int change)
    {
        lock (gate)
        {
            var left = until - Now;
            return left <= ShortestDelay.TotalSeconds || change != changes
                ? null
                : TimeSpan.FromSeconds(Math.Min(left, LongestDelay.TotalSeconds));
        }
    }
}
