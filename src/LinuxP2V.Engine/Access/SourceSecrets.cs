using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Access;

/// <summary>The secrets that belong to an endpoint. Lives in memory only: it is never serialised and prints nothing.</summary>
public sealed class SourceSecrets
{
    /// <summary>For the login; null: by key.</summary>
    public string? Password { get; init; }

    /// <summary>The private key's text, of OpenSSH, PEM or PuTTY.</summary>
    public string? PrivateKey { get; init; }

    /// <summary>The user certificate of <see cref="PrivateKey"/>, as OpenSSH writes it beside the key; null: none. No secret.</summary>
    public string? Certificate { get; init; }

    /// <summary>Of <see cref="PrivateKey"/>; null where it is not encrypted.</summary>
    public string? Passphrase { get; init; }

    /// <summary>Where there is no <see cref="PrivateKey"/>, the keys of the user's running ssh-agent log in.</summary>
    public bool UsesSshAgent { get; init; }

    /// <summary>Null where sudo asks for none.</summary>
    public string? SudoPassword { get; init; }

    /// <summary>The secrets for the machine to go through. Those of the source never go there; null: none were given.</summary>
    public SourceSecrets? JumpHost { get; init; }

    /// <summary>They are for the machines to go through: one behind another gets the same.</summary>
    public bool AreForJumpHosts { get; init; }

    /// <summary>Never a secret.</summary>
    public override string ToString() => "(secret)";

    /// <summary>The login at the machine to go through.</summary>
    /// <exception cref="P2VException">SourceCredentialRequired: none was given.</exception>
    public SourceSecrets ForJumpHost(string host) =>
        JumpHost
        ?? (AreForJumpHosts ? this : null)
        ?? throw new P2VException(
            ErrorIds.SourceCredentialRequired,
            $"There is no login for the jump host {host}: that of the source is never sent to another machine.",
            "Give -JumpCredential or -JumpKeyFile. Where the same account serves both, give the same credential or key twice.",
            host
        );
}
