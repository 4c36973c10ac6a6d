namespace LinuxP2V.Engine.Conversions;

/// <summary>A conversion that this process drives, as long as it does. Thread safe: who asks something of it comes at any time.</summary>
internal sealed class ConversionRun : IDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly TaskCompletionSource<bool> end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly object gate = new();
    private ConversionTracker? tracker;
    private bool isOver;

    public ConversionRun() => Stop = stop.Token;

    /// <summary>Cancelled when it shall stop.</summary>
    public CancellationToken Stop { get; }

    /// <summary>The newest state; null while it begins.</summary>
    public Conversion? Current => Volatile.Read(ref tracker)?.Current;

    public void Begin(ConversionTracker tracker) => Volatile.Write(ref this.tracker, tracker);

    /// <summary>Returns at once; what the stop sets off runs elsewhere.</summary>
    public void RequestStop() =>
        _ = Task.Run(() =>
        {
            lock (gate)
            {
                if (!isOver && !stop.IsCancellationRequested)
                    stop.Cancel();
            }
        });

    /// <returns>False before it has begun, and after its end: another may have written the conversion by then.</returns>
    /// <exception cref="P2VException">It cannot be stored.</exception>
    public bool TryLimit(double? megabitsPerSecond)
    {
        lock (gate)
        {
            if (isOver || tracker is null)
                return false;

            tracker.Limit(megabitsPerSecond is > 0 ? megabitsPerSecond : null);
            return true;
        }
    }

    /// <summary>From here on nothing is written for it.</summary>
    public void End()
    {
        lock (gate)
            isOver = true;
    }

    /// <summary>Waits until it is over, at most so long.</summary>
    public async Task WaitAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(end.Task, Task.Delay(limit, enough.Token)).ConfigureAwait(false);
        enough.Cancel();
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>Once its lock is free: who waits finds it driven by nobody, or by the next.</summary>
    public void Dispose()
    {
        End();
        stop.Dispose();
        end.TrySetResult(true);
    }
}
