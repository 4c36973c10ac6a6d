using System.Diagnostics;
using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Helpers;
using LinuxP2V.Engine.Rehearsals;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Conversions;

/// <summary>
/// Rehearses the end of one conversion on a twin: the twin is a conversion of its own, that goes from Synchronized to Completed
/// and is booted then. The conversion itself stays where it is, and goes on meanwhile.
/// </summary>
internal sealed class RehearsalRunner(ConversionStore store, RehearsalStore rehearsals, IAgentConnector connector)
{
    private static readonly TimeSpan CleaningTimeout = TimeSpan.FromMinutes(5);

    /// <returns>
    /// The result, which is stored too: a twin that cannot be reconfigured or started is one that does not boot.
    /// </returns>
    /// <exception cref="P2VException">
    /// There is nothing to rehearse: ConversionWrongState, ConversionInUse, RehearsalRunning, TwinNotPossible, DestinationFull,
    /// and what the destination throws.
    /// </exception>
    public async Task<Rehearsal> RunAsync(
        string id,
        ITwinDestination destination,
        RehearsalOptions options,
        DriveOptions driveOptions,
        IEngineConsole console,
        CancellationToken cancellationToken
    )
    {
        var conversion = store.FindFresh(id) ?? throw ConversionStore.NotFound(id);
        RequireReady(conversion);
        return await RunAsync(conversion, destination, options, driveOptions, MakeAloneAsync, console, cancellationToken)
            .ConfigureAwait(false);

        async Task<Conversion> MakeAloneAsync()
        {
            // Nobody may write to the copy while its disks are frozen: the conversion's own lock is held so long.
            using var held = store.TryLock(id) ?? throw InUse(id);
            var current = store.FindFresh(id) ?? throw ConversionStore.NotFound(id);
            RequireReady(current);
            return await MakeTwinAsync(current, destination, options, driveOptions, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The same for who drives the conversion, between two of its steps.</summary>
    /// <inheritdoc cref="RunAsync(string, ITwinDestination, RehearsalOptions, DriveOptions, IEngineConsole, CancellationToken)"/>
    public Task<Rehearsal> RunAsync(
        Conversion conversion,
        ITwinDestination destination,
        RehearsalOptions options,
        DriveOptions driveOptions,
        IEngineConsole console,
        CancellationToken cancellationToken
    ) =>
        RunAsync(
            conversion,
            destination,
            options,
            driveOptions,
            () => MakeTwinAsync(conversion, destination, options, driveOptions, cancellationToken),
            console,
            cancellationToken
        );

    private async Task<Rehearsal> RunAsync(
        Conversion conversion,
        ITwinDestination destination,
        RehearsalOptions options,
        DriveOptions driveOptions,
        Func<Task<Conversion>> makeTwinAsync,
        IEngineConsole console,
        CancellationToken cancellationToken
    )
    {
        var id = conversion.Id;
        using var held = rehearsals.Twins.TryLock(id) ?? throw Running(id);
        using var log = new ConversionLog(rehearsals.Twins.OpenLog(id), console);
        var rehearsal = new Rehearsal { ConversionId = id, StartedAt = DateTimeOffset.UtcNow };
        var duration = Stopwatch.StartNew();
        rehearsals.Begin(id);
        try
        {
            var twin = await makeTwinAsync().ConfigureAwait(false);
            try
            {
                rehearsal = await BootAsync(twin, rehearsal, destination, options, driveOptions, log, cancellationToken)
                    .ConfigureAwait(false);
            }
            catch (P2VException exception)
            {
                var error = exception.Describe();
                log.Failure(error);
                rehearsal = rehearsal with { Reason = $"It was not booted: {exception.Message}", Error = error };
            }
        }
        finally
        {
            await CleanAsync(conversion, destination, log).ConfigureAwait(false);
        }

        // Nobody listens there any more.
        rehearsal = rehearsal with
        {
            Duration = duration.Elapsed,
            SshPort = null,
        };
        log.Verbose($"{(rehearsal.Booted ? "The twin booted" : "The twin did not boot")}: {rehearsal.Reason}");
        rehearsals.Save(rehearsal);
        return rehearsal;
    }

    /// <summary>Deletes what a rehearsal whose engine died has left at the destination.</summary>
    /// <param name="conversion">Which nobody rehearses now.</param>
    public async Task CleanAsync(Conversion conversion, ITwinDestination destination, IEngineConsole console)
    {
        if (conversion.MachineId is not { } machine)
            return;

        using var timeout = new CancellationTokenSource(CleaningTimeout);
        try
        {
            await destination.DeleteTwinAsync(machine, timeout.Token).ConfigureAwait(false);
            rehearsals.Close(conversion.Id);
        }
        catch (Exception exception) when (exception is P2VException or OperationCanceledException)
        {
            console.Warning(
                $"The twin of {conversion.Task.Name} could not be deleted: {exception.Message} "
                    + "The next command that works on this conversion tries it again."
            );
        }
    }

    /// <summary>What would stop a twin from being made now.</summary>
    /// <exception cref="P2VException">DestinationFull, and what the destination throws.</exception>
    public static async Task RequireRoomAsync(
        string conversionId,
        string machineId,
        ITwinDestination destination,
        CancellationToken cancellationToken
    )
    {
        var findings = await destination.TestTwinAsync(machineId, cancellationToken).ConfigureAwait(false);
        if (findings.FirstOrDefault(finding => finding.Severity == FindingSeverity.Error) is { } obstacle)
            throw new P2VException(obstacle.Id, obstacle.What, obstacle.Remedy, conversionId);
    }

    private async Task<Conversion> MakeTwinAsync(
        Conversion conversion,
        ITwinDestination destination,
        RehearsalOptions options,
        DriveOptions driveOptions,
        CancellationToken cancellationToken
    )
    {
        var machine = await destination.GetAsync(conversion.MachineId!, cancellationToken).ConfigureAwait(false);
        HandOver.RequireOwn(machine, conversion.Id);
        if (machine.Power != MachinePower.PoweredOn)
        {
            throw new P2VException(
                ErrorIds.ConversionWrongState,
                $"The helper VM {machine.Name} does not run, so that its copy may not be whole on its disks.",
                $"Start it with a pass: Sync-P2VConversion {conversion.Id}.",
                conversion.Id
            );
        }

        await RequireRoomAsync(conversion.Id, machine.Id, destination, cancellationToken).ConfigureAwait(false);
        var begun = TwinOf(conversion, options);
        rehearsals.Twins.Save(begun);
        var settings = new HelperSettings
        {
            ConversionId = conversion.Id,
            // Replaced by the key of who connects.
            AuthorizedKey = ConversionKey.Generate(conversion.Id).AuthorizedKey,
            Network = begun.Task.Settings.HelperNetwork,
        };
        var twin = await destination
            .CreateTwinAsync(machine.Id, new TwinSpecification(conversion.Id, settings, driveOptions.HelperImagePath), cancellationToken)
            .ConfigureAwait(false);
        var made = begun with { MachineId = twin.Id, MacAddresses = twin.MacAddresses, Location = twin.Location };
        rehearsals.Twins.Save(made);
        return made;
    }

    private async Task<Rehearsal> BootAsync(
        Conversion twin,
        Rehearsal rehearsal,
        ITwinDestination destination,
        RehearsalOptions options,
        DriveOptions driveOptions,
        ConversionLog log,
        CancellationToken cancellationToken
    )
    {
        var tracker = new ConversionTracker(rehearsals.Twins, log, twin);
        var goal = ConversionGoal.To(ConversionState.Completed) with { Sync = SyncChoice.Never, Force = options.Force };
        await new ConversionDriver(tracker, destination, null, null, driveOptions with { IsRehearsal = true }, connector, log)
            .RunAsync(goal, cancellationToken)
            .ConfigureAwait(false);
        await destination.PowerOnAsync(twin.MachineId!, cancellationToken).ConfigureAwait(false);
        var watch = new BootWatch(destination, twin.MachineId!, options, log);
        rehearsal = await watch.RunAsync(rehearsal, cancellationToken).ConfigureAwait(false);
        rehearsal = await PictureAsync(rehearsal, twin, destination, log, cancellationToken).ConfigureAwait(false);
        if (options.Until is null || !rehearsal.Booted)
            return rehearsal;

        rehearsal = await watch.ProveAsync(rehearsal, cancellationToken).ConfigureAwait(false);
        return await PictureAsync(rehearsal, twin, destination, log, cancellationToken).ConfigureAwait(false);
    }

    private async Task<Rehearsal> PictureAsync(
        Rehearsal rehearsal,
        Conversion twin,
        ITwinDestination destination,
        ConversionLog log,
        CancellationToken cancellationToken
    )
    {
        if (await destination.TakeScreenshotAsync(twin.MachineId!, cancellationToken).ConfigureAwait(false) is not { } picture)
        {
            log.Verbose("The destination made no picture of the twin's screen.");
            return rehearsal;
        }

        var path = rehearsals.SaveScreenshot(twin.Id, rehearsal.Screenshots.Count + 1, picture);
        log.Verbose($"A picture of the twin's screen is in {path}.");
        return rehearsal with { Screenshots = [.. rehearsal.Screenshots, path] };
    }

    /// <summary>What the twin is as a conversion: copied, and without a source.</summary>
    private static Conversion TwinOf(Conversion conversion, RehearsalOptions options)
    {
        var plan = conversion.Task.Plan;
        return conversion with
        {
            Task = conversion.Task with
            {
                Settings = conversion.Task.Settings with { PowerOn = false, HelperNetwork = NetworkOf(conversion, options) },
                // Addresses that a user chose are the finished VM's, which may run beside its twin.
                Plan = plan with
                {
                    Machine = plan.Machine with { Adapters = [.. plan.Machine.Adapters.Select(a => a with { MacAddress = null })] },
                },
            },
            State = ConversionState.Queued,
            Goal = null,
            IsGoalReached = false,
            MachineId = null,
            MacAddresses = [],
            Helper = null,
            AgentBootId = null,
            AgentSequence = 0,
            Attempt = 1,
            IsReconfigured = false,
            StoppedServices = [],
            ServicesBeingStopped = [],
            ServicesStoppedBy = null,
        };
    }

    /// <summary>The conversion's own helper has its address, and runs.</summary>
    private static HelperNetwork NetworkOf(Conversion conversion, RehearsalOptions options)
    {
        var isShared = conversion.Task.Destination.Kind != DestinationKinds.Local;
        return options.HelperNetwork is null && isShared && conversion.Task.Settings.HelperNetwork.Addresses.Count > 0
            ? throw new P2VException(
                ErrorIds.TwinNotPossible,
                "The conversion's helper has a fixed address, which the twin's helper cannot have at the same time.",
                "Give the twin's helper one of its own with -HelperIPAddress.",
                conversion.Id
            )
            : options.HelperNetwork ?? new HelperNetwork();
    }

    private static void RequireReady(Conversion conversion)
    {
        if (
            conversion is
            {
                State: ConversionState.Synchronized or ConversionState.Reconfiguring,
                IsGoalReached: true,
                IsPassOpen: false,
                MachineId: not null,
            }
        )
        {
            return;
        }

        throw new P2VException(
            ErrorIds.ConversionWrongState,
            $"The conversion {conversion.Id} ({conversion.Task.Name}) is at {conversion.State}: a rehearsal needs a whole copy whose "
                + "helper VM waits.",
            $"Bring it to Synchronized first: Sync-P2VConversion {conversion.Id}.",
            conversion.Id
        );
    }

    /// <summary>For who would take the copy away from under a rehearsal.</summary>
    public static P2VException Running(string id) =>
        new(
            ErrorIds.RehearsalRunning,
            $"A rehearsal of the conversion {id} runs.",
            "Wait until it ends, or stop the command that started it.",
            id
        );

    private static P2VException InUse(string id) =>
        new(
            ErrorIds.ConversionInUse,
            $"A running process drives the conversion {id}: a twin is of one moment between two passes.",
            "Wait for it with Wait-P2VConversion; passes may run again once the twin is made.",
            id
        );
}
