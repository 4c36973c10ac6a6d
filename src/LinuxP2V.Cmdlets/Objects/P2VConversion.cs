namespace LinuxP2V.Cmdlets;

/// <summary>A conversion as it was when this object was made. A snapshot: Get-P2VConversion gives a newer one.</summary>
public sealed class P2VConversion
{
    private object? machine;

    internal P2VConversion(string id) => Id = id;

    public string Id { get; }

    /// <summary>The VM's name.</summary>
    public string? Name { get; internal init; }

    public string? Description { get; internal init; }

    public P2VConversionState State { get; internal init; }

    /// <summary>Where a failed or stopped one goes on when it is resumed.</summary>
    public P2VConversionState? InterruptedState { get; internal init; }

    /// <summary>Whether a living process, this or another, works on it.</summary>
    public bool IsRunning { get; internal init; }

    /// <summary>Whether Resume-P2VConversion has something to do: it failed, was stopped, or lost its process on the way.</summary>
    public bool CanResume { get; internal init; }

    public float PercentComplete { get; internal init; }

    public string? Source { get; internal init; }

    public string? Destination { get; internal init; }

    /// <summary>Where the VM is: its folder.</summary>
    public string? Location { get; internal init; }

    /// <summary>How to start the VM by hand.</summary>
    public string? StartCommand { get; internal init; }

    public string? MachineId { get; internal init; }

    /// <summary>
    /// The VM as it is now: PowerCLI's object where PowerCLI is connected to the server, else a P2VVirtualMachine; null
    /// before there is one. Looked up when it is first asked for.
    /// </summary>
    public object? VM => machine ??= FindMachine?.Invoke();

    public long BytesCopied { get; internal init; }

    public long BytesTotal { get; internal init; }

    public long FilesCopied { get; internal init; }

    /// <summary>Of BytesCopied, what resumes found in the copy already.</summary>
    public long BytesKept { get; internal init; }

    /// <summary>Over all streams together, megabits (10^6) a second; null: no limit.</summary>
    public double? BandwidthLimitMbps { get; internal init; }

    /// <summary>Bytes a second; null when nothing is known of it.</summary>
    public double? Rate { get; internal init; }

    public TimeSpan? TimeLeft { get; internal init; }

    public DateTimeOffset StartTime { get; internal init; }

    public DateTimeOffset? FinishTime { get; internal init; }

    /// <summary>Files that vanished, changed or could not be read while they were copied; the log lists them.</summary>
    public long IncidentCount { get; internal init; }

    public P2VConversionError? Error { get; internal init; }

    /// <summary>Errors of the task that it was started in spite of, by -Force.</summary>
    public P2VFinding[] ForcedError { get; internal init; } = [];

    /// <summary>What is known of its VM since it was last looked at: snapshots that others made, and the like.</summary>
    public P2VFinding[] MachineFinding { get; internal init; } = [];

    public P2VConversionVolume[] Volumes { get; internal init; } = [];

    public P2VConversionPhase[] Phases { get; internal init; } = [];

    /// <summary>The passes after the full copy, oldest first.</summary>
    public P2VSyncPass[] Passes { get; internal init; } = [];

    /// <summary>How long the source would be out of service if the cutover began now. Null before the first pass.</summary>
    public TimeSpan? EstimatedCutover { get; internal init; }

    /// <summary>The newest comparison; null before the first.</summary>
    public P2VVerification? Verification { get; internal init; }

    /// <summary>The newest rehearsal of its boot; null: there was none.</summary>
    public P2VRehearsal? Rehearsal { get; internal init; }

    /// <summary>Services that a cutover stopped on the source and that are not started again.</summary>
    public string[] StoppedService { get; internal init; } = [];

    public string? LogPath { get; internal init; }

    /// <summary>The id is a text that somebody typed: it may as well be a name.</summary>
    internal bool IsText { get; init; }

    /// <summary>How far the pass or comparison that runs has come.</summary>
    internal IReadOnlyList<P2VConversionVolume> Activity { get; init; } = [];

    /// <summary>Null before there is a VM.</summary>
    internal Func<object>? FindMachine { get; init; }

    public override string ToString() => Name ?? Id;
}

public sealed class P2VConversionError
{
    public string Id { get; internal init; } = "";

    public string Cause { get; internal init; } = "";

    public string Remedy { get; internal init; } = "";

    public string? Detail { get; internal init; }

    public override string ToString() => $"{Id}: {Cause}";
}

public sealed class P2VConversionVolume
{
    public string Name { get; internal init; } = "";

    public long BytesCopied { get; internal init; }

    public long BytesTotal { get; internal init; }

    public long FilesCopied { get; internal init; }

    public long FilesTotal { get; internal init; }

    public bool IsComplete { get; internal init; }

    public override string ToString() => Name;
}

public sealed class P2VConversionPhase
{
    public P2VConversionState Name { get; internal init; }

    public TimeSpan Duration { get; internal init; }

    public override string ToString() => Name.ToString();
}
