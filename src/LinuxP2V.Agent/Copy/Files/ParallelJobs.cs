using LinuxP2V.Agent.Events;

namespace LinuxP2V.Agent.Copy.Files;

/// <summary>Runs jobs side by side. Of several failures the first is thrown.</summary>
internal static class ParallelJobs
{
    /// <param name="most">At once.</param>
    public static async Task RunAsync<T>(
        IEnumerable<T> items,
        int most,
        Func<T, CancellationToken, Task> run,
        CancellationToken cancellationToken
    )
    {
        AgentException? first = null;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var all = Parallel.ForEachAsync(
            items,
            new ParallelOptions { MaxDegreeOfParallelism = most, CancellationToken = stop.Token },
            async (item, token) =>
            {
                try
                {
                    await run(item, token);
                }
                catch (AgentException exception)
                {
                    // The others end because of it: what they then say is not the cause.
                    Interlocked.CompareExchange(ref first, exception, null);
                    await stop.CancelAsync();
                    throw;
                }
            }
        );
        await ((Task)all).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        if (first is not null)
            throw first;

        await all;
    }
}
