namespace LinuxP2V.Engine.Rehearsals;

/// <summary>
/// What came of booting a disposable twin of a copy. Texts of the guest are in it as it wrote them: control characters are
/// removed, lines and their number are bounded.
/// </summary>
public sealed record Rehearsal
{
    /// <summary>Of the conversion.</summary>
    public required string ConversionId { get; init; }

    /// <summary>By this machine's clock.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>From the making of the twin to its end, its reconfiguration included.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>The twin came up.</summary>
    public bool Booted { get; init; }

    /// <summary>Why it counts as booted, or why not, in a sentence.</summary>
    public string Reason { get; init; } = "";

    /// <summary>As systemd has it: running, degraded, maintenance; null: the twin did not tell.</summary>
    public string? SystemState { get; init; }

    /// <summary>What was seen, and when after the power-on, in that order.</summary>
    public IReadOnlyList<BootStage> Stages
    {
        get;
        init => field = value ?? [];
    } = [];

    /// <summary>systemd units.</summary>
    public IReadOnlyList<string> FailedUnits
    {
        get;
        init => field = value ?? [];
    } = [];

    /// <summary>The kernel's errors, with what it calls worse.</summary>
    public IReadOnlyList<string> KernelMessages
    {
        get;
        init => field = value ?? [];
    } = [];

    /// <summary>Adapter and address with its prefix length: eth0 192.0.2.10/24.</summary>
    public IReadOnlyList<string> Addresses
    {
        get;
        init => field = value ?? [];
    } = [];

    /// <summary>The end of what the twin wrote to its first serial port; empty where it uses none.</summary>
    public IReadOnlyList<string> ConsoleLines
    {
        get;
        init => field = value ?? [];
    } = [];

    /// <summary>PNG files, oldest first.</summary>
    public IReadOnlyList<string> Screenshots
    {
        get;
        init => field = value ?? [];
    } = [];

    /// <summary>Of 127.0.0.1, where the twin's SSH server can be reached while it runs; null: nowhere.</summary>
    public int? SshPort { get; init; }

    /// <summary>Null: it came to a result, be it a bad one.</summary>
    public Protocol.Messages.ErrorDescription? Error { get; init; }
}

/// <summary>Something that was seen of a boot.</summary>
/// <param name="Name">UserSpace, LoginPrompt, Ssh, SystemUp.</param>
/// <param name="After">From the power-on of the finished twin; the guest is looked at once a second.</param>
public sealed record BootStage(string Name, TimeSpan After);
