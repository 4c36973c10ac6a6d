using System.Collections.Concurrent;
using LinuxP2V.Engine.Access;
using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Failures;
using LinuxP2V.Engine.Helpers;
using LinuxP2V.Engine.Rehearsals;
using LinuxP2V.Engine.Tasks;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Conversions;

/// <inheritdoc cref="IConversionManager"/>
public sealed class ConversionManager : IConversionManager
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan RequestInterval = TimeSpan.FromMilliseconds(500);

    /// <summary>So many conversions of other processes are looked at in each interval; the more there are, the seldomer each.</summary>
    private const int LooksPerInterval = 25;
    private static readonly TimeSpan LockTimeout = TimeSpan.FromSeconds(2);
    private static readonly ConcurrentDictionary<string, ConversionManager> Managers = new(StringComparer.Ordinal);

    private readonly ConversionStore store;
    private readonly RehearsalStore rehearsals;
    private readonly RehearsalRunner rehearsalRunner;
    private readonly IAgentConnector connector;
    private readonly ConversionThrottle throttle = new();
    private readonly ConcurrentDictionary<string, ConversionRun> runs = new(StringComparer.Ordinal);
    private readonly RequestWatcher requests;
    private int looks;

    internal ConversionManager(string stateFolder, IAgentConnector connector)
    {
        store = new ConversionStore(stateFolder);
        requests = new RequestWatcher(store.Requests, RequestInterval);
        rehearsals = new RehearsalStore(stateFolder);
        rehearsalRunner = new RehearsalRunner(store, rehearsals, connector);
        this.connector = connector;
    }

    /// <summary>The one manager of this process for the user's state folder.</summary>
    public static ConversionManager ForUser() =>
        Managers.GetOrAdd(StateFolder.ForUser(), folder => new ConversionManager(folder, new SshAgentConnector()));

    /// <inheritdoc/>
    public Conversion Create(ConversionTask task, IReadOnlyList<Finding>? forcedErrors = null)
    {
        var now = DateTimeOffset.UtcNow;
        var conversion = new Conversion
        {
            Id = Guid.NewGuid().ToString("N").Substring(0, 12),
            Task = task,
            ForcedErrors = forcedErrors ?? [],
            State = ConversionState.Queued,
            CreatedAt = now,
            UpdatedAt = now,
            BandwidthLimitMbps = task.Settings.Copy.BandwidthLimitMbps is > 0 and var limit ? limit : null,
            Volumes =
            [
                .. task
                    .Plan.Layout.Volumes.Where(v => v.MountPoint is not null)
                    .Select(v => new VolumeState(v.Id, 0, v.UsedBytes, 0, v.UsedInodes, false)),
            ],
        };
        store.Save(conversion);
        return conversion;
    }

    /// <inheritdoc/>
    public IReadOnlyList<Conversion> List() => store.List(id => runs.TryGetValue(id, out var run) ? run.Current : null);

    /// <inheritdoc/>
    public IReadOnlyList<DamagedConversion> ListDamaged() => store.ListDamaged();

    /// <inheritdoc/>
    public Conversion Get(string id) =>
        (runs.TryGetValue(id, out var run) ? run.Current : null) ?? store.Find(id) ?? throw ConversionStore.NotFound(id);

    /// <inheritdoc/>
    public bool IsDriven(string id) => runs.ContainsKey(id) || store.IsLocked(id);

    /// <inheritdoc/>
    public void Drive(
        string id,
        IDestination destination,
        SourceSecrets? secrets,
        DriveOptions options,
        IEngineConsole console,
        ThrottleLimits? limits = null,
        ConversionGoal? goal = null
    )
    {
        var conversion = Get(id);
        if (conversion.State == ConversionState.Completed)
        {
            throw IsComplete(conversion);
        }

        if (!IsDriven(id))
        {
            goal?.ThrowIfOutOfReach(conversion);
        }

        if (goal?.ProveBootWithin is not null && destination is not ITwinDestination)
        {
            throw NoTwins(destination, id);
        }

        // Its helper would take the twin's disks along.
        if ((goal ?? conversion.Goal ?? new ConversionGoal()).Through > ConversionState.Synchronized && rehearsals.IsRunning(id))
        {
            throw RehearsalRunner.Running(id);
        }

        var held = Lock(id);
        var run = new ConversionRun();
        if (!runs.TryAdd(id, run))
        {
            held.Dispose();
            run.Dispose();
            throw InUse(id);
        }

        try
        {
            store.Requests.ClearStop(id);
            // Before this returns: who looks next must not take the last run's end for this one's.
            store.Save(ConversionStart.Begin(store, store.FindFresh(id) ?? conversion, goal));
        }
        catch
        {
            Leave(run, held, id);
            throw;
        }

        _ = Task.Run(() => RunAsync(run, held, id, destination, secrets, options, console, limits ?? new ThrottleLimits()));
    }

    /// <inheritdoc/>
    public async Task<Conversion> WaitAsync(string id, IProgress<Conversion>? progress, CancellationToken cancellationToken)
    {
        while (true)
        {
            // Asked before the state is read: a driver that ends in between has stored its last state by then.
            runs.TryGetValue(id, out var run);
            var isDriven = run is not null || store.IsLocked(id);
            var conversion = isDriven ? Get(id) : GetFresh(id);
            progress?.Report(conversion);
            if (!isDriven)
            {
                return conversion;
            }

            if (run is null)
            {
                await WaitForLookAsync(cancellationToken).ConfigureAwait(false);
            }
            else
            {
                var interval = progress is null ? Timeout.InfiniteTimeSpan : PollInterval;
                await run.WaitAsync(interval, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <inheritdoc/>
    public async Task<Conversion> StopAsync(string id, CancellationToken cancellationToken)
    {
        Get(id);
        while (true)
        {
            // Asked anew at each look: another run may have begun since.
            if (runs.TryGetValue(id, out var run))
            {
                run.RequestStop();
                await run.WaitAsync(Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(false);
            }
            else if (store.TryLock(id) is { } held)
            {
                using (held)
                {
                    store.Requests.ClearStop(id);
                    return StopAbandoned(GetFresh(id));
                }
            }
            else
            {
                if (!store.Requests.IsStopRequested(id))
                {
                    store.Requests.RequestStop(id);
                }

                await WaitForLookAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Nobody drives it.</summary>
    private Conversion StopAbandoned(Conversion conversion)
    {
        if (conversion.State is ConversionState.Completed or ConversionState.Failed or ConversionState.Stopped)
        {
            return conversion;
        }

        var stopped = conversion with
        {
            State = ConversionState.Stopped,
            InterruptedState = conversion.State,
            IsGoalReached = false,
            UpdatedAt = DateTimeOffset.UtcNow,
        };
        store.Save(stopped);
        return stopped;
    }

    private Conversion GetFresh(string id) => store.FindFresh(id) ?? throw ConversionStore.NotFound(id);

    /// <inheritdoc/>
    public async Task<Conversion> LimitAsync(string id, double? megabitsPerSecond, CancellationToken cancellationToken)
    {
        while (Get(id) is { State: not ConversionState.Completed })
        {
            if (runs.TryGetValue(id, out var run))
            {
                // One that has just begun, or ends, is asked again.
                if (run.TryLimit(megabitsPerSecond))
                {
                    // An older wish of another process must not follow.
                    store.Requests.DropLimit(id);
                    return Get(id);
                }
            }
            else if (store.IsLocked(id))
            {
                store.Requests.RequestLimit(id, megabitsPerSecond);
                while (store.Requests.IsLimitRequested(id) && IsDriven(id))
                {
                    await Task.Delay(PollInterval, cancellationToken).ConfigureAwait(false);
                }

                if (!store.Requests.IsLimitRequested(id))
                {
                    return Get(id);
                }
            }
            else if (store.TryLock(id) is { } held)
            {
                using (held)
                {
                    return store.SaveLimit(GetFresh(id), megabitsPerSecond);
                }
            }

            await Task.Delay(PollInterval, cancellationToken).ConfigureAwait(false);
        }

        throw IsComplete(Get(id));
    }

    /// <inheritdoc/>
    public DifferencePage ReadDifferences(string id, DifferencePlace? after) => store.Differences(id).Read(after);

    /// <inheritdoc/>
    public async Task RemoveAsync(string id, IDestination? deleteMachineFrom, CancellationToken cancellationToken)
    {
        // What only shall be forgotten need not be read, so that its file may be damaged: which VM is its own is then not known.
        var conversion = deleteMachineFrom is null && store.IsKept(id) ? null : Get(id);
        if (runs.ContainsKey(id))
        {
            throw InUse(id);
        }

        if (rehearsals.IsRunning(id))
        {
            throw RehearsalRunner.Running(id);
        }

        using (Lock(id))
        {
            if (deleteMachineFrom is ITwinDestination twins && conversion is not null && rehearsals.IsOpen(id))
            {
                await rehearsalRunner.CleanAsync(conversion, twins, NullConsole.Instance).ConfigureAwait(false);
            }

            if (
                deleteMachineFrom is not null
                && conversion is not null
                && await FindMachineAsync(conversion, deleteMachineFrom, cancellationToken).ConfigureAwait(false) is { } machine
            )
            {
                HandOver.RequireOwn(machine, id);
                await deleteMachineFrom.DeleteAsync(machine.Id, cancellationToken).ConfigureAwait(false);
            }
        }

        rehearsals.Delete(id);
        store.Delete(id);
    }

    /// <inheritdoc/>
    public async Task<Rehearsal> RehearseAsync(
        string id,
        IDestination destination,
        RehearsalOptions rehearsalOptions,
        DriveOptions options,
        IEngineConsole console,
        ThrottleLimits? limits,
        CancellationToken cancellationToken
    )
    {
        var conversion = Get(id);
        var twins = destination as ITwinDestination ?? throw NoTwins(destination, id);
        using var pass = await throttle
            .EnterAsync(limits ?? new ThrottleLimits(), FindPlacesAsync, cancellationToken)
            .ConfigureAwait(false);
        return await rehearsalRunner.RunAsync(id, twins, rehearsalOptions, options, console, cancellationToken).ConfigureAwait(false);

        Task<IReadOnlyList<MachinePlace>> FindPlacesAsync(CancellationToken token) =>
            destination.FindPlacesAsync(conversion.Task.Plan.Machine, conversion.MachineId, token);
    }

    /// <inheritdoc/>
    public Rehearsal? FindRehearsal(string id) => rehearsals.Find(id);

    /// <inheritdoc/>
    public string? FindRehearsalLog(string id) => rehearsals.FindLog(id);

    /// <inheritdoc/>
    public string GetLogPath(string id)
    {
        Get(id);
        return store.LogPath(id);
    }

    /// <summary>A driver that died or gave up in the middle of making it never stored its id.</summary>
    private static async Task<DestinationMachine?> FindMachineAsync(
        Conversion conversion,
        IDestination destination,
        CancellationToken cancellationToken
    )
    {
        if (conversion.MachineId is null)
        {
            return await destination.FindAsync(conversion.Task.Plan.Machine, conversion.Id, cancellationToken).ConfigureAwait(false);
        }

        try
        {
            return await destination.GetAsync(conversion.MachineId, cancellationToken).ConfigureAwait(false);
        }
        catch (P2VException exception) when (exception.ErrorId == ErrorIds.MachineNotFound)
        {
            return null;
        }
    }

    /// <summary>The state folder may be a share: a thousand waits for another process are no thousand looks at it at a time.</summary>
    private async Task WaitForLookAsync(CancellationToken cancellationToken)
    {
        var others = Interlocked.Increment(ref looks);
        try
        {
            var interval = TimeSpan.FromTicks(PollInterval.Ticks * Math.Max(1, others / LooksPerInterval));
            await Task.Delay(interval, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref looks);
        }
    }

    private async Task RunAsync(
        ConversionRun run,
        IDisposable held,
        string id,
        IDestination destination,
        SourceSecrets? secrets,
        DriveOptions options,
        IEngineConsole console,
        ThrottleLimits limits
    )
    {
        try
        {
            using var log = new ConversionLog(store.OpenLog(id), console);
            var tracker = new ConversionTracker(store, log, store.FindFresh(id) ?? throw ConversionStore.NotFound(id));
            run.Begin(tracker);
            if (destination is ITwinDestination twins && !rehearsals.IsRunning(id) && rehearsals.IsOpen(id))
                await rehearsalRunner.CleanAsync(tracker.Current, twins, log).ConfigureAwait(false);

            foreach (var error in tracker.Current.ForcedErrors)
                log.Warning($"Goes on by -Force in spite of {error.Id}: {error.What}");

            try
            {
                await RunAsync(run, tracker, log, destination, secrets, options, limits).ConfigureAwait(false);
                store.Requests.ClearStop(id);
            }
            finally
            {
                // Nothing is asked of it any more once its log is closed.
                run.End();
            }
        }
        catch (P2VException exception)
        {
            // The state cannot be written: the file holds an older one, and only who listens now can be told.
            console.Warning($"{exception.Message} {exception.Remedy}");
        }
        finally
        {
            Leave(run, held, id);
        }
    }

    /// <summary>In this order: nothing is written without the lock, and who finds the lock free finds no run either.</summary>
    private void Leave(ConversionRun run, IDisposable held, string id)
    {
        run.End();
        runs.TryRemove(id, out _);
        held.Dispose();
        run.Dispose();
    }

    /// <exception cref="P2VException">The outcome cannot be stored.</exception>
    private async Task RunAsync(
        ConversionRun run,
        ConversionTracker tracker,
        ConversionLog log,
        IDestination destination,
        SourceSecrets? secrets,
        DriveOptions options,
        ThrottleLimits limits
    )
    {
        requests.Begin(tracker.Current.Id, run);
        try
        {
            using (var pass = await throttle.EnterAsync(limits, FindPlacesAsync, run.Stop).ConfigureAwait(false))
            {
                var proof = destination is ITwinDestination twins ? new BootProof(rehearsalRunner, twins, options, log) : null;
                await new ConversionDriver(tracker, destination, pass.Place, secrets, options, connector, log, proof)
                    .RunAsync(tracker.Current.Goal!, run.Stop)
                    .ConfigureAwait(false);
                tracker.Settle();
            }
        }
        catch (OperationCanceledException) when (run.Stop.IsCancellationRequested)
        {
            tracker.Interrupt(ConversionState.Stopped, null);
        }
        catch (P2VException exception)
        {
            tracker.Interrupt(ConversionState.Failed, exception.Describe());
        }
        catch (Exception exception)
        {
            tracker.Interrupt(
                ConversionState.Failed,
                SystemFailure.TryExplain(exception)?.Describe()
                    ?? new ErrorDescription(
                        ErrorIds.AgentFailed,
                        $"The engine met what it did not expect: {exception.Message}",
                        "Export-P2VLog collects what we need to mend this; Resume-P2VConversion tries again with what is copied.",
                        exception.ToString()
                    )
            );
        }
        finally
        {
            requests.End(tracker.Current.Id, run);
        }

        Task<IReadOnlyList<MachinePlace>> FindPlacesAsync(CancellationToken cancellationToken) =>
            destination.FindPlacesAsync(tracker.Current.Task.Plan.Machine, tracker.Current.MachineId, cancellationToken);
    }

    /// <summary>A second process that only looks holds a shared lock for an instant: try for a moment.</summary>
    private IDisposable Lock(string id)
    {
        var deadline = DateTime.UtcNow + LockTimeout;
        while (true)
        {
            if (store.TryLock(id) is { } held)
            {
                return held;
            }

            if (DateTime.UtcNow > deadline)
            {
                throw InUse(id);
            }

            Thread.Sleep(50);
        }
    }

    private static P2VException NoTwins(IDestination destination, string id) =>
        new(
            ErrorIds.TwinNotPossible,
            $"No twin of a copy can be made at {destination.Reference.Address}.",
            "Complete the conversion without it, and look whether the VM boots.",
            id
        );

    private static P2VException IsComplete(Conversion conversion) =>
        new(
            ErrorIds.ConversionWrongState,
            $"The conversion {conversion.Id} of {conversion.Task.Name} is complete.",
            "Start a new one with New-P2VTask and Start-P2VConversion.",
            conversion.Id
        );

    private static P2VException InUse(string id) =>
        new(
            ErrorIds.ConversionInUse,
            $"A running process drives the conversion {id}.",
            "Wait for it with Wait-P2VConversion, or stop it with Stop-P2VConversion.",
            id
        );
}
