namespace LinuxP2V.Protocol.Messages;

/// <summary>
/// The agent logs in to a machine by a key that only the engine has. Sent beside all other events to each engine that
/// can sign, and again to one that connects later, until it is answered or not wanted any more. All bytes are base64.
/// </summary>
public sealed record SignatureNeededEvent : AgentEvent
{
    /// <summary>Names it in the answer; unique for a daemon.</summary>
    public required string SignatureId { get; init; }

    /// <summary>One of <see cref="SourceAccess.PublicKeys"/>, without the algorithm's name before it.</summary>
    public required string PublicKey { get; init; }

    /// <summary>What is signed: the request of an SSH login by public key, RFC 4252 section 7.</summary>
    public required string Data { get; init; }

    /// <summary>As in the protocol of ssh-agent: 2 for RSA with SHA-256, 4 for RSA with SHA-512, else 0.</summary>
    public int Flags { get; init; }

    /// <summary>The host key of the machine that the login is for.</summary>
    public required string HostKey { get; init; }

    /// <summary>
    /// That machine's signature over the session's identifier, which <see cref="Data"/> begins with: it proves that the login
    /// goes there and nowhere else.
    /// </summary>
    public required string HostSignature { get; init; }
}

/// <summary>The answer to <see cref="SignatureNeededEvent"/>. Takes effect at once; does not wait in the queue.</summary>
public sealed record SignatureRequest : AgentRequest
{
    /// <summary><see cref="SignatureNeededEvent.SignatureId"/>.</summary>
    public required string SignatureId { get; init; }

    /// <summary>In base64, with the algorithm's name in it as SSH has it; null: it is not signed.</summary>
    public string? Signature { get; init; }
}
