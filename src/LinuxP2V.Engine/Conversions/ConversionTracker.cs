using System.Diagnostics;
using LinuxP2V.Engine.Destinations;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Conversions;

/// <summary>
/// The newest snapshot of one driven conversion, and its way to the disk: transitions at once, progress at most once a
/// second. Snapshot and event sequence are stored together, so a new driver counts no event twice and misses none.
/// Thread safe: requests of other processes change it beside the driver.
/// </summary>
internal sealed class ConversionTracker(ConversionStore store, ConversionLog log, Conversion conversion)
{
    private static readonly TimeSpan SaveInterval = TimeSpan.FromSeconds(1);

    private readonly object gate = new();
    private readonly DifferenceFile differences = store.Differences(conversion.Id);
    private readonly Stopwatch sinceSave = Stopwatch.StartNew();
    private readonly Stopwatch inState = Stopwatch.StartNew();
    private DateTimeOffset operationStartedAt;
    private bool hasMoved;

    public Conversion Current { get; private set; } = conversion;

    /// <summary>Called with each new limit, while somebody can hand it on to the helper.</summary>
    public Action<double?>? LimitChanged { get; set; }

    public void Update(Func<Conversion, Conversion> change)
    {
        lock (gate)
        {
            Change(change);
            Save();
        }
    }

    public void Enter(ConversionState state)
    {
        if (state != Current.State)
        {
            Enter(state, c => c);
        }
    }

    private void Enter(ConversionState state, Func<Conversion, Conversion> change)
    {
        // Where an earlier run ended, nothing was done since.
        IReadOnlyList<PhaseDuration> left =
            hasMoved || Current.State == ConversionState.Queued ? [new PhaseDuration(Current.State, inState.Elapsed)] : [];
        hasMoved = true;
        inState.Restart();
        Update(c =>
            change(
                c with
                {
                    State = state,
                    Phases = c.State is ConversionState.Failed or ConversionState.Stopped ? c.Phases : [.. c.Phases, .. left],
                }
            )
        );
        log.Verbose($"{Current.Task.Name}: {state}");
    }

    /// <summary>The run has done what it was asked for.</summary>
    public void Settle() =>
        Update(c =>
            c with
            {
                IsGoalReached = true,
                DriverProcessId = null,
                // It stays in this state, so that no other will follow and close it.
                Phases =
                    hasMoved && c.State == ConversionState.Reconfiguring
                        ? [.. c.Phases, new PhaseDuration(c.State, inState.Elapsed)]
                        : c.Phases,
            }
        );

    /// <summary>For a run that ended in between: a resume goes on in the state that it was in.</summary>
    public void Interrupt(ConversionState state, ErrorDescription? error)
    {
        var interrupted = Current.State is ConversionState.Failed or ConversionState.Stopped ? Current.InterruptedState : Current.State;
        if (error is not null)
        {
            log.Failure(error);
        }

        // In one: nobody finds it failed without its error, and a thousand that are stopped are written once each.
        Enter(state, c => c with { InterruptedState = interrupted, Error = error, DriverProcessId = null });
    }

    public void Remember(DestinationMachine machine)
    {
        Update(c =>
            c with
            {
                MachineId = machine.Id,
                MacAddresses = machine.MacAddresses,
                Location = machine.Location,
                StartCommand = machine.StartCommand,
            }
        );
        Note(machine.Findings);
    }

    /// <summary>What others left at the machine: each is warned of when it is new.</summary>
    public void Note(IReadOnlyList<Finding> findings)
    {
        var known = Current.MachineFindings;
        if (findings.SequenceEqual(known))
        {
            return;
        }

        Update(c => c with { MachineFindings = findings });
        var told = known.Select(Nameless).ToHashSet();
        foreach (var finding in findings.Where(finding => !told.Contains(Nameless(finding))))
        {
            log.Warning($"{finding.What} {finding.Remedy}");
        }
    }

    /// <summary>A VM that was renamed has nothing new.</summary>
    private static Finding Nameless(Finding finding) =>
        finding with
        {
            Subject = "",
            What = finding.What.Replace($"VM {finding.Subject} ", "VM "),
        };

    public void Limit(double? megabitsPerSecond)
    {
        Update(c => c with { BandwidthLimitMbps = megabitsPerSecond });
        log.Verbose(
            megabitsPerSecond is null
                ? "The bandwidth is not limited."
                : FormattableString.Invariant($"The bandwidth is limited to {megabitsPerSecond} Mbit/s.")
        );
        LimitChanged?.Invoke(megabitsPerSecond);
    }

    public void Take(AgentEvent agentEvent)
    {
        lock (gate)
        {
            if (agentEvent is OperationStartedEvent started)
            {
                operationStartedAt = started.Time;
            }

            if (agentEvent.Sequence > 0)
            {
                if (agentEvent.Sequence <= Current.AgentSequence)
                {
                    return;
                }

                log.Event(agentEvent);
                KeepDifference(agentEvent);
            }
            else if (agentEvent.Time < operationStartedAt)
            {
                // Progress of an operation before this one, repeated to a new connection.
                return;
            }

            Change(c => AgentEvents.Apply(c, agentEvent) with { AgentSequence = Math.Max(c.AgentSequence, agentEvent.Sequence) });
            if (
                agentEvent is VolumeCopiedEvent or VolumeSyncedEvent or VolumeVerifiedEvent or SourceServicesEvent
                || sinceSave.Elapsed > SaveInterval
            )
            {
                Save();
            }
        }
    }

    private void KeepDifference(AgentEvent agentEvent)
    {
        switch (agentEvent)
        {
            case OperationStartedEvent started when AgentOperation.NameOf(started.RequestId) == AgentOperation.Verify:
                differences.Begin(FormattableString.Invariant($"{Current.AgentBootId}/{started.Sequence}"));
                break;
            case DifferenceEvent difference:
                differences.Add(difference);
                break;
        }
    }

    private void Change(Func<Conversion, Conversion> change) => Current = change(Current) with { UpdatedAt = DateTimeOffset.UtcNow };

    private void Save()
    {
        store.Save(Current);
        sinceSave.Restart();
    }
}
