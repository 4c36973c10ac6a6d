using System.Net;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Planning;

/// <summary>Whether the helper can have the addresses that were asked for.</summary>
internal static class HelperNetworkCheck
{
    /// <exception cref="P2VException">PlanNotPossible.</exception>
    public static void Require(HelperNetwork network)
    {
        var addresses = network.Addresses.Select(text => AddressText.ReadWithPrefix(text, "-HelperIPAddress")).ToList();
        var gateways = network.Gateways.Select(text => AddressText.Read(text, "-HelperGateway", "192.0.2.1")).ToList();
        foreach (var server in network.DnsServers)
            AddressText.Read(server, "-HelperDns", "192.0.2.53");

        if (gateways.Count > 0 && addresses.Count == 0)
        {
            throw AddressText.Refused(
                $"-HelperGateway {gateways[0]} stands alone.",
                "Give the helper's own address too, with -HelperIPAddress, or leave both to DHCP."
            );
        }

        foreach (var gateway in AddressText.ReadGateways(network.Gateways, "-HelperGateway"))
            RequireInSubnet(gateway, addresses);
    }

    private static void RequireInSubnet(IPAddress gateway, List<SubnetAddress> addresses)
    {
        // A router of IPv6 has an address of its own on each link.
        if (gateway.IsIPv6LinkLocal)
            return;

        var family = addresses.Where(address => address.Address.AddressFamily == gateway.AddressFamily).ToList();
        if (family.Exists(address => address.Address.Equals(gateway)))
            throw AddressText.Refused($"-HelperGateway {gateway} is the helper's own address.", "Give the address of the router.");

        if (!family.Exists(address => address.Holds(gateway)))
        {
            var subnets = family.Count == 0 ? "any address of its family" : string.Join(", ", family.Select(address => address.Text));
            throw AddressText.Refused(
                $"-HelperGateway {gateway} is outside of the subnet of {subnets}.",
                "Correct the gateway, or the prefix length of -HelperIPAddress."
            );
        }
    }
}
