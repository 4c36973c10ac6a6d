using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Access;

/// <summary>The secrets that belong to an endpoint. Lives in memory only: it is never serialised and prints nothing.</summary>
public sealed class SourceSecrets
{
    /// <summary>For the login; null: by key.</summary>
    public string? Password { get; init; }

    /// <summary>The private key's text, OpenSSH or PEM.</summary>
    public string? PrivateKey { get; init; }

    /// <summary>Of <see cref="PrivateKey"/>; null where it is not encrypted.</summary>
    public string? Passphrase { get; init; }

    /// <summary>Null where sudo asks for none.</summary>
    public string? SudoPassword { get; init; }

    /// <summary>The secrets for the machine to go through. Those of the source never go there; null: none were given.</summary>
    public SourceSecrets? JumpHost { get; init; }

    /// <summary>Never a secret.</summary>
    public override string ToString() => "(secret)";

    /// <summary>The login at the machine to go through.</summary>
    /// <exception cref="P2VException">SourceCredentialRequired: none was given.</exception>
    public SourceSecrets ForJumpHost(string host) =>
        JumpHost
        ?? throw new P2VException(
            ErrorIds.SourceCredentialRequired,
            $"There is no login for the jump host {host}: that of the source is never sent to another machine.",
            "Give -JumpCredential or -JumpKeyFile. Where the same account serves both, give the same credential or key twice.",
            host
        );

    /// <summary>Joins place and secrets for the way to the helper.</summary>
    /// <exception cref="P2VException">SourceCredentialRequired: there is a jump host and no login for it.</exception>
    public SourceAccess ToAccess(SourceEndpoint endpoint) =>
        new()
        {
            Host = endpoint.Host,
            Port = endpoint.Port,
            User = endpoint.User,
            Password = Password,
            PrivateKey = PrivateKey,
            Passphrase = Passphrase,
            HostKeys = endpoint.HostKeys,
            Elevation = endpoint.Elevation,
            SudoPassword = SudoPassword,
            JumpHost = endpoint.JumpHost is null ? null : ForJumpHost(endpoint.JumpHost.Host).ToAccess(endpoint.JumpHost),
        };
}
