using System.Text.Json.Serialization;
using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Tasks;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Conversions;

/// <summary>In the order in which a conversion goes; Failed and Stopped stand outside of it.</summary>
public enum ConversionState
{
    /// <summary>Nothing was done yet.</summary>
    Queued,

    /// <summary>The VM is created and boots the helper.</summary>
    DeployingHelper,

    /// <summary>The helper is connected to the source.</summary>
    HelperReady,

    /// <summary>Partitions and file systems are made.</summary>
    Preparing,

    /// <summary>The full copy runs.</summary>
    Copying,

    /// <summary>A further pass brings over what changed.</summary>
    Synchronizing,

    /// <summary>The copy is compared with the source.</summary>
    Verifying,

    /// <summary>All that the last pass found is in the copy.</summary>
    Synchronized,

    /// <summary>The copy is made bootable.</summary>
    Reconfiguring,

    /// <summary>The helper powers off, and its settings are taken off the VM.</summary>
    Finishing,

    /// <summary>The VM is the copy.</summary>
    Completed,

    /// <summary>It needs the user: <see cref="Conversion.Error"/> says why.</summary>
    Failed,

    /// <summary>The user stopped it; a resume goes on.</summary>
    Stopped,
}

/// <summary>
/// A conversion as it is stored after each transition: one JSON file, no secret in it. An immutable snapshot; the
/// session holds the newest.
/// </summary>
public sealed record Conversion
{
    /// <summary>Twelve characters, for people to type.</summary>
    public required string Id { get; init; }

    /// <summary>What was planned; it does not change any more.</summary>
    public required ConversionTask Task { get; init; }

    /// <summary>Errors of the task that it was started in spite of; none for most.</summary>
    public IReadOnlyList<Finding> ForcedErrors
    {
        get;
        init => field = value ?? [];
    } = [];

    /// <summary>How far it has come.</summary>
    public ConversionState State { get; init; }

    /// <summary>The state that it failed or was stopped in: where a resume goes on.</summary>
    public ConversionState? InterruptedState { get; init; }

    /// <summary>What it was last asked for; null before the first time.</summary>
    public ConversionGoal? Goal { get; init; }

    /// <summary>Nothing of <see cref="Goal"/> is left to do.</summary>
    public bool IsGoalReached { get; init; }

    /// <summary>The destination's own id of the VM; null before the VM exists.</summary>
    public string? MachineId { get; init; }

    /// <summary>What the destination told of the machine when it was last asked: snapshots that others made, and the like.</summary>
    public IReadOnlyList<Finding> MachineFindings
    {
        get;
        init => field = value ?? [];
    } = [];

    /// <summary>In the order of the adapters; null where it is not known.</summary>
    public IReadOnlyList<string?> MacAddresses { get; init; } = [];

    /// <summary>Of the machine, for people.</summary>
    public string? Location { get; init; }

    /// <summary>How to start the VM by hand, where the destination has no console of its own.</summary>
    public string? StartCommand { get; init; }

    /// <summary>By this machine's clock, as all times that are not said to be the helper's.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was last stored.</summary>
    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Null until it is complete.</summary>
    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>
    /// Counts the runs of the agent's operations: part of their request ids. A new driver of an unbroken run asks with
    /// the same number and is told what happened; a resume after a failure asks with the next and has it done again.
    /// </summary>
    public int Attempt { get; init; } = 1;

    /// <summary>The helper that was connected last; null before the first.</summary>
    public HelperIdentity? Helper { get; init; }

    /// <summary>The helper's daemon that the sequence belongs to.</summary>
    public string? AgentBootId { get; init; }

    /// <summary><see cref="AgentEvent.Sequence"/> of the last event that is part of this.</summary>
    public long AgentSequence { get; init; }

    /// <summary>The full copy, volume by volume. Later passes change nothing here.</summary>
    public IReadOnlyList<VolumeState> Volumes { get; init; } = [];

    /// <summary>How far the pass or comparison that runs, or ran last, has come.</summary>
    public IReadOnlyList<VolumeState> Activity { get; init; } = [];

    /// <summary>Every volume was copied whole once.</summary>
    [JsonIgnore]
    public bool IsCopied => Volumes.Count > 0 && Volumes.All(v => v.IsComplete);

    /// <summary>The admin's scripts that have run on the source: a resume runs none of them again.</summary>
    public IReadOnlyList<FinishedHook> FinishedHooks
    {
        get;
        init => field = value ?? [];
    } = [];

    /// <summary>By the helper's clock: the first pass brings over what changed since.</summary>
    public DateTimeOffset? CopyStartedAt { get; init; }

    /// <summary>The passes after the full copy, oldest first.</summary>
    public IReadOnlyList<SyncPass> Passes { get; init; } = [];

    /// <summary>A pass broke off: the copy holds some of what changed, but not all.</summary>
    [JsonIgnore]
    public bool IsPassOpen => Passes is [.., { IsComplete: false }];

    /// <summary>The newest comparison.</summary>
    public Verification? Verification { get; init; }

    /// <summary>Over all streams together, megabits (10^6) a second; null: none.</summary>
    public double? BandwidthLimitMbps { get; init; }

    /// <summary>
    /// Units that a cutover stopped on the source and that were not started again, in the order in which they were stopped:
    /// what the helper told last.
    /// </summary>
    public IReadOnlyList<string> StoppedServices
    {
        get;
        init => field = value ?? [];
    } = [];

    /// <summary>Services that the helper was asked to stop and has not told yet what came of it.</summary>
    public IReadOnlyList<string> ServicesBeingStopped
    {
        get;
        init => field = value ?? [];
    } = [];

    /// <summary>Both: what is, or may be, stopped.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> ServicesAtRest =>
        [
            .. StoppedServices,
            .. ServicesBeingStopped.Where(name => !StoppedServices.Contains(name) && !StoppedServices.Contains(name + ".service")),
        ];

    /// <summary>The helper's daemon that was asked for it last.</summary>
    public string? ServicesStoppedBy { get; init; }

    /// <summary>Of <see cref="HelloEvent.ServiceReleases"/> of that daemon, those that are known here.</summary>
    public int ServiceReleases { get; init; }

    /// <summary>What reconfiguration and finish took when they were last done, here or elsewhere; null: never yet.</summary>
    public TimeSpan? ExpectedFinish { get; init; }

    /// <summary>Files that could not be copied as they are on the source, over all passes.</summary>
    public long IncidentCount { get; init; }

    /// <summary>How long each state took, in the order in which they were left. A state may come several times.</summary>
    public IReadOnlyList<PhaseDuration> Phases { get; init; } = [];

    /// <summary>The copy has been made bootable since it was last copied.</summary>
    public bool IsReconfigured { get; init; }

    /// <summary>Why it failed; null in every other state.</summary>
    public ErrorDescription? Error { get; init; }

    /// <summary>The process that drives it, for a second one to see; no proof that it lives: the lock is.</summary>
    public int? DriverProcessId { get; init; }
}

/// <param name="BytesKept">What its last resume needed not bring over again.</param>
public sealed record VolumeState(
    string VolumeId,
    long BytesDone,
    long BytesTotal,
    long FilesDone,
    long FilesTotal,
    bool IsComplete,
    long BytesKept = 0
);

/// <summary>A script of the admin's that has run on the source.</summary>
/// <param name="Name">The hook's.</param>
/// <param name="GoalNumber">The asking that had it run again; 0: it ran before the first copy.</param>
public sealed record FinishedHook(string Name, int GoalNumber);

/// <summary>How long a conversion was in a state.</summary>
/// <param name="State">The state that was left.</param>
/// <param name="Duration">By this machine's clock.</param>
public sealed record PhaseDuration(ConversionState State, TimeSpan Duration);
