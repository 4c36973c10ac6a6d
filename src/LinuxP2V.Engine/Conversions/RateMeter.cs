namespace LinuxP2V.Engine.Conversions;

/// <summary>Bytes a second over the last ten seconds, so that the shown time left neither jumps nor lags.</summary>
public sealed class RateMeter
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);
    private readonly Queue<(DateTimeOffset Time, long Bytes)> samples = new();

    /// <summary>Takes a sample.</summary>
    public void Add(DateTimeOffset time, long bytes)
    {
        lock (samples)
        {
            // A resumed volume starts over: what came before says nothing about now.
            if (samples.Count > 0 && bytes < samples.Last().Bytes)
                samples.Clear();
            samples.Enqueue((time, bytes));
            while (samples.Count > 2 && time - samples.Peek().Time > Window)
                samples.Dequeue();
        }
    }

    /// <summary>Null before the second sample.</summary>
    public double? BytesPerSecond
    {
        get
        {
            lock (samples)
            {
                if (samples.Count < 2)
                    return null;
                var seconds = (samples.Last().Time - samples.Peek().Time).TotalSeconds;
                return seconds <= 0 ? null : (samples.Last().Bytes - samples.Peek().Bytes) / seconds;
            }
        }
    }
}
