using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Access;

/// <summary>Where a source is and who was let in: plain data, fit for a disk.</summary>
public sealed record SourceEndpoint
{
    /// <summary>A name or an address.</summary>
    public required string Host { get; init; }

    /// <summary>Of the source's sshd.</summary>
    public int Port { get; init; } = 22;

    /// <summary>Who logged in.</summary>
    public required string User { get; init; }

    /// <summary>The keys seen and accepted, each as <c>algorithm base64</c>.</summary>
    public IReadOnlyList<string> HostKeys { get; init; } = [];

    /// <summary>How the user became root.</summary>
    public Elevation Elevation { get; init; }

    /// <summary>The machine that was gone through; null: none.</summary>
    public SourceEndpoint? JumpHost { get; init; }

    /// <summary><c>user@host</c>, with <c>:port</c> where it is not 22.</summary>
    public override string ToString() => Port == 22 ? $"{User}@{Host}" : $"{User}@{Host}:{Port}";
}
