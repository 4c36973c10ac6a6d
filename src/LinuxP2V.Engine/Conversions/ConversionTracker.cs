using System.Diagnostics;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Conversions;

/// <summary>
/// The newest snapshot of one driven conversion, and its way to the disk: transitions at once, progress at most once a
/// second. Snapshot and event sequence are stored together, so a new driver counts no event twice and misses none.
/// </summary>
internal sealed class ConversionTracker(ConversionStore store, ConversionLog log, Conversion conversion)
{
    private static readonly TimeSpan SaveInterval = TimeSpan.FromSeconds(1);

    private readonly Stopwatch _sinceSave = Stopwatch.StartNew();
    private readonly Stopwatch _inState = Stopwatch.StartNew();

    public Conversion Current { get; private set; } = conversion;

    public void Update(Func<Conversion, Conversion> change)
    {
        Change(change);
        Save();
    }

    public void Enter(ConversionState state)
    {
        if (state == Current.State)
        {
            return;
        }

        var left = new PhaseDuration(Current.State, _inState.Elapsed);
        _inState.Restart();
        Update(c => c with { State = state, Phases = left.State is ConversionState.Failed or ConversionState.Stopped ? c.Phases : [.. c.Phases, left] });
        log.Verbose($"{Current.Task.Name}: {state}");
    }

    /// <summary>A run that ended in between: the state it was in is where a resume goes on.</summary>
    public void Interrupt(ConversionState state, ErrorDescription? error)
    {
        var interrupted = Current.State is ConversionState.Failed or ConversionState.Stopped ? Current.InterruptedState : Current.State;
        if (error is not null)
        {
            log.Failure(error);
        }

        Enter(state);
        Update(c => c with { InterruptedState = interrupted, Error = error, DriverProcessId = null });
    }

    public void Take(AgentEvent agentEvent)
    {
        if (agentEvent is HelloEvent)
        {
            return;
        }

        if (agentEvent.Sequence > 0)
        {
            if (agentEvent.Sequence <= Current.AgentSequence)
            {
                return;
            }

            log.Event(agentEvent);
            Change(c => c with { AgentSequence = agentEvent.Sequence });
        }

        switch (agentEvent)
        {
            case VolumeProgressEvent progress:
                Change(c => c with { Volumes = Replace(c.Volumes, new VolumeState(progress.VolumeId, progress.BytesDone, Math.Max(progress.BytesTotal, progress.BytesDone), progress.FilesDone, Math.Max(progress.FilesTotal, progress.FilesDone), false)) });
                break;
            case VolumeCopiedEvent copied:
                Change(c => c with { Volumes = Replace(c.Volumes, new VolumeState(copied.VolumeId, copied.Bytes, copied.Bytes, copied.Files, copied.Files, true)) });
                Save();
                break;
            case CopyIncidentEvent:
                Change(c => c with { IncidentCount = c.IncidentCount + 1 });
                break;
        }

        if (_sinceSave.Elapsed > SaveInterval)
        {
            Save();
        }
    }

    private void Change(Func<Conversion, Conversion> change) =>
        Current = change(Current) with { UpdatedAt = DateTimeOffset.UtcNow };

    private void Save()
    {
        store.Save(Current);
        _sinceSave.Restart();
    }

    private static IReadOnlyList<VolumeState> Replace(IReadOnlyList<VolumeState> volumes, VolumeState changed) =>
        volumes.Any(v => v.VolumeId == changed.VolumeId)
            ? [.. volumes.Select(v => v.VolumeId == changed.VolumeId ? changed : v)]
            : [.. volumes, changed];
}
