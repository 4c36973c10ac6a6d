using LinuxP2V.Agent.Session;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Copy.Sync;

/// <summary>Passes events on and counts the incidents among them.</summary>
internal sealed class IncidentWatch(IEventSink sink) : IEventSink
{
    private int vanished;
    private int unreadable;

    public int Unreadable => unreadable;

    /// <summary>Entries that are not in the copy though the list has them.</summary>
    public int Missed => vanished + unreadable;

    public void Report(AgentEvent agentEvent)
    {
        if (agentEvent is CopyIncidentEvent incident)
        {
            if (incident.Kind == CopyIncidentKind.Vanished)
                Interlocked.Increment(ref vanished);
            else if (incident.Kind == CopyIncidentKind.Unreadable)
                Interlocked.Increment(ref unreadable);
        }

        sink.Report(agentEvent);
    }
}
