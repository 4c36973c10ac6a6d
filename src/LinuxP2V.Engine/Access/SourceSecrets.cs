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

    /// <summary>The secrets for the machine to go through; null: the same ones.</summary>
    public SourceSecrets? JumpHost { get; init; }

    /// <summary>Never a secret.</summary>
    public override string ToString() => "(secret)";

    /// <summary>Joins place and secrets for the way to the helper.</summary>
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
            JumpHost = endpoint.JumpHost is null ? null : (JumpHost ?? this).ToAccess(endpoint.JumpHost),
        };
}
