using LinuxP2V.Engine.Access;
using LinuxP2V.Engine.Ssh;

namespace LinuxP2V.Engine.Sources;

/// <summary>How a source that was discovered before is logged in to again.</summary>
internal static class SourceTarget
{
    /// <summary>Whoever answers must have a key that was seen at the discovery.</summary>
    public static SshTarget Of(SourceEndpoint source, SourceSecrets secrets) => Of(source, secrets, SshRole.Source);

    private static SshTarget Of(SourceEndpoint source, SourceSecrets secrets, SshRole role) =>
        new()
        {
            Host = source.Host,
            Port = source.Port,
            User = source.User,
            Secrets = secrets,
            Role = role,
            Trust = new FingerprintTrust(HostKey.FingerprintOf(source.HostKeys is [var key, ..] ? key : "")),
            JumpHost = source.JumpHost is null ? null : Of(source.JumpHost, secrets.ForJumpHost(source.JumpHost.Host), SshRole.JumpHost),
        };
}
