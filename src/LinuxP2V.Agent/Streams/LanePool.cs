using LinuxP2V.Agent.Source;

namespace LinuxP2V.Agent.Streams;

/// <summary>The lanes of a request that are open, and how many there may be. Who wants one waits until one is free.</summary>
/// <param name="openAsync">Opens another lane; asked by one at a time.</param>
/// <param name="releaseAsync">Gets those that are whole at the end.</param>
internal sealed class LanePool(Func<CancellationToken, Task<ISourceLane>> openAsync, Func<ISourceLane, ValueTask> releaseAsync, int limit)
    : IAsyncDisposable
{
    /// <summary>A login as a rule takes less; one that takes longer may take hours.</summary>
    private static readonly TimeSpan QuickLogin = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim places = new(limit);

    // Servers drop logins that come in crowds (MaxStartups).
    private readonly SemaphoreSlim opening = new(1, 1);
    private readonly Stack<ISourceLane> idle = new();
    private readonly Lock gate = new();
    private TaskCompletionSource returned = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int surplus;
    private int waiting;
    private int busy;

    public int Limit { get; private set; } = limit;

    /// <summary>Every lane is at work, and more work waits.</summary>
    public bool IsSaturated
    {
        get
        {
            lock (gate)
            {
                return busy >= Limit && waiting > 0;
            }
        }
    }

    /// <summary>More takes effect at once, less as lanes become free.</summary>
    public void Resize(int newLimit)
    {
        int more;
        lock (gate)
        {
            more = newLimit - Limit - surplus;
            surplus = Math.Max(0, -more);
            Limit = newLimit;
        }

        if (more > 0)
            places.Release(more);
    }

    /// <summary>Opens lanes that nobody waits for yet, up to the limit: a login takes longer than many a job.</summary>
    /// <param name="openOnceAsync">Opens another lane, or fails at once.</param>
    public async Task OpenAheadAsync(Func<CancellationToken, Task<ISourceLane>> openOnceAsync, CancellationToken cancellationToken)
    {
        while (true)
        {
            await opening.WaitAsync(cancellationToken);
            try
            {
                // Who waits to open one is busy too.
                lock (gate)
                {
                    if (busy + idle.Count >= Limit)
                        return;
                }

                var lane = await openOnceAsync(cancellationToken);
                lock (gate)
                {
                    Push(lane);
                }
            }
            finally
            {
                opening.Release();
            }
        }
    }

    public async Task<ISourceLane> TakeAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref waiting);
        try
        {
            await places.WaitAsync(cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref waiting);
        }

        Interlocked.Increment(ref busy);
        try
        {
            return await TakeIdleAsync() ?? await OpenAsync(cancellationToken);
        }
        catch
        {
            GivePlaceBack();
            throw;
        }
    }

    /// <param name="isBroken">It is closed and not used again.</param>
    public async Task ReturnAsync(ISourceLane lane, bool isBroken)
    {
        bool isKept;
        lock (gate)
        {
            isKept = !isBroken && lane.IsOpen && surplus == 0;
            if (isKept)
                Push(lane);
        }

        if (!isKept)
            await lane.DisposeAsync();

        GivePlaceBack();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var lane in idle)
            await releaseAsync(lane);

        idle.Clear();
        places.Dispose();
        opening.Dispose();
    }

    private async Task<ISourceLane?> TakeIdleAsync()
    {
        while (true)
        {
            ISourceLane? lane;
            lock (gate)
            {
                if (!idle.TryPop(out lane))
                    return null;
            }

            if (lane.IsOpen)
                return lane;

            await lane.DisposeAsync();
        }
    }

    /// <summary>A login may need an engine that is away: a lane that comes back meanwhile does as well.</summary>
    private async Task<ISourceLane> OpenAsync(CancellationToken cancellationToken)
    {
        using var given = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var attempt = OpenInTurnAsync(given.Token);
        await Task.WhenAny(attempt, Task.Delay(QuickLogin, cancellationToken));
        while (!attempt.IsCompleted)
        {
            Task next;
            lock (gate)
            {
                next = returned.Task;
            }

            if (await TakeIdleAsync() is { } lane)
            {
                await given.CancelAsync();
                _ = KeepOpenedAsync(attempt);
                return lane;
            }

            await Task.WhenAny(attempt, next);
        }

        return await attempt;
    }

    private async Task<ISourceLane> OpenInTurnAsync(CancellationToken cancellationToken)
    {
        await opening.WaitAsync(cancellationToken);
        try
        {
            // One may have been opened ahead, or come back, meanwhile.
            return await TakeIdleAsync() ?? await openAsync(cancellationToken);
        }
        finally
        {
            opening.Release();
        }
    }

    /// <summary>It may have been opened in the same moment.</summary>
    private async Task KeepOpenedAsync(Task<ISourceLane> attempt)
    {
        await ((Task)attempt).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (attempt.IsCompletedSuccessfully)
            await releaseAsync(await attempt);
    }

    /// <summary>Under the gate.</summary>
    private void Push(ISourceLane lane)
    {
        idle.Push(lane);
        returned.TrySetResult();
        returned = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private void GivePlaceBack()
    {
        Interlocked.Decrement(ref busy);
        lock (gate)
        {
            if (surplus > 0)
            {
                surplus--;
                return;
            }
        }

        places.Release();
    }
}
