using System.Security.Cryptography;
using System.Text;

namespace LinuxP2V.Engine.Ssh;

/// <summary>A server's public key as it stands in known_hosts: <c>algorithm base64</c>.</summary>
public sealed record HostKey(string Algorithm, string Base64)
{
    /// <summary>From the wire format, which begins with the algorithm's name.</summary>
    public static HostKey FromBlob(byte[] blob)
    {
        var length = blob.Length < 4 ? -1 : (blob[0] << 24) | (blob[1] << 16) | (blob[2] << 8) | blob[3];
        if (length <= 0 || length > blob.Length - 4)
        {
            throw new FormatException($"A host key of {blob.Length} bytes does not name its algorithm.");
        }

        return new HostKey(Encoding.ASCII.GetString(blob, 4, length), Convert.ToBase64String(blob));
    }

    /// <summary>SHA256:… as ssh-keygen prints it.</summary>
    public string Fingerprint => FingerprintOf(Convert.FromBase64String(Base64));

    /// <param name="text"><c>algorithm base64</c>, as <see cref="Access.SourceEndpoint.HostKeys"/> has it.</param>
    /// <returns>SHA256:…; the text itself when it is no key.</returns>
    public static string FingerprintOf(string text)
    {
        try
        {
            return FingerprintOf(Convert.FromBase64String(text.Substring(text.LastIndexOf(' ') + 1)));
        }
        catch (FormatException)
        {
            return text;
        }
    }

    /// <summary><c>algorithm base64</c>.</summary>
    public override string ToString() => $"{Algorithm} {Base64}";

    private static string FingerprintOf(byte[] blob)
    {
        using var sha256 = SHA256.Create();
        return "SHA256:" + Convert.ToBase64String(sha256.ComputeHash(blob)).TrimEnd('=');
    }
}
