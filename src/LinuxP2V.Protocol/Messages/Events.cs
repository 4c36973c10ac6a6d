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
[JsonDerivedType(typeof(SignatureNeededEvent), "signatureNeeded")]
[JsonDerivedType(typeof(LogEvent), "log")]
public abstract record AgentEvent
{
    /// <summary>
    /// Rises by one for each event that must not be lost; 0 for <see cref="HelloEvent"/>,
    /// <see cref="SignatureNeededEvent"/> and <see cref="VolumeProgressEvent"/>, of which only the newest counts.
    /// </summary>
    public long Sequence { get; init; }

    /// <summary>The helper's clock.</summary>
    public DateTimeOffset Time { get; init; }
}

/// <summary>The answer to <see cref="HelloRequest"/>: the state of the daemon.</summary>
public sealed record HelloEvent : AgentEvent
{
    /// <summary><see cref="ProtocolVersion.Current"/> of the agent.</summary>
    public required int Version { get; init; }

    /// <summary>New at each start of the daemon: another value tells the engine that the helper restarted and forgot.</summary>
    public required string BootId { get; init; }

    /// <summary><see cref="AgentEvent.Sequence"/> of the newest event; 0 before the first.</summary>
    public required long LastSequence { get; init; }

    /// <summary>Id of the operation that runs now.</summary>
    public string? ActiveRequestId { get; init; }

    /// <summary>Whether the agent still holds the source's credentials.</summary>
    public required bool HasSource { get; init; }

    /// <summary>That login needs an engine that signs.</summary>
    public bool NeedsSigner { get; init; }

    /// <summary>
    /// How often this daemon has set about starting the source's services again by itself, since no engine came back to
    /// the cutover: what was brought over before is then not the last of it.
    /// </summary>
    public int ServiceReleases { get; init; }
}

/// <summary>An operation has left the queue and runs.</summary>
public sealed record OperationStartedEvent : AgentEvent
{
    /// <summary><see cref="AgentRequest.RequestId"/>.</summary>
    public required string RequestId { get; init; }
}

/// <summary>An operation has ended well: its final event.</summary>
public sealed record OperationCompletedEvent : AgentEvent
{
    /// <summary><see cref="AgentRequest.RequestId"/>.</summary>
    public required string RequestId { get; init; }
}

/// <summary>An operation has failed or was cancelled: its final event.</summary>
public sealed record OperationFailedEvent : AgentEvent
{
    /// <summary><see cref="AgentRequest.RequestId"/>.</summary>
    public required string RequestId { get; init; }

    /// <summary>Why; <see cref="ErrorIds.OperationCancelled"/> after a <see cref="CancelRequest"/>.</summary>
    public required ErrorDescription Error { get; init; }
}

/// <param name="Id">One of <see cref="ErrorIds"/>.</param>
/// <param name="Cause">What happened, one sentence, with names and numbers.</param>
/// <param name="Remedy">What the admin does about it.</param>
/// <param name="Detail">The tool's own output, where there is any.</param>
public sealed record ErrorDescription(string Id, string Cause, string Remedy, string? Detail = null);

/// <summary>Bytes of file data read from the source so far; totals are estimates until the volume is complete.</summary>
public sealed record VolumeProgressEvent : AgentEvent
{
    /// <summary><see cref="Layout.TargetVolume.Id"/>.</summary>
    public required string VolumeId { get; init; }

    /// <summary>Bytes of file data that were read so far, an earlier run's included.</summary>
    public required long BytesDone { get; init; }

    /// <summary>Bytes of file data in all.</summary>
    public required long BytesTotal { get; init; }

    /// <summary>Files that were read so far, an earlier run's included.</summary>
    public required long FilesDone { get; init; }

    /// <summary>Files in all.</summary>
    public required long FilesTotal { get; init; }
}

/// <summary>All of a volume is copied and on the disk.</summary>
public sealed record VolumeCopiedEvent : AgentEvent
{
    /// <summary><see cref="Layout.TargetVolume.Id"/>.</summary>
    public required string VolumeId { get; init; }

    /// <summary>Bytes of file data, an earlier run's included.</summary>
    public required long Bytes { get; init; }

    /// <summary>Files, an earlier run's included.</summary>
    public required long Files { get; init; }

    /// <summary>Of this run.</summary>
    public required TimeSpan Duration { get; init; }
}

/// <summary>Why a file could not be copied as it is on the source.</summary>
public enum CopyIncidentKind
{
    /// <summary>Gone between listing and reading.</summary>
    Vanished,

    /// <summary>Changed while being read: the copy may be of two moments.</summary>
    Changed,

    /// <summary>The source could not read it.</summary>
    Unreadable,

    /// <summary>Something that the copy cannot carry, such as a socket.</summary>
    NotCarried,
}

/// <summary>A file that could not be copied as it is on the source. The copy goes on.</summary>
public sealed record CopyIncidentEvent : AgentEvent
{
    /// <summary><see cref="Layout.TargetVolume.Id"/>.</summary>
    public required string VolumeId { get; init; }

    /// <summary>Absolute, as on the source.</summary>
    public required string Path { get; init; }

    /// <summary>What happened to it.</summary>
    public required CopyIncidentKind Kind { get; init; }

    /// <summary>The tool's own message, where there is one.</summary>
    public string? Detail { get; init; }
}

/// <summary>One change that the reconfiguration made in the copy.</summary>
public sealed record ChangeEvent : AgentEvent
{
    /// <summary>The concern that made it: BootLoader, Initramfs, Fstab, Network, …</summary>
    public required string Concern { get; init; }

    /// <summary>The file or device, as the copy will see it.</summary>
    public required string Subject { get; init; }

    /// <summary>What was changed, one sentence.</summary>
    public required string What { get; init; }

    /// <summary>Why the copy needs it, one sentence.</summary>
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

/// <summary>How important a line of the log is.</summary>
public enum LogLevel
{
    /// <summary>For those who look for a fault.</summary>
    Debug,

    /// <summary>A step of the work.</summary>
    Information,

    /// <summary>Something that the user should look at; the work goes on.</summary>
    Warning,
}

/// <summary>A line for the conversion's log.</summary>
public sealed record LogEvent : AgentEvent
{
    /// <summary>A warning is shown to the user, too.</summary>
    public required LogLevel Level { get; init; }

    /// <summary>One or more sentences, without secrets.</summary>
    public required string Message { get; init; }
}
