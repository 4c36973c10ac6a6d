using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Access;

/// <summary>Where a source is and who was let in: plain data, fit for a disk.</summary>
public sealed record SourceEndpoint
{
    public required string Host { get; init; }

    public int Port { get; init; } = 22;

    public required string User { get; init; }

    /// <summary>The keys seen and accepted, each as <c>algorithm base64</c>.</summary>
    public IReadOnlyList<string> HostKeys { get; init; } = [];

    public Elevation Elevation { get; init; }

    public SourceEndpoint? JumpHost { get; init; }

    public override string ToString() => Port == 22 ? $"{User}@{Host}" : $"{User}@{Host}:{Port}";
}
