namespace LinuxP2V.Agent.Copy.Streams;

/// <summary>
/// A token bucket over all streams: who reads from the source waits here, TCP's own flow control does the rest. The limit
/// may change at any time.
/// </summary>
internal sealed class BandwidthLimiter(TimeProvider? time = null)
{
    /// <summary>What may be read at once after a pause: little, so that the rate holds over seconds too.</summary>
    private static readonly TimeSpan Burst = TimeSpan.FromMilliseconds(200);

    private readonly TimeProvider time = time ?? TimeProvider.System;
    private readonly Lock gate = new();
    private double bytesPerSecond;
    private long paidUntil;

    /// <param name="megabits">10^6 bits a second; null or 0: no limit.</param>
    public void Set(double? megabits)
    {
        lock (gate)
        {
            bytesPerSecond = megabits is > 0 ? megabits.Value * 1_000_000 / 8 : 0;
            // Debts made under another limit would hold up the new one.
            paidUntil = time.GetTimestamp();
        }
    }

    /// <summary>Accounts for bytes that were read and tells how long to wait before the next read.</summary>
    public TimeSpan Account(int bytes)
    {
        lock (gate)
        {
            if (bytesPerSecond <= 0)
                return TimeSpan.Zero;

            var now = time.GetTimestamp();
            var earliest = now - (long)(Burst.TotalSeconds * time.TimestampFrequency);
            paidUntil = Math.Max(paidUntil, earliest) + (long)(bytes / bytesPerSecond * time.TimestampFrequency);
            return paidUntil > now ? TimeSpan.FromSeconds((double)(paidUntil - now) / time.TimestampFrequency) : TimeSpan.Zero;
        }
    }
}
