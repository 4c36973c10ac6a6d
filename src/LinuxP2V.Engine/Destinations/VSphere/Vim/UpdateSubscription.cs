namespace LinuxP2V.Engine.Destinations.VSphere.Vim;

/// <summary>The server's object that filters hang on.</summary>
internal sealed record UpdateCollector(ManagedObject Object);

/// <summary>What one caller waits for.</summary>
internal sealed class UpdateSubscription(ManagedObject item, string[] paths)
{
    private TaskCompletionSource<bool> signal = New();

    public ManagedObject Item { get; } = item;

    public string[] Paths { get; } = paths;

    public bool IsAdded { get; set; }

    public ManagedObject? Filter { get; set; }

    /// <summary>The collector that the filter belongs to.</summary>
    public UpdateCollector? Owner { get; set; }

    /// <summary>Taken before reading, so that a change in between is not missed.</summary>
    public Task<bool> NextSignal()
    {
        var next = New();
        Interlocked.Exchange(ref signal, next);
        return next.Task;
    }

    public void Signal() => Volatile.Read(ref signal).TrySetResult(true);

    private static TaskCompletionSource<bool> New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
