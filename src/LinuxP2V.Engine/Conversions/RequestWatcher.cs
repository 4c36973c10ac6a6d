using System.Collections.Concurrent;

namespace LinuxP2V.Engine.Conversions;

/// <summary>
/// Looks for what other processes ask of the runs of this one. One look serves all runs, and there is none while nothing
/// runs. The folder is looked at again and again, since a network share tells nobody of its changes reliably.
/// </summary>
internal sealed class RequestWatcher(ConversionRequests requests, TimeSpan interval)
{
    private readonly ConcurrentDictionary<string, ConversionRun> watched = new(StringComparer.Ordinal);
    private readonly object gate = new();
    private readonly object limitGate = new();
    private bool isLooking;

    public void Begin(string id, ConversionRun run)
    {
        watched[id] = run;
        lock (gate)
        {
            if (!isLooking)
            {
                isLooking = true;
                _ = Task.Run(LookAsync);
            }
        }
    }

    /// <summary>What came in the run's last moment counts for the next.</summary>
    public void End(string id, ConversionRun run)
    {
        watched.TryRemove(id, out _);
        TakeLimit(id, run);
    }

    private async Task LookAsync()
    {
        while (true)
        {
            lock (gate)
            {
                if (watched.IsEmpty)
                {
                    isLooking = false;
                    return;
                }
            }

            Look();
            await Task.Delay(interval).ConfigureAwait(false);
        }
    }

    private void Look()
    {
        IReadOnlyCollection<string> asked;
        try
        {
            asked = requests.List();
        }
        catch (P2VException)
        {
            // A share that is away for a moment is there at the next look.
            return;
        }

        // Stops first: a limit that cannot be had takes its time.
        foreach (var (id, run) in Watched(asked))
        {
            if (requests.IsStopRequested(id))
                run.RequestStop();
        }

        foreach (var (id, run) in Watched(asked))
            TakeLimit(id, run);
    }

    private IEnumerable<(string Id, ConversionRun Run)> Watched(IEnumerable<string> asked)
    {
        foreach (var id in asked)
        {
            if (watched.TryGetValue(id, out var run))
                yield return (id, run);
        }
    }

    /// <summary>One at a time: else an older limit could be taken in the place of a newer one.</summary>
    private void TakeLimit(string id, ConversionRun run)
    {
        lock (limitGate)
        {
            try
            {
                requests.TakeLimit(id, run.TryLimit);
            }
            catch (Exception exception) when (exception is P2VException or ObjectDisposedException)
            {
                // The file cannot be had yet, or the run has just ended: it is there at the next look, or for the next run.
            }
        }
    }
}
