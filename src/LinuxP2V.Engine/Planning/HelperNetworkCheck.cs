using System.Globalization;
using System.Net;
using System.Net.Sockets;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Planning;

/// <summary>Whether the helper can have the addresses that were asked for.</summary>
internal static class HelperNetworkCheck
{
    private static readonly char[] AddressEnd = ['/'];

    /// <exception cref="P2VException">PlanNotPossible.</exception>
    public static void Require(HelperNetwork network)
    {
        var addresses = network.Addresses.Select(ReadWithPrefix).ToList();
        var gateways = network.Gateways.Select(text => Read(text, "-HelperGateway", "192.0.2.1")).ToList();
        foreach (var server in network.DnsServers)
            Read(server, "-HelperDns", "192.0.2.53");

        if (gateways.Count > 0 && addresses.Count == 0)
        {
            throw Refused(
                $"-HelperGateway {gateways[0]} stands alone.",
                "Give the helper's own address too, with -HelperIPAddress, or leave both to DHCP."
            );
        }

        if (gateways.GroupBy(gateway => gateway.AddressFamily).FirstOrDefault(same => same.Count() > 1) is { } several)
            throw Refused($"-HelperGateway names {string.Join(" and ", several)}.", "Give one gateway of each family, IPv4 and IPv6.");

        foreach (var gateway in gateways)
            RequireInSubnet(gateway, addresses);
    }

    private static void RequireInSubnet(IPAddress gateway, List<(IPAddress Address, int Prefix, string Text)> addresses)
    {
        // A router of IPv6 has an address of its own on each link.
        if (gateway.IsIPv6LinkLocal)
            return;

        var family = addresses.Where(address => address.Address.AddressFamily == gateway.AddressFamily).ToList();
        if (family.Exists(address => address.Address.Equals(gateway)))
            throw Refused($"-HelperGateway {gateway} is the helper's own address.", "Give the address of the router.");

        if (!family.Exists(address => IsInSubnet(gateway, address.Address, address.Prefix)))
        {
            var subnets = family.Count == 0 ? "any address of its family" : string.Join(", ", family.Select(address => address.Text));
            throw Refused(
                $"-HelperGateway {gateway} is outside of the subnet of {subnets}.",
                "Correct the gateway, or the prefix length of -HelperIPAddress."
            );
        }
    }

    private static (IPAddress Address, int Prefix, string Text) ReadWithPrefix(string text)
    {
        var parts = text.Split(AddressEnd, 2);
        var address = Read(parts[0], "-HelperIPAddress", "192.0.2.9/24");
        var most = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        if (
            parts.Length < 2
            || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var prefix)
            || prefix < 1
            || prefix > most
        )
            throw Refused($"-HelperIPAddress {text} has no prefix length from 1 to {most}.", "Give one, such as 192.0.2.9/24.");

        if (most == 32 && prefix < 31 && IsOfTheNet(address, prefix))
            throw Refused($"-HelperIPAddress {text} is the address of the net itself or its broadcast.", "Give an address of a machine.");

        return (address, prefix, text);
    }

    private static IPAddress Read(string text, string parameter, string example) =>
        // .NET takes "1" for 0.0.0.1.
        IPAddress.TryParse(text, out var address) && (text.Contains(':') || text.Count(c => c == '.') == 3)
            ? address
            : throw Refused($"{parameter} '{text}' is no IP address.", $"Give one, such as {example}.");

    private static bool IsInSubnet(IPAddress one, IPAddress other, int prefix)
    {
        var (a, b) = (one.GetAddressBytes(), other.GetAddressBytes());
        return Enumerable.Range(0, prefix).All(bit => ((a[bit / 8] ^ b[bit / 8]) & (0x80 >> (bit % 8))) == 0);
    }

    /// <summary>All bits behind the prefix are the same.</summary>
    private static bool IsOfTheNet(IPAddress address, int prefix)
    {
        var bytes = address.GetAddressBytes();
        var bits = Enumerable.Range(prefix, 32 - prefix).Select(bit => (bytes[bit / 8] & (0x80 >> (bit % 8))) != 0).Distinct().ToList();
        return bits.Count == 1;
    }

    private static P2VException Refused(string cause, string remedy) => new(ErrorIds.PlanNotPossible, cause, remedy);
}
