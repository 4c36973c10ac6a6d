using System.Collections.Concurrent;
using LinuxP2V.Agent.Events;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Tests.Session;

internal sealed class EventRecorder : IEventSink
{
    private readonly ConcurrentQueue<AgentEvent> events = new();

    public IReadOnlyList<AgentEvent> All => [.. events];

    public void Report(AgentEvent agentEvent) => events.Enqueue(agentEvent);

    public IReadOnlyList<T> Of<T>() => [.. events.OfType<T>()];
}
