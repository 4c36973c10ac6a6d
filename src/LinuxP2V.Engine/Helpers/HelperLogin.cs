using LinuxP2V.Engine.Access;
using LinuxP2V.Engine.Ssh;
using LinuxP2V.Protocol.Messages;
using Renci.SshNet;

namespace LinuxP2V.Engine.Helpers;

/// <summary>What the helper is given to log in to the source.</summary>
internal static class HelperLogin
{
    /// <param name="source">As the helper sees it.</param>
    /// <param name="sendsKeys">
    /// Private keys go along, so that the helper can log in while no engine is connected. Else only their public halves do.
    /// </param>
    /// <exception cref="P2VException">
    /// SourceCredentialRequired: there is a jump host and no login for it. SourceKeyUnreadable.
    /// </exception>
    public static SourceAccess Create(SourceSecrets secrets, SourceEndpoint source, bool sendsKeys)
    {
        var key = SshPrivateKey.Find(secrets, source.Host);
        using var disposable = key as IDisposable;
        return new()
        {
            Host = source.Host,
            Port = source.Port,
            User = source.User,
            Password = secrets.Password,
            PrivateKey = key is not null && sendsKeys ? ToText(key, source.Host) : null,
            Certificate = sendsKeys ? secrets.Certificate : null,
            PublicKeys = key is not null && !sendsKeys ? SshPrivateKey.PublicKeys(key) : [],
            HostKeys = source.HostKeys,
            Elevation = source.Elevation,
            SudoPassword = secrets.SudoPassword,
            JumpHost = source.JumpHost is { } jump ? Create(secrets.ForJumpHost(jump.Host), jump, sendsKeys) : null,
        };
    }

    private static string ToText(IPrivateKeySource key, string host) =>
        key is PrivateKeyFile file
            ? SshPrivateKey.ToOpenSsh(file, host)
            : throw new P2VException(
                ErrorIds.SourceKeyUnreadable,
                "The keys of ssh-agent cannot be handed to the helper: they never leave it.",
                "Give -KeyFile, or leave -AllowUnattended out of the task.",
                host
            );
}
