using System.Net;
using LinuxP2V.Engine.Access;

namespace LinuxP2V.Engine.Destinations.Local;

/// <summary>QEMU's user network: the host's loopback is another address in there.</summary>
internal static class HelperNetworkAddress
{
    private const string HostLoopback = "10.0.2.2";

    /// <summary>Only the machine that the helper itself connects to is translated: the outermost hop.</summary>
    public static SourceEndpoint Translate(SourceEndpoint source)
    {
        if (source.JumpHost is { } jumpHost)
            return source with { JumpHost = Translate(jumpHost) };

        return IsLoopback(source.Host) ? source with { Host = HostLoopback } : source;
    }

    private static bool IsLoopback(string host)
    {
        var name = host.Trim('[', ']');
        return name.ToLowerInvariant() is "localhost" or "localhost.localdomain" or "ip6-localhost" or "ip6-loopback"
            || name.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(name, out var address) && IPAddress.IsLoopback(address));
    }
}
