using Renci.SshNet.Security;

namespace LinuxP2V.Engine.Ssh;

/// <summary>A certificate with which a server vouches for its key. SSH.NET has checked its signature and its time.</summary>
/// <param name="Key">The server's own key.</param>
/// <param name="Authority">The key that signed.</param>
/// <param name="Names">Host names, which may hold wildcards; empty: any.</param>
/// <param name="IsOfHost">It is of a host, not of a user, and asks for nothing that we do not know.</param>
internal sealed record HostCertificate(HostKey Key, HostKey Authority, IReadOnlyList<string> Names, bool IsOfHost)
{
    public static HostCertificate From(Certificate certificate) =>
        new(
            HostKey.FromBlob(new KeyHostAlgorithm(certificate.Key.ToString(), certificate.Key).Data),
            HostKey.FromBlob(certificate.CertificateAuthorityKey),
            [.. certificate.ValidPrincipals],
            certificate.Type == Certificate.CertificateType.Host && certificate.CriticalOptions.Count == 0
        );

    public bool IsFor(string host) =>
        IsOfHost && (Names.Count == 0 || Names.Any(name => KnownHosts.MatchesPattern(name.ToLowerInvariant(), host.ToLowerInvariant())));
}
