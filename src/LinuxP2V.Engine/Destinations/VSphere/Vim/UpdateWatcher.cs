using System.Collections.Concurrent;
using System.Diagnostics;
using System.Xml.Linq;

namespace LinuxP2V.Engine.Destinations.VSphere.Vim;

/// <summary>
/// Waits for properties to change. One property collector, one waiting request and one filter for each thing that is
/// waited for, however many conversions wait; filters go as soon as nobody does. An update only says which objects to
/// read, all of them in one call. What was lost, or changed before the server looked, is found by reading everything that
/// is waited for now and then, in one call as well: so that a server hears as little of a thousand waiters as of one.
/// </summary>
internal sealed class UpdateWatcher(VimClient client, UpdateTiming? timing = null) : IDisposable
{
    private static readonly TimeSpan FailurePause = TimeSpan.FromSeconds(2);

    private readonly UpdateTiming timing = timing ?? new UpdateTiming();
    private readonly SubscriptionReader reader = new(client);
    private readonly ConcurrentDictionary<UpdateSubscription, bool> subscriptions = new();

    /// <summary>Collectors that are no longer used. The server keeps each until it is destroyed or the session ends.</summary>
    private readonly ConcurrentQueue<UpdateCollector> abandoned = new();
    private readonly CancellationTokenSource stop = new();
    private readonly SemaphoreSlim turn = new(1, 1);
    private readonly object gate = new();
    private readonly Stopwatch sinceReading = Stopwatch.StartNew();
    private readonly Stopwatch outage = new();
    private Task loop = Task.CompletedTask;
    private volatile UpdateCollector? collector;

    /// <summary>When something was added since the last reading of all, by the system's counter; 0: nothing was.</summary>
    private long addedAt;

    /// <summary>Whether somebody waits, for tests that look for leaks.</summary>
    public int Count => subscriptions.Count;

    /// <summary>Reads the object until <paramref name="isEnough"/> takes it, over ten minutes without an answer if need be.</summary>
    /// <exception cref="VimFaultException">ManagedObjectNotFound: the object went.</exception>
    /// <exception cref="VimTransportException">No answer, or this connection was closed.</exception>
    public async Task<ObjectProperties> WaitAsync(
        ManagedObject item,
        string[] paths,
        Func<ObjectProperties, bool> isEnough,
        CancellationToken cancellationToken
    )
    {
        var properties = await client.Properties.ReadPatientlyAsync(item, paths, cancellationToken).ConfigureAwait(false);
        if (isEnough(properties))
            return properties;

        using var subscription = new UpdateSubscription(item, paths);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, stop.Token);
        try
        {
            await AddAsync(subscription, end.Token).ConfigureAwait(false);
            // Once more after the filter stands: what changes before, it does not tell.
            properties = await client.Properties.ReadPatientlyAsync(item, paths, end.Token).ConfigureAwait(false);
            while (!isEnough(properties))
                properties = await subscription.NextAsync(end.Token).ConfigureAwait(false);

            return properties;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new VimTransportException("The connection to the server was closed.", isTransient: false);
        }
        finally
        {
            await RemoveAsync(subscription).ConfigureAwait(false);
        }
    }

    public async Task StopAsync()
    {
        stop.Cancel();
        await loop.ConfigureAwait(false);
        await DestroyCollectorAsync().ConfigureAwait(false);
    }

    /// <summary>The semaphore holds nothing that needs disposing, and may still be waited for.</summary>
    public void Dispose() => stop.Cancel();

    private async Task AddAsync(UpdateSubscription subscription, CancellationToken cancellationToken)
    {
        subscriptions[subscription] = true;
        Volatile.Write(ref addedAt, Stopwatch.GetTimestamp());
        try
        {
            await turn.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                var isNew = collector is null;
                // What is asked of the server is not cut off: nobody would know of what it made then.
                var current = collector ?? (collector = await CreateCollectorAsync(stop.Token).ConfigureAwait(false));
                if (subscription.Owner == current)
                    return;

                await CreateFilterAsync(subscription, current, stop.Token).ConfigureAwait(false);
                // A request that waits already may not know of the new filter.
                if (!isNew)
                    await TryCallAsync("CancelWaitForUpdates", current.Object, stop.Token).ConfigureAwait(false);
            }
            finally
            {
                turn.Release();
            }
        }
        catch (Exception exception) when (exception is VimFaultException or VimTransportException)
        {
            // The loop makes the filter, and a collector where that is lost.
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
            if (!loop.IsCompleted || stop.IsCancellationRequested)
                return;

            sinceReading.Restart();
            outage.Reset();
            loop = Task.Run(LoopAsync);
        }
    }

    private async Task LoopAsync()
    {
        var version = "";
        var knownCollector = collector;
        var pause = FailurePause;
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

            UpdateCollector? current = null;
            try
            {
                current = await EnsureCollectorAsync().ConfigureAwait(false);
                if (current != knownCollector)
                    version = "";

                knownCollector = current;
                var updates = await ReadBesideAsync(WaitOnceAsync(current, version)).ConfigureAwait(false);
                outage.Reset();
                pause = FailurePause;
                if (updates is not null)
                {
                    await ReadChangedAsync(updates).ConfigureAwait(false);
                    version = updates.Text("version") ?? version;
                }
            }
            catch (VimFaultException fault) when (fault.Is("RequestCanceled")) { }
            catch (Exception) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception)
            {
                // The session may be another one, in which the collector does not exist.
                Abandon(current);
                version = "";
                var isAnswered = await ReadInFailureAsync().ConfigureAwait(false);
                await PauseAsync(pause).ConfigureAwait(false);
                // Where nothing but the waiting fails, as behind some proxies, reading stands in for it.
                pause = isAnswered ? TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, timing.ReadingInterval.Ticks)) : FailurePause;
            }
        }
    }

    /// <returns>Null: nothing changed for a while.</returns>
    private async Task<XElement?> WaitOnceAsync(UpdateCollector current, string version)
    {
        var response = await client
            .CallUnboundedAsync(
                "WaitForUpdatesEx",
                current.Object,
                [("version", version), ("options", VimData.Of("WaitOptions", ("maxWaitSeconds", (int)timing.Window.TotalSeconds)))],
                timing.Window + TimeSpan.FromSeconds(60),
                stop.Token
            )
            .ConfigureAwait(false);
        return response.Child("returnval");
    }

    /// <summary>
    /// Reads all in time, however long the server takes for its answer. One reading at a time: an older one must not
    /// be told after a newer one.
    /// </summary>
    private async Task<XElement?> ReadBesideAsync(Task<XElement?> waiting)
    {
        while (true)
        {
            var due = UntilReading();
            if (due > TimeSpan.Zero)
            {
                using var enough = new CancellationTokenSource();
                await Task.WhenAny(waiting, Task.Delay(due, enough.Token)).ConfigureAwait(false);
                enough.Cancel();
            }
            else
            {
                await TryReadAllAsync().ConfigureAwait(false);
            }

            if (waiting.IsCompleted)
                return await waiting.ConfigureAwait(false);
        }
    }

    private TimeSpan UntilReading()
    {
        var regular = timing.ReadingInterval - sinceReading.Elapsed;
        var added = Volatile.Read(ref addedAt);
        if (added == 0)
            return regular;

        // What is new may have changed before the server looked at it.
        var first = timing.Window - TimeSpan.FromSeconds((Stopwatch.GetTimestamp() - added) / (double)Stopwatch.Frequency);
        return first < regular ? first : regular;
    }

    private async Task ReadChangedAsync(XElement updates)
    {
        HashSet<ManagedObject> changed =
        [
            .. updates
                .Children("filterSet")
                .SelectMany(filter => filter.Children("objectSet"))
                .Select(update => update.Reference("obj"))
                .OfType<ManagedObject>(),
        ];
        await reader.ReadAsync([.. Waiting().Where(subscription => changed.Contains(subscription.Item))], stop.Token).ConfigureAwait(false);
    }

    private IEnumerable<UpdateSubscription> Waiting() => subscriptions.Keys.Where(subscription => !subscription.HasFailed);

    private async Task ReadAllAsync()
    {
        Volatile.Write(ref addedAt, 0);
        sinceReading.Restart();
        await reader.ReadAsync([.. Waiting()], stop.Token).ConfigureAwait(false);
    }

    private async Task TryReadAllAsync()
    {
        try
        {
            await ReadAllAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is VimFaultException or VimTransportException or P2VException)
        {
            // Then the waiting fails, too, and what follows from it is done there.
        }
    }

    /// <summary>Tells a server that is away for a while, which is borne, from what every caller has to know.</summary>
    /// <returns>Whether the server answers.</returns>
    private async Task<bool> ReadInFailureAsync()
    {
        try
        {
            await ReadAllAsync().ConfigureAwait(false);
            outage.Reset();
            return true;
        }
        catch (VimTransportException exception) when (exception.IsTransient && outage.Elapsed < PropertyReader.Outage)
        {
            outage.Start();
        }
        catch (Exception exception)
        {
            outage.Reset();
            foreach (var subscription in Waiting())
                subscription.Fail(exception);
        }

        return false;
    }

    private async Task<UpdateCollector> EnsureCollectorAsync()
    {
        await turn.WaitAsync(stop.Token).ConfigureAwait(false);
        try
        {
            // Known before its filters are made: one that fails must not leave it behind unnamed.
            var current = collector ?? (collector = await CreateCollectorAsync(stop.Token).ConfigureAwait(false));
            try
            {
                foreach (var subscription in Waiting().Where(subscription => subscription.Owner != current))
                    await CreateFilterAsync(subscription, current, stop.Token).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is VimFaultException or VimTransportException)
            {
                Abandon(current);
                throw;
            }

            return current;
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Another may have set up a newer one meanwhile, which stays.</summary>
    private void Abandon(UpdateCollector? lost)
    {
        if (lost is not null && Interlocked.CompareExchange(ref collector, null, lost) == lost)
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
        Abandon(collector);
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

    private async Task PauseAsync(TimeSpan pause)
    {
        try
        {
            await Task.Delay(pause, stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) { }
    }
}
