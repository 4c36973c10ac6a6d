using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Destinations.VSphere.Vim;

/// <summary>Whether the server's certificate is the pinned one, or one that this machine trusts.</summary>
internal sealed class CertificateCheck
{
    private readonly string? pinned;
    private readonly bool skip;
    private volatile RefusedCertificate? refused;
    private volatile string? accepted;

    /// <exception cref="P2VException">ServerCertificateUntrusted: the thumbprint is none.</exception>
    public CertificateCheck(string? thumbprint, bool skip)
    {
        this.skip = skip;
        if (thumbprint is null)
            return;

        pinned = new string([.. thumbprint.Where(Uri.IsHexDigit)]).ToUpperInvariant();
        if (pinned.Length is not (40 or 64) || thumbprint.Any(c => !Uri.IsHexDigit(c) && c is not (':' or ' ')))
        {
            throw new P2VException(
                ErrorIds.ServerCertificateUntrusted,
                "The certificate thumbprint is neither a SHA-1 nor a SHA-256 in hex.",
                "Give 40 or 64 hex digits, with or without colons."
            );
        }
    }

    /// <summary>What was refused last; null before, and once another one was accepted.</summary>
    public RefusedCertificate? Refused => refused;

    /// <summary>SHA-256 of the certificate that was taken last; null before.</summary>
    public string? Accepted => accepted;

    public bool Accept(X509Certificate2? certificate, SslPolicyErrors errors)
    {
        if (certificate is null)
        {
            refused = new RefusedCertificate("the server showed none");
            return false;
        }

        var sha256 = Sha256(certificate);
        // A pin says which certificate it must be: a trusted authority's signature on another one is no substitute.
        var isAccepted = pinned is not null
            ? pinned == sha256 || pinned == certificate.Thumbprint.ToUpperInvariant()
            : skip || errors == SslPolicyErrors.None;
        refused = isAccepted
            ? null
            : new RefusedCertificate($"SHA-256 {sha256}, SHA-1 {certificate.Thumbprint}, subject {certificate.Subject}");
        accepted = isAccepted ? sha256 : accepted;
        return isAccepted;
    }

    private static string Sha256(X509Certificate2 certificate)
    {
        using var hash = SHA256.Create();
        return BitConverter.ToString(hash.ComputeHash(certificate.RawData)).Replace("-", "");
    }
}

/// <summary>One refusal: each has an object of its own, which tells it from an earlier one of the same certificate.</summary>
/// <param name="description">The certificate's thumbprints, for the one who may pin it.</param>
internal sealed class RefusedCertificate(string description)
{
    public string Description => description;
}
