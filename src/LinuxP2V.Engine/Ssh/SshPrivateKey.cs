using System.Text;
using LinuxP2V.Engine.Access;
using LinuxP2V.Protocol.Messages;
using Org.BouncyCastle.Asn1.Sec;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Utilities;
using Org.BouncyCastle.Utilities.IO.Pem;
using Renci.SshNet;
using Renci.SshNet.Common;
using Renci.SshNet.Security;
using BigInteger = Org.BouncyCastle.Math.BigInteger;

namespace LinuxP2V.Engine.Ssh;

/// <summary>A user's private key, in any form that SSH.NET reads, and with the certificate that belongs to it.</summary>
internal static class SshPrivateKey
{
    /// <returns>The key, or all keys of the running ssh-agent; null where the secrets name neither.</returns>
    /// <exception cref="P2VException">SourceKeyUnreadable.</exception>
    public static IPrivateKeySource? Find(SourceSecrets secrets, string host) =>
        Read(secrets, host) ?? (secrets.UsesSshAgent ? SshAgent.ReadKeys(host) : null);

    /// <returns>Null where the secrets hold no key.</returns>
    /// <exception cref="P2VException">SourceKeyUnreadable.</exception>
    public static PrivateKeyFile? Read(SourceSecrets secrets, string host)
    {
        if (secrets.PrivateKey is not { Length: > 0 } text)
            return null;

        var passphrase = string.IsNullOrEmpty(secrets.Passphrase) ? null : secrets.Passphrase;
        try
        {
            using var key = StreamOf(Clean(text));
            return WithCertificate(text, passphrase, secrets.Certificate) ?? new PrivateKeyFile(key, passphrase);
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
            throw passphrase is null
                ? Unreadable(
                    $"The private key cannot be read: {exception.Message}",
                    "Give a private key of OpenSSH, PEM or PuTTY, not its public half.",
                    host,
                    exception
                )
                : Unreadable(
                    $"The private key cannot be read with this passphrase: {exception.Message}",
                    "Check the passphrase; the key must be a private key of OpenSSH, PEM or PuTTY.",
                    host,
                    exception
                );
        }
    }

    /// <returns>Null where there is none, or it is of another key, as an old one may be: ssh then goes on without it.</returns>
    private static PrivateKeyFile? WithCertificate(string text, string? passphrase, string? certificate)
    {
        if (string.IsNullOrWhiteSpace(certificate))
            return null;

        try
        {
            using var key = StreamOf(Clean(text));
            using var beside = StreamOf(Clean(certificate!));
            return new PrivateKeyFile(key, passphrase, beside);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            return null;
        }
    }

    /// <summary>The public halves as a server is offered them, a certificate first: each as <c>algorithm base64</c>.</summary>
    public static IReadOnlyList<string> PublicKeys(IPrivateKeySource key) =>
        [
            .. key
                .HostKeyAlgorithms.Select(algorithm => HostKey.FromBlob(algorithm.Data))
                .OrderBy(shown => shown.Algorithm.IndexOf("-cert-", StringComparison.Ordinal) >= 0 ? 0 : 1)
                .Select(shown => shown.ToString())
                .Distinct(),
        ];

    /// <summary>The key without its passphrase, in a form that OpenSSH's ssh-add reads.</summary>
    /// <exception cref="P2VException">SourceKeyUnreadable.</exception>
    public static string ToOpenSsh(PrivateKeyFile key, string host)
    {
        var (title, parameters) = ToParameters(key.Key, host);
        using var text = new StringWriter { NewLine = "\n" };
        using (var pem = new PemWriter(text))
        {
            pem.WriteObject(new PemObject(title, OpenSshPrivateKeyUtilities.EncodePrivateKey(parameters)));
        }

        return text.ToString();
    }

    private static (string Title, AsymmetricKeyParameter Key) ToParameters(Key key, string host)
    {
        switch (key)
        {
            case ED25519Key ed25519:
                return ("OPENSSH PRIVATE KEY", new Ed25519PrivateKeyParameters(ed25519.PrivateKey, 0));
            case EcdsaKey ecdsa:
                // ecdsa-sha2-nistp256 and its like.
                var curve = SecNamedCurves.GetByName($"sec{ecdsa.ToString().Substring("ecdsa-sha2-nist".Length)}r1");
                var domain = new ECDomainParameters(curve);
                return ("EC PRIVATE KEY", new ECPrivateKeyParameters(new BigInteger(1, ecdsa.PrivateKey), domain));
            case RsaKey rsa:
                return (
                    "RSA PRIVATE KEY",
                    new RsaPrivateCrtKeyParameters(
                        Integer(rsa.Modulus),
                        Integer(rsa.Exponent),
                        Integer(rsa.D),
                        Integer(rsa.P),
                        Integer(rsa.Q),
                        Integer(rsa.DP),
                        Integer(rsa.DQ),
                        Integer(rsa.InverseQ)
                    )
                );
            default:
                throw Unreadable(
                    $"A key of the kind {key} cannot be handed to the helper.",
                    "Give an Ed25519, ECDSA or RSA key, or leave -AllowUnattended out of the task.",
                    host,
                    null
                );
        }

        static BigInteger Integer(System.Numerics.BigInteger value) =>
            new(value.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    /// <summary>Keys that passed an editor on Windows still are keys.</summary>
    private static string Clean(string text) => text.Replace("\r\n", "\n").Trim().TrimStart('\uFEFF') + "\n";

    private static MemoryStream StreamOf(string text) => new(Encoding.UTF8.GetBytes(text));

    private static P2VException Unreadable(string cause, string remedy, string host, Exception? exception) =>
        new(ErrorIds.SourceKeyUnreadable, cause, remedy, host, exception);
}
