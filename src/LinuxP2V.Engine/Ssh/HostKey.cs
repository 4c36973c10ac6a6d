using System.Security.Cryptography;
using LinuxP2V.Protocol.Ssh;

namespace LinuxP2V.Engine.Ssh;

/// <summary>A server's public key as it stands in known_hosts: <c>algorithm base64</c>.</summary>
public sealed record HostKey(string Algorithm, string Base64)
{
    /// <summary>From the wire format, which begins with the algorithm's name.</summary>
    public static HostKey FromBlob(byte[] blob)
    {
        string algorithm;
        try
        {
            algorithm = new SshFields(blob).Text();
        }
        catch (InvalidDataException)
        {
            algorithm = "";
        }

        return algorithm.Length > 0 && algorithm.All(c => c is > ' ' and <= '~')
            ? new HostKey(algorithm, Convert.ToBase64String(blob))
            : throw new FormatException($"A host key of {blob.Length} bytes does not name its algorithm.");
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
