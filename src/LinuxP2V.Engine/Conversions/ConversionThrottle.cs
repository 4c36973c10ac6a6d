namespace LinuxP2V.Engine.Conversions;

/// <summary>Lets so many through at a time. The limit belongs to who asks, since each Start-P2VConversion names its own.</summary>
internal sealed class ConversionThrottle
{
    private readonly object _gate = new();
    private readonly LinkedList<Waiter> _waiting = new();
    private int _running;

    /// <summary>First come, first served. Disposing the result lets the next one in.</summary>
    public async Task<IDisposable> EnterAsync(int limit, CancellationToken cancellationToken)
    {
        var waiter = new Waiter(limit);
        lock (_gate)
        {
            _waiting.AddLast(waiter);
            Admit();
        }

        using (cancellationToken.Register(() => waiter.Admitted.TrySetCanceled(cancellationToken)))
        {
            try
            {
                await waiter.Admitted.Task.ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                lock (_gate)
                {
                    _waiting.Remove(waiter);
                    Admit();
                }

                throw;
            }
        }

        return new Pass(this);
    }

    private void Admit()
    {
        while (_waiting.First is { } first && _running < first.Value.Limit)
        {
            _waiting.RemoveFirst();
            if (first.Value.Admitted.TrySetResult(true))
            {
                _running++;
            }
        }
    }

    private void Leave()
    {
        lock (_gate)
        {
            _running--;
            Admit();
        }
    }

    private sealed class Waiter(int limit)
    {
        public int Limit { get; } = Math.Max(1, limit);

        public TaskCompletionSource<bool> Admitted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class Pass(ConversionThrottle throttle) : IDisposable
    {
        private ConversionThrottle? _throttle = throttle;

        public void Dispose() => Interlocked.Exchange(ref _throttle, null)?.Leave();
    }
}
