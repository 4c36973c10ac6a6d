using LinuxP2V.Engine.Access;

namespace LinuxP2V.Engine.Ssh;

internal enum SshRole
{
    Source,
    JumpHost,
    Helper,
}

/// <summary>A machine to log in to, how, and by which key it is recognised. Prints no secret.</summary>
internal sealed record SshTarget
{
    public required string Host { get; init; }

    public int Port { get; init; } = 22;

    public required string User { get; init; }

    public required SourceSecrets Secrets { get; init; }

    public required HostKeyTrust Trust { get; init; }

    public SshRole Role { get; init; }

    /// <summary>For each of: reaching the machine, agreeing on keys, an answer to a login.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(15);

    public SshTarget? JumpHost { get; init; }

    public override string ToString() => $"{User}@{Host}:{Port}";
}
