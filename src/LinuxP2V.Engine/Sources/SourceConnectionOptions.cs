namespace LinuxP2V.Engine.Sources;

/// <summary>What becomes of a host key that is not known yet. A changed key is an error under either.</summary>
public enum HostKeyPolicy
{
    Strict,
    AcceptNew,
}

public enum ElevationPreference
{
    /// <summary>root stays root; others try sudo without a password, then with it.</summary>
    Auto,

    /// <summary>No sudo: without root the facts are incomplete, and say so.</summary>
    Never,

    /// <summary>sudo even for root.</summary>
    Always,
}

/// <summary>How to reach a source. Holds no secret.</summary>
public sealed record SourceConnectionOptions
{
    public required string Host { get; init; }

    public int Port { get; init; } = 22;

    public required string User { get; init; }

    public HostKeyPolicy HostKeyPolicy { get; init; }

    /// <summary>SHA256:… of a host key, given instead of known_hosts.</summary>
    public string? PinnedFingerprint { get; init; }

    /// <summary>
    /// Null: the user's own file, and to read also the machine's: /etc/ssh/ssh_known_hosts, on Windows
    /// %ProgramData%\ssh\ssh_known_hosts.
    /// </summary>
    public string? KnownHostsPath { get; init; }

    public ElevationPreference Elevation { get; init; }

    /// <summary>A machine to go through first. Its elevation does not matter.</summary>
    public SourceConnectionOptions? JumpHost { get; init; }

    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(15);
}
