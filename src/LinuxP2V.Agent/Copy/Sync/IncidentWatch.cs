using LinuxP2V.Agent.Session;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Copy.Sync;

/// <summary>Passes events on and counts the incidents among them.</summary>
/// <param name="onMissed">Called at the first entry that did not come.</param>
internal sealed class IncidentWatch(IEventSink sink, Action? onMissed = null) : IEventSink
{
    private int missed;
    private int unreadable;

    public int Unreadable => unreadable;

    /// <summary>Entries that are not in the copy though the list has them.</summary>
    public int Missed => missed;

    public void Report(AgentEvent agentEvent)
    {
        if (agentEvent is CopyIncidentEvent { Kind: CopyIncidentKind.Vanished or CopyIncidentKind.Unreadable } incident)
        {
            if (incident.Kind == CopyIncidentKind.Unreadable)
                Interlocked.Increment(ref unreadable);

            if (Interlocked.Increment(ref missed) == 1)
                onMissed?.Invoke();
        }

        sink.Report(agentEvent);
    }
}
