using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using LinuxP2V.Engine.Sources.Model;
using LinuxP2V.Engine.Tasks;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Planning;

/// <summary>What -IPAddress, -Gateway and -DnsServer say: the addresses of the finished VM, checked against each other.</summary>
internal sealed class GuestAddressPlanner(NetworkFacts network, GuestNetwork asked, PlanFindings findings)
{
    private const string Parameter = "-IPAddress";

    /// <summary>Names that configuration files of all kinds can hold. A source may claim any.</summary>
    private static readonly Regex UsualName = new(@"\A[A-Za-z0-9][A-Za-z0-9_.@-]{0,14}\z", RegexOptions.CultureInvariant);

    private readonly List<Interface> interfaces = [];

    /// <exception cref="P2VException">PlanNotPossible.</exception>
    public static IReadOnlyList<InterfaceAddresses> Plan(NetworkFacts network, TaskSettings settings, PlanFindings findings)
    {
        var asked = settings.GuestNetwork;
        if (asked.Addresses.Count == 0)
        {
            if (asked.Gateways.Count + asked.DnsServers.Count > 0)
                throw AddressText.Refused(
                    $"{(asked.Gateways.Count > 0 ? "-Gateway" : "-DnsServer")} stands alone.",
                    $"Give the addresses of the copy too, with {Parameter}, or leave all of them as the source has them."
                );

            return [];
        }

        return settings.SkipReconfiguration
            ? throw AddressText.Refused(
                "With -SkipReconfiguration the copy equals its source: it gets no other addresses.",
                $"Leave out -SkipReconfiguration, or {Parameter}."
            )
            : new GuestAddressPlanner(network, asked, findings).Plan();
    }

    private List<InterfaceAddresses> Plan()
    {
        foreach (var pair in asked.Addresses)
            interfaces.Add(Read(pair.Key, pair.Value));

        RequireDistinct();
        var servers = asked.DnsServers.Select(text => AddressText.Read(text, "-DnsServer", "192.0.2.53").ToString()).Distinct().ToList();
        if (servers.Count > 0 && interfaces.TrueForAll(one => one.Addresses.Count == 0))
            throw AddressText.Refused(
                $"-DnsServer {servers[0]} is given, and no interface gets a fixed address.",
                "Leave it out: DHCP brings the name servers along."
            );

        foreach (var gateway in AddressText.ReadGateways(asked.Gateways, "-Gateway"))
            BearerOf(gateway).Gateways.Add(gateway);

        foreach (var route in network.Routes.Where(route => route.Destination == "default"))
            KeepGateway(route);

        return
        [
            .. interfaces.Select(one => new InterfaceAddresses(one.Facts.Name)
            {
                Dhcp = one.Dhcp,
                Addresses = [.. one.Addresses.Select(address => address.Canonical)],
                Left = [.. LeftBehind(one.Facts)],
                Gateways = [.. one.Gateways.Select(gateway => gateway.ToString())],
                DnsServers = one.Addresses.Count > 0 ? servers : [],
            }),
        ];
    }

    private IEnumerable<string> LeftBehind(NetworkAdapterFacts facts) =>
        facts
            .Addresses.Select(text => text.Split('/')[0])
            .Where(before => IPAddress.TryParse(before, out _))
            .Where(before => interfaces.TrueForAll(one => one.Addresses.TrueForAll(given => given.Address.ToString() != before)));

    private Interface Read(string name, IReadOnlyList<string> texts)
    {
        var facts =
            InterfaceNames.Find(network.Adapters, name)
            ?? throw AddressText.Refused(
                $"{Parameter} names the interface '{name}', which the source does not have.",
                $"It has {InterfaceNames.List(network.Adapters)}."
            );
        if (!UsualName.IsMatch(facts.Name))
            throw AddressText.Refused(
                $"The interface '{facts.Name}' has a name that configuration files cannot hold safely.",
                "Set its address in the VM."
            );

        var isDhcp = texts.Any(IsDhcp);
        var addresses = texts.Where(text => !IsDhcp(text)).Select(text => AddressText.ReadWithPrefix(text.Trim(), Parameter)).ToList();
        if (!isDhcp && addresses.Count == 0)
            throw AddressText.Refused(
                $"{Parameter} has no address for {name}.",
                $"Give one such as 192.0.2.10/24, or '{GuestNetwork.Dhcp}'."
            );

        if (isDhcp && addresses.Exists(address => address.Address.AddressFamily == AddressFamily.InterNetwork))
            throw AddressText.Refused(
                $"{Parameter} gives {name} both '{GuestNetwork.Dhcp}' and a fixed address of IPv4.",
                "Choose one of them; an address of IPv6 may stand beside it."
            );

        // They are each link's own, and no configuration of a network.
        return addresses.Find(address => IsOfNoMachine(address.Address)) is { } wrong
            ? throw AddressText.Refused($"{Parameter} {wrong.Text} is no address that a machine has in a network.", "Give another one.")
            : new Interface(facts, isDhcp, addresses);
    }

    private static bool IsDhcp(string text) => string.Equals(text.Trim(), GuestNetwork.Dhcp, StringComparison.OrdinalIgnoreCase);

    private static bool IsOfNoMachine(IPAddress address) =>
        IPAddress.IsLoopback(address)
        || address.IsIPv6Multicast
        || address.IsIPv6LinkLocal
        || address.Equals(IPAddress.IPv6Any)
        || (address.AddressFamily == AddressFamily.InterNetwork && address.GetAddressBytes()[0] is 0 or >= 224);

    private void RequireDistinct()
    {
        if (interfaces.GroupBy(one => one.Facts.Name).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw AddressText.Refused(
                $"{Parameter} names {twice.Key} twice, by its name and by its address.",
                "Give each interface its addresses once."
            );

        var addresses = interfaces.SelectMany(one => one.Addresses).GroupBy(address => address.Address);
        if (addresses.FirstOrDefault(same => same.Count() > 1) is { } same)
            throw AddressText.Refused($"{Parameter} gives the address {same.Key} twice.", "Give each address once.");

        // An interface that is not named keeps what it has.
        var kept = network
            .Adapters.Where(adapter => interfaces.TrueForAll(one => one.Facts != adapter))
            .SelectMany(adapter => adapter.Addresses.Select(text => (adapter.Name, Address: text.Split('/')[0])));
        foreach (var (name, address) in kept)
        {
            if (interfaces.Exists(one => one.Addresses.Exists(given => given.Address.ToString() == address)))
                throw AddressText.Refused(
                    $"{Parameter} gives the address {address} to another interface than {name}, which keeps it.",
                    $"Give {name} another one, too."
                );
        }
    }

    /// <summary>The interface in whose subnet the gateway lies.</summary>
    private Interface BearerOf(IPAddress gateway)
    {
        if (interfaces.Exists(one => one.Addresses.Exists(address => address.Address.Equals(gateway))))
            throw AddressText.Refused($"-Gateway {gateway} is an address of the copy itself.", "Give the address of the router.");

        // A router of IPv6 has an address of its own on each link.
        var bearers = gateway.IsIPv6LinkLocal
            ? interfaces.FindAll(one => one.Has(AddressFamily.InterNetworkV6))
            : interfaces.FindAll(one => one.Addresses.Exists(address => address.Holds(gateway)));
        if (bearers.Count == 1)
            return bearers[0];

        var given = string.Join(", ", interfaces.SelectMany(one => one.Addresses).Select(address => address.Text).DefaultIfEmpty("none"));
        throw bearers.Count == 0
            ? AddressText.Refused(
                $"-Gateway {gateway} lies in no subnet of the addresses that are given: {given}.",
                $"Correct the gateway, or a prefix length of {Parameter}."
            )
            : AddressText.Refused(
                $"-Gateway {gateway} can be reached by {string.Join(" and by ", bearers.Select(one => one.Facts.Name))}.",
                "Give a gateway that lies in the subnet of one interface."
            );
    }

    /// <summary>The source's own gateway is kept where the new addresses reach it; else somebody must name another one.</summary>
    private void KeepGateway(RouteFacts route)
    {
        if (
            route.Gateway is null
            || !IPAddress.TryParse(route.Gateway, out var gateway)
            || interfaces.Find(one => one.Facts.Name == route.Interface) is not { } bearer
            || !bearer.Has(gateway.AddressFamily)
            || interfaces.Exists(one => one.Gateways.Exists(other => other.AddressFamily == gateway.AddressFamily))
        )
            return;

        if (gateway.IsIPv6LinkLocal)
            return;

        if (bearer.Addresses.Exists(address => address.Holds(gateway) && !address.Address.Equals(gateway)))
        {
            bearer.Gateways.Add(gateway);
            return;
        }

        findings.Warn(
            "DefaultGatewayLost",
            bearer.Facts.Name,
            $"The source's default gateway {gateway} is outside of the new subnets of {bearer.Facts.Name}, and -Gateway names no other: "
                + "the VM reaches its own subnets alone.",
            "Give -Gateway, unless that is wanted."
        );
    }

    private sealed class Interface(NetworkAdapterFacts facts, bool dhcp, List<SubnetAddress> addresses)
    {
        public NetworkAdapterFacts Facts { get; } = facts;

        public bool Dhcp { get; } = dhcp;

        public List<SubnetAddress> Addresses { get; } = addresses;

        public List<IPAddress> Gateways { get; } = [];

        public bool Has(AddressFamily family) => Addresses.Exists(address => address.Address.AddressFamily == family);
    }
}
