using LinuxP2V.Protocol.Messages;
using Renci.SshNet;

namespace LinuxP2V.Engine.Ssh;

/// <summary>Makes SSH.NET's login methods of a user's secrets: the key first, as it locks no account.</summary>
internal static class SshAuthentication
{
    /// <exception cref="P2VException">SourceKeyUnreadable, SourceCredentialRequired.</exception>
    public static AuthenticationMethod[] Create(SshTarget target)
    {
        var methods = new List<AuthenticationMethod>();
        if (SshPrivateKey.Find(target.Secrets, target.Host) is { } key)
            methods.Add(new PrivateKeyAuthenticationMethod(target.User, key));

        if (target.Secrets.Password is { } password)
            methods.AddRange(new PasswordLogin(target.User, password, target.Host).Methods());

        if (methods.Count == 0)
        {
            throw new P2VException(
                ErrorIds.SourceCredentialRequired,
                $"There is neither a password nor a key to log in to {target.Host} with.",
                "Give a credential or a key file.",
                target.Host
            );
        }

        return [.. methods];
    }
}
