using System.Collections.Concurrent;

namespace LinuxP2V.Engine.Destinations.VSphere.Vim;

/// <summary>
/// Waits for properties to change. One property collector, one waiting request and one filter for each thing that is
/// waited for, however many conversions wait; filters go as soon as nobody does. An update only says which objects to
/// read: what was lost, or changed before the server looked, is found by reading all of them now and then.
/// </summary>
internal sealed class UpdateWatcher(VimClient client) : IDisposable
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FailurePause = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<UpdateSubscription, bool> subscriptions = new();

    /// <summary>Collectors that are no longer used. The server keeps each until it is destroyed or the session ends.</summary>
    private readonly ConcurrentQueue<UpdateCollector> abandoned = new();
    private readonly CancellationTokenSource stop = new();
    private readonly SemaphoreSlim turn = new(1, 1);
    private readonly object gate = new();
    private Task loop = Task.CompletedTask;
    private volatile UpdateCollector? collector;

    /// <summary>Whether somebody waits, for tests that look for leaks.</summary>
    public int Count => subscriptions.Count;

    /// <summary>Reads the object until <paramref name="isEnough"/> takes it, over ten minutes without an answer if need be.</summary>
    /// <exception cref="VimFaultException">ManagedObjectNotFound: the object went.</exception>
    public async Task<ObjectProperties> WaitAsync(
        ManagedObject item,
        string[] paths,
        Func<ObjectProperties, bool> isEnough,
        CancellationToken cancellationToken
    )
    {
        var subscription = new UpdateSubscription(item, paths);
        try
        {
            while (true)
            {
                var signal = subscription.NextSignal();
                var properties = await client.Properties.ReadPatientlyAsync(item, paths, cancellationToken).ConfigureAwait(false);
                if (isEnough(properties))
                    return properties;

                if (!subscription.IsAdded)
                {
                    // Once more after the filter stands: what changes before, it does not tell.
                    await AddAsync(subscription, cancellationToken).ConfigureAwait(false);
                    continue;
                }

                await Task.WhenAny(signal, Task.Delay(Window, cancellationToken)).ConfigureAwait(false);
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
        finally
        {
            if (subscription.IsAdded)
                await RemoveAsync(subscription).ConfigureAwait(false);
        }
    }

    public async Task StopAsync()
    {
        stop.Cancel();
        await loop.ConfigureAwait(false);
        await DestroyCollectorAsync().ConfigureAwait(false);
    }

    public void Dispose()
    {
        stop.Cancel();
        turn.Dispose();
    }

    private async Task AddAsync(UpdateSubscription subscription, CancellationToken cancellationToken)
    {
        subscription.IsAdded = true;
        subscriptions[subscription] = true;
        try
        {
            await turn.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                var isNew = collector is null;
                // Kept here: the loop gives a collector up whenever its wait fails.
                var current = collector ?? (collector = await CreateCollectorAsync(cancellationToken).ConfigureAwait(false));
                if (subscription.Owner == current)
                    return;

                await CreateFilterAsync(subscription, current, cancellationToken).ConfigureAwait(false);
                // A request that waits already may not know of the new filter.
                if (!isNew)
                    await TryCallAsync("CancelWaitForUpdates", current.Object, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                turn.Release();
            }
        }
        catch (Exception exception) when (exception is VimFaultException or VimTransportException)
        {
            // Reading at intervals does without; the loop sets the collector up again.
            Abandon();
        }
        finally
        {
            StartLoop();
        }
    }

    private async Task RemoveAsync(UpdateSubscription subscription)
    {
        subscriptions.TryRemove(subscription, out _);
        if (stop.IsCancellationRequested)
            return;

        // Whoever sets up a collector meanwhile makes filters for all that it saw.
        await turn.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            if (subscription.Filter is { } filter && subscription.Owner == collector)
                await TryCallAsync("DestroyPropertyFilter", filter, CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            turn.Release();
        }
    }

    private void StartLoop()
    {
        lock (gate)
        {
            if (loop.IsCompleted && !stop.IsCancellationRequested)
                loop = Task.Run(LoopAsync);
        }
    }

    private async Task LoopAsync()
    {
        var version = "";
        var knownCollector = collector;
        while (!stop.IsCancellationRequested)
        {
            lock (gate)
            {
                if (subscriptions.IsEmpty)
                {
                    loop = Task.CompletedTask;
                    return;
                }
            }

            try
            {
                var current = await EnsureCollectorAsync().ConfigureAwait(false);
                if (current != knownCollector)
                    version = "";

                knownCollector = current;
                version = await WaitOnceAsync(current, version).ConfigureAwait(false);
            }
            catch (VimFaultException fault) when (fault.Is("RequestCanceled")) { }
            catch (Exception exception) when (exception is VimFaultException or VimTransportException or P2VException)
            {
                // The session may be another one, in which the collector does not exist.
                Abandon();
                version = "";
                Signal(null);
                await PauseAsync().ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task<string> WaitOnceAsync(UpdateCollector current, string version)
    {
        var response = await client
            .CallUnboundedAsync(
                "WaitForUpdatesEx",
                current.Object,
                [("version", version), ("options", VimData.Of("WaitOptions", ("maxWaitSeconds", (int)Window.TotalSeconds)))],
                Window + TimeSpan.FromSeconds(60),
                stop.Token
            )
            .ConfigureAwait(false);
        if (response.Child("returnval") is not { } updates)
            return version;

        Signal([
            .. updates
                .Children("filterSet")
                .SelectMany(filter => filter.Children("objectSet"))
                .Select(update => update.Reference("obj"))
                .OfType<ManagedObject>(),
        ]);
        return updates.Text("version") ?? version;
    }

    private void Signal(HashSet<ManagedObject>? changed)
    {
        foreach (var subscription in subscriptions.Keys)
        {
            if (changed is null || changed.Contains(subscription.Item))
                subscription.Signal();
        }
    }

    private async Task<UpdateCollector> EnsureCollectorAsync()
    {
        await turn.WaitAsync(stop.Token).ConfigureAwait(false);
        try
        {
            if (collector is { } existing)
                return existing;

            var created = await CreateCollectorAsync(stop.Token).ConfigureAwait(false);
            // Known before its filters are made: one that fails must not leave it behind unnamed.
            collector = created;
            foreach (var subscription in subscriptions.Keys)
                await CreateFilterAsync(subscription, created, stop.Token).ConfigureAwait(false);

            return created;
        }
        finally
        {
            turn.Release();
        }
    }

    private void Abandon()
    {
        if (Interlocked.Exchange(ref collector, null) is { } lost)
            abandoned.Enqueue(lost);
    }

    private async Task DestroyAbandonedAsync()
    {
        while (abandoned.TryDequeue(out var lost))
            await TryCallAsync("DestroyPropertyCollector", lost.Object, CancellationToken.None).ConfigureAwait(false);
    }

    private async Task<UpdateCollector> CreateCollectorAsync(CancellationToken cancellationToken)
    {
        var response = await client
            .CallAsync("CreatePropertyCollector", client.Content.PropertyCollector, [], cancellationToken)
            .ConfigureAwait(false);
        // The server answers again.
        await DestroyAbandonedAsync().ConfigureAwait(false);
        return new UpdateCollector(response.Reference("returnval")!.Value);
    }

    private async Task CreateFilterAsync(UpdateSubscription subscription, UpdateCollector owner, CancellationToken cancellationToken)
    {
        var spec = PropertyReader.SpecOf(subscription.Item, subscription.Paths);
        var response = await client
            .CallAsync("CreateFilter", owner.Object, [("spec", spec), ("partialUpdates", false)], cancellationToken)
            .ConfigureAwait(false);
        subscription.Filter = response.Reference("returnval");
        subscription.Owner = owner;
    }

    private async Task DestroyCollectorAsync()
    {
        Abandon();
        await DestroyAbandonedAsync().ConfigureAwait(false);
    }

    private async Task TryCallAsync(string method, ManagedObject self, CancellationToken cancellationToken)
    {
        try
        {
            await client.CallAsync(method, self, [], cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is VimFaultException or VimTransportException or P2VException)
        {
            // Gone already, or it goes with the session.
        }
    }

    private async Task PauseAsync()
    {
        try
        {
            await Task.Delay(FailurePause, stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) { }
    }
}
