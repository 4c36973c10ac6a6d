namespace LinuxP2V.Protocol.Messages;

/// <summary>
/// How the helper reaches the source. It carries secrets: it travels inside the engine's SSH channel only, is held in
/// the agent's memory only, and prints none of them.
/// </summary>
public sealed record SourceAccess
{
    /// <summary>A name or an address, as the helper resolves it.</summary>
    public required string Host { get; init; }

    /// <summary>Of the source's sshd.</summary>
    public int Port { get; init; } = 22;

    /// <summary>Who logs in.</summary>
    public required string User { get; init; }

    /// <summary>A secret; null: no login by password.</summary>
    public string? Password { get; init; }

    /// <summary>An OpenSSH or PEM private key, the file's text.</summary>
    public string? PrivateKey { get; init; }

    /// <summary>The user certificate of <see cref="PrivateKey"/>, as OpenSSH writes it; null: none. No secret.</summary>
    public string? Certificate { get; init; }

    /// <summary>A secret; null where <see cref="PrivateKey"/> is not encrypted.</summary>
    public string? Passphrase { get; init; }

    /// <summary>
    /// Public halves of private keys that the engine keeps to itself, each as <c>algorithm base64</c>: for a login the agent
    /// asks it to sign (<see cref="SignatureNeededEvent"/>). Empty beside <see cref="PrivateKey"/>.
    /// </summary>
    public IReadOnlyList<string> PublicKeys
    {
        get;
        init => field = value ?? [];
    } = [];

    /// <summary>
    /// The keys that the engine saw and accepted, each as <c>algorithm base64</c>, as in a known_hosts line behind the
    /// host name. The helper refuses any other.
    /// </summary>
    public required IReadOnlyList<string> HostKeys
    {
        get;
        init => field = value ?? [];
    }

    /// <summary>How the user becomes root.</summary>
    public Elevation Elevation { get; init; }

    /// <summary>For <see cref="Messages.Elevation.SudoWithPassword"/>.</summary>
    public string? SudoPassword { get; init; }

    /// <summary>A machine to go through first.</summary>
    public SourceAccess? JumpHost { get; init; }

    /// <summary>Names the place, never a secret: a record would print its members.</summary>
    public override string ToString() => $"{User}@{Host}:{Port}";
}

/// <summary>How a user becomes root on the source.</summary>
public enum Elevation
{
    /// <summary>The user is root.</summary>
    None,

    /// <summary>sudo asks for nothing.</summary>
    Sudo,

    /// <summary>sudo asks for <see cref="SourceAccess.SudoPassword"/>.</summary>
    SudoWithPassword,

    /// <summary>doas asks for nothing. Where it asks it wants a terminal, so there is no way with a password.</summary>
    Doas,
}
