using System.Globalization;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Events;

/// <summary>Passes events on, and keeps what of them tells of files that the source cannot read. Thread safe.</summary>
internal sealed class UnreadableFiles(IEventSink sink) : IEventSink, IIncidentCounter
{
    private const int NamedPaths = 5;

    private readonly Lock gate = new();
    private readonly List<string> first = [];
    private long count;

    /// <summary>Those too that are too many to be named.</summary>
    public long Count => Interlocked.Read(ref count);

    public void Report(AgentEvent agentEvent)
    {
        if (agentEvent is CopyIncidentEvent { Kind: CopyIncidentKind.Unreadable } incident)
        {
            lock (gate)
            {
                if (first.Count < NamedPaths)
                    first.Add(incident.Detail is null ? incident.Path : $"{incident.Path} ({incident.Detail})");
            }
        }

        sink.Report(agentEvent);
    }

    void IIncidentCounter.Count(CopyIncidentKind kind)
    {
        // Another counter may be behind this one.
        (sink as IIncidentCounter)?.Count(kind);
        if (kind == CopyIncidentKind.Unreadable)
            Interlocked.Increment(ref count);
    }

    /// <param name="remains">What the copy is like: a sentence.</param>
    public AgentException ToException(string source, string remains)
    {
        string named;
        lock (gate)
        {
            named = string.Join(", ", first);
        }

        return new AgentException(
            ErrorIds.FilesUnreadable,
            string.Create(CultureInfo.InvariantCulture, $"{source} cannot read {Count} of its files or folders: {named}")
                + $"{(Count > first.Count ? " and others" : "")}. {remains}",
            "Look at the source's log for disk errors, and mend or remove what cannot be read, or leave it out of a new task "
                + "(-ExcludePath); then resume: it is read again. To go on without it, use -AllowUnreadable.",
            null
        );
    }
}
