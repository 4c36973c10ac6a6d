using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Events;

/// <summary>Passes events on and counts incidents, whether they become events or not.</summary>
/// <param name="onMissed">Called at the first entry that did not come.</param>
internal sealed class IncidentWatch(IEventSink sink, Action? onMissed = null) : IEventSink, IIncidentCounter
{
    private int missed;
    private int unreadable;

    public int Unreadable => unreadable;

    /// <summary>Entries that are not in the copy though the list has them.</summary>
    public int Missed => missed;

    public void Report(AgentEvent agentEvent) => sink.Report(agentEvent);

    public void Count(CopyIncidentKind kind)
    {
        // Another watch may be behind this one.
        (sink as IIncidentCounter)?.Count(kind);
        if (kind is not (CopyIncidentKind.Vanished or CopyIncidentKind.Unreadable))
            return;

        if (kind == CopyIncidentKind.Unreadable)
            Interlocked.Increment(ref unreadable);

        if (Interlocked.Increment(ref missed) == 1)
            onMissed?.Invoke();
    }
}
