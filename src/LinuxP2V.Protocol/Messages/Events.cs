using System.Text.Json.Serialization;

namespace LinuxP2V.Protocol.Messages;

/// <summary>What the agent tells: one JSON object a line on its standard output.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(HelloEvent), "hello")]
[JsonDerivedType(typeof(OperationStartedEvent), "operationStarted")]
[JsonDerivedType(typeof(OperationCompletedEvent), "operationCompleted")]
[JsonDerivedType(typeof(OperationFailedEvent), "operationFailed")]
[JsonDerivedType(typeof(VolumeProgressEvent), "volumeProgress")]
[JsonDerivedType(typeof(VolumeCopiedEvent), "volumeCopied")]
[JsonDerivedType(typeof(VolumeResumedEvent), "volumeResumed")]
[JsonDerivedType(typeof(VolumeSyncedEvent), "volumeSynced")]
[JsonDerivedType(typeof(VolumeVerifiedEvent), "volumeVerified")]
[JsonDerivedType(typeof(DifferenceEvent), "difference")]
[JsonDerivedType(typeof(CopyIncidentEvent), "copyIncident")]
[JsonDerivedType(typeof(ChangeEvent), "change")]
[JsonDerivedType(typeof(SourceServicesEvent), "sourceServices")]
[JsonDerivedType(typeof(LogEvent), "log")]
public abstract record AgentEvent
{
    /// <summary>
    /// Rises by one for each event that must not be lost; 0 for <see cref="HelloEvent"/> and
    /// <see cref="VolumeProgressEvent"/>, of which only the newest counts.
    /// </summary>
    public long Sequence { get; init; }

    public DateTimeOffset Time { get; init; }
}

public sealed record HelloEvent : AgentEvent
{
    public required int Version { get; init; }

    /// <summary>New at each start of the daemon: another value tells the engine that the helper restarted and forgot.</summary>
    public required string BootId { get; init; }

    public required long LastSequence { get; init; }

    /// <summary>Id of the operation that runs now.</summary>
    public string? ActiveRequestId { get; init; }

    /// <summary>Whether the agent still holds the source's credentials.</summary>
    public required bool HasSource { get; init; }

    /// <summary>
    /// How often this daemon has set about starting the source's services again by itself, since no engine came back to
    /// the cutover: what was brought over before is then not the last of it.
    /// </summary>
    public int ServiceReleases { get; init; }
}

public sealed record OperationStartedEvent : AgentEvent
{
    public required string RequestId { get; init; }
}

public sealed record OperationCompletedEvent : AgentEvent
{
    public required string RequestId { get; init; }
}

public sealed record OperationFailedEvent : AgentEvent
{
    public required string RequestId { get; init; }

    public required ErrorDescription Error { get; init; }
}

/// <param name="Id">One of <see cref="ErrorIds"/>.</param>
/// <param name="Cause">What happened, one sentence, with names and numbers.</param>
/// <param name="Remedy">What the admin does about it.</param>
/// <param name="Detail">The tool's own words, where there are any.</param>
public sealed record ErrorDescription(string Id, string Cause, string Remedy, string? Detail = null);

/// <summary>Bytes of file data read from the source so far; totals are estimates until the volume is complete.</summary>
public sealed record VolumeProgressEvent : AgentEvent
{
    public required string VolumeId { get; init; }

    public required long BytesDone { get; init; }

    public required long BytesTotal { get; init; }

    public required long FilesDone { get; init; }

    public required long FilesTotal { get; init; }
}

public sealed record VolumeCopiedEvent : AgentEvent
{
    public required string VolumeId { get; init; }

    public required long Bytes { get; init; }

    public required long Files { get; init; }

    public required TimeSpan Duration { get; init; }
}

public enum CopyIncidentKind
{
    /// <summary>Gone between listing and reading.</summary>
    Vanished,

    /// <summary>Changed while being read: the copy may be of two moments.</summary>
    Changed,

    Unreadable,

    /// <summary>Something that the copy cannot carry, such as a socket.</summary>
    NotCarried,
}

public sealed record CopyIncidentEvent : AgentEvent
{
    public required string VolumeId { get; init; }

    public required string Path { get; init; }

    public required CopyIncidentKind Kind { get; init; }

    public string? Detail { get; init; }
}

/// <summary>One change that the reconfiguration made in the copy.</summary>
public sealed record ChangeEvent : AgentEvent
{
    /// <summary>The concern that made it: BootLoader, Initramfs, Fstab, Network, …</summary>
    public required string Concern { get; init; }

    /// <summary>The file or device, as the copy will see it.</summary>
    public required string Subject { get; init; }

    public required string What { get; init; }

    public required string Why { get; init; }
}

/// <summary>How the source's services stand for this conversion: a newer one takes the place of an older one.</summary>
public sealed record SourceServicesEvent : AgentEvent
{
    /// <summary>Units that were running, are stopped and shall be started again, in the order in which they were stopped.</summary>
    public IReadOnlyList<string> Stopped
    {
        get;
        init => field = value ?? [];
    } = [];

    /// <summary>The request to stop them is still at work: it has more to stop, and what it has done can be undone.</summary>
    public bool IsOngoing { get; init; }
}

public enum LogLevel
{
    Debug,
    Information,
    Warning,
}

public sealed record LogEvent : AgentEvent
{
    public required LogLevel Level { get; init; }

    public required string Message { get; init; }
}
