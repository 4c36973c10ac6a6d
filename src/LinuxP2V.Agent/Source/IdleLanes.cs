namespace LinuxP2V.Agent.Source;

/// <summary>
/// Connections that one request has done with and the next may use at once, such as the pass, the comparison and the
/// cutover that follow each other: a login takes longer than many a question. They end when nobody wanted them for a while.
/// </summary>
internal sealed class IdleLanes(TimeSpan limit, TimeProvider? time = null) : IAsyncDisposable
{
    /// <summary>As many as a request begins with at most.</summary>
    private const int Most = 4;

    private readonly TimeProvider time = time ?? TimeProvider.System;
    private readonly List<(ISourceLane Lane, ITimer Timer)> lanes = [];
    private readonly Lock gate = new();
    private bool isDisposed;

    /// <returns>The one that was used last; null when none is there and open.</returns>
    public async Task<ISourceLane?> TakeAsync()
    {
        while (Remove(null) is { } lane)
        {
            if (lane.IsOpen)
                return lane;

            await lane.DisposeAsync();
        }

        return null;
    }

    /// <summary>Keeps a lane on which nothing runs, or closes it.</summary>
    public async ValueTask KeepAsync(ISourceLane lane)
    {
        lock (gate)
        {
            if (lane.IsOpen && !isDisposed && lanes.Count < Most)
            {
                lanes.Add((lane, time.CreateTimer(_ => _ = CloseAsync(lane), null, limit, Timeout.InfiniteTimeSpan)));
                return;
            }
        }

        await lane.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        lock (gate)
        {
            isDisposed = true;
        }

        while (Remove(null) is { } lane)
            await lane.DisposeAsync();
    }

    private async Task CloseAsync(ISourceLane lane)
    {
        if (Remove(lane) is not null)
            await lane.DisposeAsync();
    }

    /// <param name="wanted">null: any.</param>
    /// <returns>null when it is not here, or not any more: somebody else has it.</returns>
    private ISourceLane? Remove(ISourceLane? wanted)
    {
        lock (gate)
        {
            var index = wanted is null ? lanes.Count - 1 : lanes.FindIndex(kept => kept.Lane == wanted);
            if (index < 0)
                return null;

            var (lane, timer) = lanes[index];
            lanes.RemoveAt(index);
            timer.Dispose();
            return lane;
        }
    }
}
