using LinuxP2V.Agent.Events;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Session;

/// <summary>
/// All events since the daemon started, in memory, for any number of readers. Each reader has its own place, so a
/// connection that hangs holds up nobody.
/// </summary>
/// <param name="write">Gets each event but progress, stamped, in order: for the log file.</param>
/// <param name="capacity">
/// From this many on, old incidents, differences and log lines are dropped; outcomes never are, the engine finds them by
/// replay, and a comparison's sums are in its own outcome.
/// </param>
internal sealed class EventLog(Action<AgentEvent>? write = null, int capacity = 200_000) : IEventSink
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, Progress> progress = [];
    private List<AgentEvent> events = [];
    private TaskCompletionSource changed = NewSignal();
    private long lastSequence;
    private long lastDropped;
    private int dropNext;
    private long lastProgress;

    public long LastSequence
    {
        get
        {
            lock (gate)
            {
                return lastSequence;
            }
        }
    }

    public void Report(AgentEvent agentEvent) => Append(agentEvent);

    /// <summary>Same as <see cref="Report"/>, and tells which sequence the event got.</summary>
    public long Append(AgentEvent agentEvent)
    {
        TaskCompletionSource signal;
        long sequence;
        lock (gate)
        {
            var now = DateTimeOffset.UtcNow;
            if (agentEvent is VolumeProgressEvent volume)
            {
                progress[volume.VolumeId] = new Progress(volume with { Sequence = 0, Time = now }, lastSequence, ++lastProgress);
            }
            else
            {
                var stamped = agentEvent with { Sequence = ++lastSequence, Time = now };
                events.Add(stamped);
                write?.Invoke(stamped);
                DropOld();
            }

            sequence = lastSequence;
            (signal, changed) = (changed, NewSignal());
        }

        signal.TrySetResult();
        return sequence;
    }

    /// <summary>
    /// What came after a place, oldest first, and the place behind it. The signal completes as soon as there is more;
    /// it is taken together with the events, so that nothing falls between.
    /// </summary>
    public (IReadOnlyList<AgentEvent> Events, ReaderPlace Place, Task More) ReadAfter(ReaderPlace place, int limit = 1000)
    {
        lock (gate)
        {
            var found = new List<(long Order, AgentEvent Event)>();
            if (place.Sequence < lastDropped)
            {
                found.Add(
                    (
                        2 * place.Sequence,
                        new LogEvent
                        {
                            Time = DateTimeOffset.UtcNow,
                            Level = LogLevel.Warning,
                            Message =
                                "The helper no longer holds all incidents, differences and log lines from before; "
                                + "outcomes are complete, the rest is in its log file.",
                        }
                    )
                );
            }

            var start = IndexAfter(place.Sequence);
            var count = Math.Min(limit, events.Count - start);
            for (var i = start; i < start + count; i++)
                found.Add((2 * events[i].Sequence, events[i]));

            var next = place with { Sequence = count > 0 ? events[start + count - 1].Sequence : Math.Max(place.Sequence, lastDropped) };
            if (start + count == events.Count)
            {
                found.AddRange(
                    progress.Values.Where(p => p.Version > place.Progress).Select(p => ((2 * p.AfterSequence) + 1, (AgentEvent)p.Event))
                );
                next = new ReaderPlace(next.Sequence, lastProgress);
            }

            var more = start + count < events.Count ? Task.CompletedTask : changed.Task;
            return ([.. found.OrderBy(f => f.Order).Select(f => f.Event)], next, more);
        }
    }

    private int IndexAfter(long sequence)
    {
        var (low, high) = (0, events.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = events[middle].Sequence <= sequence ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private void DropOld()
    {
        if (events.Count < Math.Max(capacity, dropNext))
            return;

        // A quarter at a time: the cost spreads over the events that fill it again.
        var old = events.Count / 4;
        var kept = new List<AgentEvent>(events.Count);
        for (var i = 0; i < events.Count; i++)
        {
            if (i >= old || events[i] is not (LogEvent or CopyIncidentEvent or DifferenceEvent))
                kept.Add(events[i]);
            else
                lastDropped = events[i].Sequence;
        }

        events = kept;
        // Where little could be dropped the next look is not at the next event, either.
        dropNext = kept.Count + Math.Max(1, capacity / 8);
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed record Progress(VolumeProgressEvent Event, long AfterSequence, long Version);
}

/// <summary>How far a reader has read.</summary>
internal readonly record struct ReaderPlace(long Sequence, long Progress = 0);
