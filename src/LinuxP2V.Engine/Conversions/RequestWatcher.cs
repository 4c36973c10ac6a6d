namespace LinuxP2V.Engine.Conversions;

/// <summary>Looks for what other processes, and other threads of this one, ask of a run: to stop, or another limit.</summary>
internal sealed class RequestWatcher(ConversionStore store, ConversionTracker tracker, CancellationTokenSource stop, TimeSpan interval)
{
    private readonly string id = tracker.Current.Id;

    /// <summary>Watches until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                TakeLimit();
                if (!stop.IsCancellationRequested && store.IsStopRequested(id))
                {
                    stop.Cancel();
                }

                await Task.Delay(interval, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The run has ended: what came in its last moment counts for the next.
            TakeLimit();
        }
    }

    private void TakeLimit()
    {
        try
        {
            store.TakeLimit(id, tracker.Limit);
        }
        catch (P2VException)
        {
            // The file cannot be had yet: it is there at the next look.
        }
    }
}
