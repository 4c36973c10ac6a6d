namespace LinuxP2V.Engine.Conversions;

/// <summary>Bytes a second over the last ten seconds, so that the shown time left neither jumps nor lags.</summary>
public sealed class RateMeter
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);
    private readonly Queue<(DateTimeOffset Time, long Bytes)> _samples = new();

    public void Add(DateTimeOffset time, long bytes)
    {
        lock (_samples)
        {
            // A resumed volume starts over: what came before says nothing about now.
            if (_samples.Count > 0 && bytes < _samples.Last().Bytes)
                _samples.Clear();
            _samples.Enqueue((time, bytes));
            while (_samples.Count > 2 && time - _samples.Peek().Time > Window)
                _samples.Dequeue();
        }
    }

    public double? BytesPerSecond
    {
        get
        {
            lock (_samples)
            {
                if (_samples.Count < 2)
                    return null;
                var seconds = (_samples.Last().Time - _samples.Peek().Time).TotalSeconds;
                return seconds <= 0 ? null : (_samples.Last().Bytes - _samples.Peek().Bytes) / seconds;
            }
        }
    }
}
