using LinuxP2V.Engine.Tasks;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Conversions;

public enum ConversionState
{
    Queued,
    DeployingHelper,
    HelperReady,
    Preparing,
    Copying,
    Synchronized,
    Reconfiguring,
    Finishing,
    Completed,
    Failed,
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

    public required ConversionTask Task { get; init; }

    public ConversionState State { get; init; }

    /// <summary>The state that it failed or was stopped in: where a resume goes on.</summary>
    public ConversionState? InterruptedState { get; init; }

    public string? MachineId { get; init; }

    /// <summary>In the order of the adapters; null where it is not known.</summary>
    public IReadOnlyList<string?> MacAddresses { get; init; } = [];

    /// <summary>Of the machine, for people.</summary>
    public string? Location { get; init; }

    public string? StartCommand { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>
    /// Counts the runs of the agent's operations: part of their request ids. A new driver of an unbroken run asks with
    /// the same number and is told what happened; a resume after a failure asks with the next and has it done again.
    /// </summary>
    public int Attempt { get; init; } = 1;

    /// <summary>The helper's daemon that the sequence belongs to.</summary>
    public string? AgentBootId { get; init; }

    public long AgentSequence { get; init; }

    public IReadOnlyList<VolumeState> Volumes { get; init; } = [];

    public long IncidentCount { get; init; }

    public IReadOnlyList<PhaseDuration> Phases { get; init; } = [];

    /// <summary>The copy has been made bootable since it was last copied.</summary>
    public bool IsReconfigured { get; init; }

    public ErrorDescription? Error { get; init; }

    /// <summary>The process that drives it, for a second one to see; no proof that it lives: the lock is.</summary>
    public int? DriverProcessId { get; init; }
}

public sealed record VolumeState(string VolumeId, long BytesDone, long BytesTotal, long FilesDone, long FilesTotal, bool IsComplete);

public sealed record PhaseDuration(ConversionState State, TimeSpan Duration);
