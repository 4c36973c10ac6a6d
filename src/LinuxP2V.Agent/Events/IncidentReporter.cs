using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Events;

/// <summary>Reports a volume's incidents, up to a number that a person can still read.</summary>
internal sealed class IncidentReporter(string volumeId, string mountPoint, IEventSink sink, int limit = IncidentReporter.Limit)
{
    public const int Limit = 10_000;

    private int count;

    public int Count => Volatile.Read(ref count);

    public void Report(CopyIncident incident)
    {
        (sink as IIncidentCounter)?.Count(incident.Kind);
        if (Interlocked.Increment(ref count) > limit)
            return;

        var path =
            mountPoint == "/" || !incident.Path.StartsWith('/') ? incident.Path
            : incident.Path == "/" ? mountPoint
            : mountPoint + incident.Path;
        sink.Report(
            new CopyIncidentEvent
            {
                VolumeId = volumeId,
                Path = path,
                Kind = incident.Kind,
                Detail = incident.Detail,
            }
        );
    }

    /// <summary>Those that nobody kept, as more than enough are named.</summary>
    public void CountUnnamed(CopyIncidentKind kind, int number)
    {
        Interlocked.Add(ref count, number);
        for (var i = 0; i < number; i++)
            (sink as IIncidentCounter)?.Count(kind);
    }

    public void Close()
    {
        if (Count > limit)
            sink.Warning($"{volumeId}: {Count} files in all could not be copied as they are; the first {limit} are named.");
    }
}

/// <summary>Where incidents are counted, those too that are too many to be named.</summary>
internal interface IIncidentCounter
{
    void Count(CopyIncidentKind kind);
}
