namespace LinuxP2V.Engine.Access;

/// <summary>What becomes of a host key that is not known yet. A changed key is an error under either.</summary>
public enum HostKeyPolicy
{
    /// <summary>An error.</summary>
    Strict,

    /// <summary>It is taken and written to known_hosts.</summary>
    AcceptNew,
}

/// <summary>When sudo is used on the source.</summary>
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
    /// <summary>A name or an address, as this machine resolves it.</summary>
    public required string Host { get; init; }

    /// <summary>Of the source's sshd.</summary>
    public int Port { get; init; } = 22;

    /// <summary>Who logs in.</summary>
    public required string User { get; init; }

    /// <summary>Whether a new host key is taken. It does not matter beside <see cref="PinnedFingerprint"/>.</summary>
    public HostKeyPolicy HostKeyPolicy { get; init; }

    /// <summary>SHA256:… of a host key, given instead of known_hosts.</summary>
    public string? PinnedFingerprint { get; init; }

    /// <summary>
    /// Null: the user's own file, and to read also the machine's: /etc/ssh/ssh_known_hosts, on Windows
    /// %ProgramData%\ssh\ssh_known_hosts.
    /// </summary>
    public string? KnownHostsPath { get; init; }

    /// <summary>How the user becomes root.</summary>
    public ElevationPreference Elevation { get; init; }

    /// <summary>A machine to go through first. Its elevation does not matter.</summary>
    public SourceConnectionOptions? JumpHost { get; init; }

    /// <summary>For the connection and the login, at each host on the way.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(15);
}
