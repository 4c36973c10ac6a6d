namespace LinuxP2V.Cmdlets;

/// <summary>What came of booting a disposable twin of a copy.</summary>
public sealed class P2VRehearsal
{
    /// <summary>The VM's name.</summary>
    public string Name { get; internal init; } = "";

    /// <summary>Of the conversion.</summary>
    public string ConversionId { get; internal init; } = "";

    /// <summary>The twin came up.</summary>
    public bool Booted { get; internal init; }

    /// <summary>Why it counts as booted, or why not.</summary>
    public string Reason { get; internal init; } = "";

    public DateTimeOffset StartTime { get; internal init; }

    /// <summary>All of it, the twin's reconfiguration included.</summary>
    public TimeSpan Duration { get; internal init; }

    /// <summary>As systemd has it: running, degraded, maintenance; null: the twin did not tell.</summary>
    public string? SystemState { get; internal init; }

    /// <summary>What was seen, in that order.</summary>
    public P2VBootStage[] Stages { get; internal init; } = [];

    public string[] FailedUnits { get; internal init; } = [];

    /// <summary>Errors of the kernel, and what it calls worse.</summary>
    public string[] KernelMessages { get; internal init; } = [];

    /// <summary>Adapter and address with its prefix length: eth0 192.0.2.10/24.</summary>
    public string[] Addresses { get; internal init; } = [];

    /// <summary>The last lines of the serial console; none where the machine uses none.</summary>
    public string[] ConsoleLines { get; internal init; } = [];

    /// <summary>PNG files of the twin's screen, oldest first.</summary>
    public string[] Screenshots { get; internal init; } = [];

    /// <summary>Of 127.0.0.1: the twin's SSH server, while it runs; null where the destination forwards none.</summary>
    public int? SshPort { get; internal init; }

    /// <summary>What kept the twin from being booted at all; null: it was booted.</summary>
    public P2VConversionError? Error { get; internal init; }

    public override string ToString() => $"{Name}: {(Booted ? "booted" : "did not boot")}";
}

/// <summary>Something that was seen of a boot.</summary>
public sealed class P2VBootStage
{
    /// <summary>UserSpace, LoginPrompt, Ssh, SystemUp, Until.</summary>
    public string Name { get; internal init; } = "";

    /// <summary>After the power-on.</summary>
    public double Seconds { get; internal init; }

    public override string ToString() => FormattableString.Invariant($"{Name} after {Seconds:F0} s");
}
