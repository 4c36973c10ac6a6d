using System.Text.Json.Serialization;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Protocol.Messages;

/// <summary>
/// What the engine asks of the agent: one JSON object a line on the agent's standard input. Every operation runs in the
/// daemon, one at a time, and goes on when the connection drops; its outcome is an event.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(HelloRequest), "hello")]
[JsonDerivedType(typeof(ConnectSourceRequest), "connectSource")]
[JsonDerivedType(typeof(PrepareRequest), "prepare")]
[JsonDerivedType(typeof(CopyRequest), "copy")]
[JsonDerivedType(typeof(SyncRequest), "sync")]
[JsonDerivedType(typeof(VerifyRequest), "verify")]
[JsonDerivedType(typeof(SetLimitsRequest), "setLimits")]
[JsonDerivedType(typeof(SignatureRequest), "signature")]
[JsonDerivedType(typeof(StopServicesRequest), "stopServices")]
[JsonDerivedType(typeof(StartServicesRequest), "startServices")]
[JsonDerivedType(typeof(ReconfigureRequest), "reconfigure")]
[JsonDerivedType(typeof(FinishRequest), "finish")]
[JsonDerivedType(typeof(CancelRequest), "cancel")]
[JsonDerivedType(typeof(PowerOffRequest), "powerOff")]
public abstract record AgentRequest
{
    /// <summary>Chosen by the engine, unique in a conversion; a request repeated after a drop keeps its id and is not run twice.</summary>
    public required string RequestId { get; init; }
}

/// <summary>
/// The first line on each connection. The agent answers with <see cref="HelloEvent"/>, then all events after
/// <see cref="AfterSequence"/>.
/// </summary>
public sealed record HelloRequest : AgentRequest
{
    /// <summary><see cref="ProtocolVersion.Current"/> of the engine.</summary>
    public required int Version { get; init; }

    /// <summary><see cref="AgentEvent.Sequence"/> of the last event that the engine has; 0 for all.</summary>
    public required long AfterSequence { get; init; }

    /// <summary>The engine has a key and answers <see cref="SignatureNeededEvent"/>; others are not asked.</summary>
    public bool CanSign { get; init; }
}

/// <summary>Log in to the source and run a command there: nothing is written before this has worked.</summary>
public sealed record ConnectSourceRequest : AgentRequest
{
    /// <summary>Address and secrets, which the agent keeps in memory.</summary>
    public required SourceAccess Source { get; init; }
}

/// <summary>
/// Partition, volume groups, file systems, mount. On disks that the journal of the same conversion already describes it
/// only activates and mounts them, so that a broken conversion goes on with what it has.
/// </summary>
public sealed record PrepareRequest : AgentRequest
{
    /// <summary>Written into the journal, so that no other conversion takes the disks for its own.</summary>
    public required string ConversionId { get; init; }

    /// <summary>What is built.</summary>
    public required TargetLayout Layout { get; init; }

    /// <summary>
    /// What will be asked of the reconfiguration: it is planned on the source's own files before a partition is made. Null
    /// where there will be none.
    /// </summary>
    public ReconfigureOptions? Reconfigure { get; init; }
}

/// <summary>Copy the volumes that the journal does not call complete.</summary>
public sealed record CopyRequest : AgentRequest
{
    /// <summary>Volume ids; empty for all.</summary>
    public IReadOnlyList<string> VolumeIds
    {
        get;
        init => field = value ?? [];
    } = [];

    /// <summary>How the data is read.</summary>
    public CopyOptions Options
    {
        get;
        init => field = value ?? new();
    } = new();
}

/// <summary>Bring over what changed on the source since the last pass; every volume must have been copied whole.</summary>
public sealed record SyncRequest : AgentRequest
{
    /// <summary>Volume ids; empty for all.</summary>
    public IReadOnlyList<string> VolumeIds
    {
        get;
        init => field = value ?? [];
    } = [];

    /// <summary>How the data is read.</summary>
    public CopyOptions Options
    {
        get;
        init => field = value ?? new();
    } = new();
}

/// <summary>Compare the copy with the source. Changes neither.</summary>
public sealed record VerifyRequest : AgentRequest
{
    /// <summary>Volume ids; empty for all.</summary>
    public IReadOnlyList<string> VolumeIds
    {
        get;
        init => field = value ?? [];
    } = [];

    /// <summary>Of the files' contents, chosen at random: above 0, to 100. Everything else is always compared.</summary>
    public double SamplePercent
    {
        get;
        // 0 is what an absent member becomes.
        init => field = value == 0 ? 100 : value;
    } = 100;

    /// <summary>How the data is read.</summary>
    public CopyOptions Options
    {
        get;
        init => field = value ?? new();
    } = new();
}

/// <summary>Takes effect at once, on what runs and on what follows; does not wait in the queue.</summary>
public sealed record SetLimitsRequest : AgentRequest
{
    /// <summary>As <see cref="CopyOptions.BandwidthLimitMbps"/>.</summary>
    public double? BandwidthLimitMbps { get; init; }
}

/// <summary>Stop systemd services on the source before the last pass: the one thing that changes it, and only when asked.</summary>
public sealed record StopServicesRequest : AgentRequest
{
    /// <summary>
    /// systemd units, in the order in which they are stopped. What would start one again, such as its socket, stops
    /// first.
    /// </summary>
    public required IReadOnlyList<string> Services
    {
        get;
        init => field = value ?? [];
    }

    /// <summary>As <see cref="StartServicesRequest.ConversionId"/>.</summary>
    public string? ConversionId { get; init; }

    /// <summary>As <see cref="StartServicesRequest.Stopped"/>: known to this helper, too, from then on.</summary>
    public IReadOnlyList<string> Stopped
    {
        get;
        init => field = value ?? [];
    } = [];
}

/// <summary>Start again what <see cref="StopServicesRequest"/> stopped: the cutover failed.</summary>
public sealed record StartServicesRequest : AgentRequest
{
    /// <summary>Names what is left on the source for it. Null: the one whose disks are prepared.</summary>
    public string? ConversionId { get; init; }

    /// <summary>
    /// Units that a helper of this conversion stopped, in that order, perhaps another one than this: those of them that
    /// do not run are started, too.
    /// </summary>
    public IReadOnlyList<string> Stopped
    {
        get;
        init => field = value ?? [];
    } = [];
}

/// <summary>Make the copy boot. May be repeated: it starts from the originals that it kept.</summary>
public sealed record ReconfigureRequest : AgentRequest
{
    /// <summary>What the copy itself does not tell.</summary>
    public required ReconfigureOptions Options { get; init; }
}

/// <summary>Write the finished marker, unmount, deactivate, power off. Needs nobody from then on.</summary>
public sealed record FinishRequest : AgentRequest
{
    /// <summary>Also where the source does not answer any more, on which services are stopped.</summary>
    public bool Force { get; init; }
}

/// <summary>Stop the running operation; what was copied stays.</summary>
public sealed record CancelRequest : AgentRequest;

/// <summary>Unmount and power off without finishing.</summary>
public sealed record PowerOffRequest : AgentRequest;
