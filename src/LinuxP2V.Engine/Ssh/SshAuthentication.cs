using System.Text;
using LinuxP2V.Protocol.Messages;
using Renci.SshNet;
using Renci.SshNet.Common;

namespace LinuxP2V.Engine.Ssh;

/// <summary>Makes SSH.NET's login methods of a user's secrets: the key first, as it locks no account.</summary>
internal static class SshAuthentication
{
    /// <exception cref="P2VException">SourceKeyUnreadable, SourceCredentialRequired.</exception>
    public static AuthenticationMethod[] Create(SshTarget target)
    {
        var methods = new List<AuthenticationMethod>();
        if (target.Secrets.PrivateKey is { Length: > 0 } privateKey)
            methods.Add(new PrivateKeyAuthenticationMethod(target.User, ReadKey(privateKey, target.Secrets.Passphrase, target.Host)));

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

    private static PrivateKeyFile ReadKey(string text, string? passphrase, string host)
    {
        try
        {
            // Keys that passed an editor on Windows still are keys.
            var clean = text.Replace("\r\n", "\n").Trim().TrimStart('\uFEFF') + "\n";
            using var stream = new MemoryStream(Encoding.UTF8.GetBytes(clean));
            return new PrivateKeyFile(stream, string.IsNullOrEmpty(passphrase) ? null : passphrase);
        }
        catch (SshPassPhraseNullOrEmptyException exception)
        {
            throw Unreadable(
                "The private key is protected by a passphrase, and none was given.",
                "Give the passphrase of the key.",
                host,
                exception
            );
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            throw string.IsNullOrEmpty(passphrase)
                ? Unreadable(
                    $"The private key cannot be read: {exception.Message}",
                    "Give an OpenSSH or PEM private key (not its .pub half).",
                    host,
                    exception
                )
                : Unreadable(
                    $"The private key cannot be read with this passphrase: {exception.Message}",
                    "Check the passphrase; the key must be an OpenSSH or PEM private key.",
                    host,
                    exception
                );
        }
    }

    private static P2VException Unreadable(string cause, string remedy, string host, Exception exception) =>
        new(ErrorIds.SourceKeyUnreadable, cause, remedy, host, exception);
}
