using Org.BouncyCastle.Crypto.Generators;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Utilities;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.Utilities.IO.Pem;

namespace LinuxP2V.Engine.Helpers;

/// <summary>
/// The key pair that opens one helper to one engine process. It lives in memory: an engine that takes over makes its own
/// and hands the public half to the helper through the destination, so that no private key is ever stored.
/// </summary>
internal sealed class ConversionKey
{
    private ConversionKey(string authorizedKey, string privateKey)
    {
        AuthorizedKey = authorizedKey;
        PrivateKey = privateKey;
    }

    /// <summary>An authorized_keys line.</summary>
    public string AuthorizedKey { get; }

    /// <summary>OpenSSH's private key format.</summary>
    public string PrivateKey { get; }

    public static ConversionKey Generate(string conversionId)
    {
        var generator = new Ed25519KeyPairGenerator();
        generator.Init(new Ed25519KeyGenerationParameters(new SecureRandom()));
        var pair = generator.GenerateKeyPair();

        var publicKey = OpenSshPublicKeyUtilities.EncodePublicKey(pair.Public);
        using var text = new StringWriter();
        using (var pem = new PemWriter(text))
        {
            pem.WriteObject(new PemObject("OPENSSH PRIVATE KEY", OpenSshPrivateKeyUtilities.EncodePrivateKey(pair.Private)));
        }

        return new ConversionKey($"ssh-ed25519 {Convert.ToBase64String(publicKey)} linuxp2v-{conversionId}", text.ToString());
    }

    public override string ToString() => AuthorizedKey;
}
