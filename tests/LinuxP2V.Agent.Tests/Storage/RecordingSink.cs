using LinuxP2V.Agent.Events;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Tests.Storage;

internal sealed class RecordingSink : IEventSink
{
    private readonly List<AgentEvent> events = [];

    public IReadOnlyList<AgentEvent> Events
    {
        get
        {
            lock (events)
            {
                return [.. events];
            }
        }
    }

    public IEnumerable<ChangeEvent> Changes => Events.OfType<ChangeEvent>();

    public IEnumerable<string> Warnings =>
        Events.OfType<LogEvent>().Where(entry => entry.Level == LogLevel.Warning).Select(entry => entry.Message);

    public void Report(AgentEvent agentEvent)
    {
        lock (events)
        {
            events.Add(agentEvent);
        }
    }
}
