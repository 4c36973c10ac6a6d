using System.Runtime.ExceptionServices;

namespace LinuxP2V.Engine.Destinations.VSphere.Vim;

/// <summary>The server's object that filters hang on.</summary>
internal sealed record UpdateCollector(ManagedObject Object);

/// <summary>What one caller waits for, and the newest of it that he has not seen.</summary>
internal sealed class UpdateSubscription(ManagedObject item, string[] paths) : IDisposable
{
    private readonly object gate = new();
    private readonly SemaphoreSlim arrived = new(0, 1);
    private ObjectProperties? newest;
    private ExceptionDispatchInfo? failure;
    private bool isDisposed;

    public ManagedObject Item { get; } = item;

    public string[] Paths { get; } = paths;

    public ManagedObject? Filter { get; set; }

    /// <summary>The collector that the filter belongs to.</summary>
    public UpdateCollector? Owner { get; set; }

    /// <summary>Its caller goes: nothing more is to be asked for it.</summary>
    public bool HasFailed
    {
        get
        {
            lock (gate)
                return failure is not null;
        }
    }

    /// <summary>The object as it is now. What the caller has not looked at yet is outdated by it.</summary>
    public void Tell(ObjectProperties properties) => Put(() => newest = properties);

    public void Fail(Exception exception) => Put(() => failure = ExceptionDispatchInfo.Capture(exception));

    /// <summary>Waits until the object was read anew.</summary>
    public async Task<ObjectProperties> NextAsync(CancellationToken cancellationToken)
    {
        await arrived.WaitAsync(cancellationToken).ConfigureAwait(false);
        lock (gate)
        {
            failure?.Throw();
            var properties = newest!;
            newest = null;
            return properties;
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            isDisposed = true;
            arrived.Dispose();
        }
    }

    private void Put(Action put)
    {
        lock (gate)
        {
            if (isDisposed || failure is not null)
                return;

            if (newest is null)
                arrived.Release();

            put();
        }
    }
}
