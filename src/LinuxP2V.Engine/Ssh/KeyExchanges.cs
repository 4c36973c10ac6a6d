using Renci.SshNet;
#if NET
using System.Collections.Concurrent;
using System.Security.Cryptography;
#endif

namespace LinuxP2V.Engine.Ssh;

/// <summary>
/// SSH.NET leaves elliptic-curve key exchanges to Windows, and a Windows can lack a curve. What it lacks is not offered to
/// the server, so that the server's next choice is taken; else the login would fail.
/// </summary>
internal static class KeyExchanges
{
#if NET
    private static readonly (string NamePart, string Curve)[] Curves =
    [
        ("25519", "Curve25519"),
        ("nistp256", "nistP256"),
        ("nistp384", "nistP384"),
        ("nistp521", "nistP521"),
    ];

    private static readonly ConcurrentDictionary<string, bool> Usable = new(StringComparer.Ordinal);
#endif

    public static void RemoveUnusable(ConnectionInfo info)
    {
#if NET
        if (OperatingSystem.IsWindows())
            RemoveUnusable(info, curve => Usable.GetOrAdd(curve, CanAgree));
#endif
    }

#if NET
    internal static void RemoveUnusable(ConnectionInfo info, Func<string, bool> isUsable)
    {
        foreach (var (part, curve) in Curves)
        {
            var names = info.KeyExchangeAlgorithms.Keys.Where(name => name.Contains(part, StringComparison.Ordinal)).ToList();
            if (names.Count > 0 && !isUsable(curve))
                names.ForEach(name => info.KeyExchangeAlgorithms.Remove(name));
        }
    }

    /// <summary>Tried, not looked up: what a system names it need not be able to do.</summary>
    internal static bool CanAgree(string curve)
    {
        try
        {
            using var ours = ECDiffieHellman.Create(ECCurve.CreateFromFriendlyName(curve));
            using var theirs = ECDiffieHellman.Create(ECCurve.CreateFromFriendlyName(curve));
            return ours.DeriveRawSecretAgreement(theirs.PublicKey).Length > 0;
        }
        catch (Exception exception) when (exception is CryptographicException or PlatformNotSupportedException or NotSupportedException)
        {
            return false;
        }
    }
#endif
}
