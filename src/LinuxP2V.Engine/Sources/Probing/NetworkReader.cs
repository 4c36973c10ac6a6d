using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using LinuxP2V.Engine.Sources.Model;

namespace LinuxP2V.Engine.Sources.Probing;

internal static class NetworkReader
{
    private const int Ethernet = 1;

    private static readonly string[] IgnoredRoutes =
    [
        "multicast",
        "local",
        "broadcast",
        "unreachable",
        "blackhole",
        "prohibit",
        "throw",
        "anycast",
    ];

    public static NetworkFacts Read(ProbeOutput output)
    {
        var addresses = ReadAddresses(output);
        var links = output.Lines("ip-link");
        var resolver = output.File("/etc/resolv.conf");
        if (
            Values(resolver, "nameserver").Any(server => server.StartsWith("127.0.0.5", StringComparison.Ordinal))
            && output.File("/run/systemd/resolve/resolv.conf").Count > 0
        )
            resolver = output.File("/run/systemd/resolve/resolv.conf");

        return new NetworkFacts
        {
            Adapters =
            [
                .. output
                    .All("adapter")
                    .Where(section => section.Argument != "lo")
                    .Select(section => ReadAdapter(section, links, addresses)),
            ],
            Routes = output.Has("ip-route") ? ReadRoutes(output.Lines("ip-route")) : ReadKernelRoutes(output.File("/proc/net/route")),
            DnsServers = [.. Values(resolver, "nameserver").Select(value => ProbeText.Words(value)[0]).Distinct()],
            DnsSearch = [.. Values(resolver, "search").Concat(Values(resolver, "domain")).Take(1).SelectMany(ProbeText.Words)],
            Managers = ReadManagers(output),
        };
    }

    private static NetworkAdapterFacts ReadAdapter(ProbeSection section, IReadOnlyList<string> links, ILookup<string, string> addresses)
    {
        var name = section.Argument;
        var link = links.FirstOrDefault(line => Regex.IsMatch(line, $@"^\d+:\s+{Regex.Escape(name)}(@\S+)?:")) ?? "";
        var permanent = Regex.Match(link, @"\bpermaddr ([0-9a-fA-F:]{17})\b");
        var flags = section["flags"] ?? "";
        var isUp =
            flags.StartsWith("0x", StringComparison.Ordinal)
            && long.TryParse(flags.Substring(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var bits)
            && (bits & 1) != 0;
        return new NetworkAdapterFacts
        {
            Name = name,
            MacAddress = (
                RealAddress(section["permanent"])
                ?? RealAddress(section["bonding_slave/perm_hwaddr"])
                ?? (permanent.Success ? permanent.Groups[1].Value : section["address"] ?? "")
            ).ToLowerInvariant(),
            IsPhysical = section["device"] is not null && section.Number("type") == Ethernet,
            Driver = ProbeText.NullIfEmpty(section["driver"]),
            PciAddress = PciAddressOf(section["device"] ?? ""),
            // An interface without a cable is up to the kernel, yet carries nothing.
            IsUp = isUp && section["operstate"] is not ("down" or "lowerlayerdown" or "notpresent"),
            Mtu = (int?)section.Number("mtu"),
            Addresses = [.. addresses[name].Where(address => !IsLinkLocal(address)).Distinct()],
        };
    }

    /// <param name="device">Its path in sysfs. Below a USB controller the adapter has a port, no slot of its own.</param>
    private static string? PciAddressOf(string device)
    {
        var addresses = Regex.Matches(device, "(?<=/)[0-9a-f]{4,}:[0-9a-f]{2}:[0-9a-f]{2}\\.[0-7](?=/|$)");
        return addresses.Count == 0 || device.Contains("/usb") ? null : addresses[addresses.Count - 1].Value;
    }

    private static string? RealAddress(string? address) =>
        address is not null && Regex.IsMatch(address, "^([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}$") && address.Trim('0', ':').Length > 0
            ? address
            : null;

    private static bool IsLinkLocal(string address) =>
        IPAddress.TryParse(address.Split('/')[0], out var parsed)
        && (parsed.IsIPv6LinkLocal || parsed.ToString().StartsWith("169.254.", StringComparison.Ordinal));

    private static ILookup<string, string> ReadAddresses(ProbeOutput output)
    {
        var found = new List<KeyValuePair<string, string>>();
        foreach (var words in output.Lines("ip-address").Select(ProbeText.Words))
        {
            // Addresses that change by themselves are none to configure.
            if (words.Length >= 4 && words[2] is "inet" or "inet6" && !words.Contains("temporary"))
            {
                var peer = Array.IndexOf(words, "peer");
                var address = words[3].IndexOf('/') < 0 && peer > 0 ? words[3] + "/32" : words[3];
                found.Add(new KeyValuePair<string, string>(words[1].Split('@')[0], address));
            }
        }

        if (!output.Has("ip-address"))
            found.AddRange(Ifconfig.Read(output.Lines("ifconfig")));

        return found.ToLookup(pair => pair.Key, pair => pair.Value);
    }

    private static List<RouteFacts> ReadRoutes(IEnumerable<string> lines)
    {
        var routes = new List<RouteFacts>();
        foreach (var words in lines.Select(ProbeText.Words).Where(words => words.Length > 1))
        {
            if (words[0] == "nexthop" || IgnoredRoutes.Contains(words[0]) || words[0].StartsWith("fe80:", StringComparison.Ordinal))
                continue;

            var route = new RouteFacts(words[0], After(words, "via"), After(words, "dev"));
            if (!routes.Contains(route))
                routes.Add(route);
        }

        return routes;
    }

    private static string? After(string[] words, string name)
    {
        var index = Array.IndexOf(words, name);
        if (index < 0 || index + 1 >= words.Length)
            return null;

        // A gateway of the other family: "via inet6 fe80::1".
        return words[index + 1] is "inet" or "inet6" && index + 2 < words.Length ? words[index + 2] : words[index + 1];
    }

    /// <summary>/proc/net/route: addresses as little-endian hex.</summary>
    private static List<RouteFacts> ReadKernelRoutes(IEnumerable<string> lines)
    {
        var routes = new List<RouteFacts>();
        foreach (var words in lines.Skip(1).Select(ProbeText.Words).Where(words => words.Length >= 8))
        {
            var prefix = Address(words[7]).GetAddressBytes().Sum(b => Convert.ToString(b, 2).Count(c => c == '1'));
            var gateway = Address(words[2]);
            routes.Add(
                new RouteFacts(
                    words[1] == "00000000" && prefix == 0
                        ? "default"
                        : $"{Address(words[1])}/{prefix.ToString(CultureInfo.InvariantCulture)}",
                    gateway.Equals(IPAddress.Any) ? null : gateway.ToString(),
                    words[0]
                )
            );
        }

        return routes;
    }

    private static IPAddress Address(string hex) =>
        hex.Length == 8 ? new IPAddress([.. Enumerable.Reverse(ProbeText.FromHex(hex))]) : IPAddress.Any;

    private static IEnumerable<string> Values(IEnumerable<string> lines, string name) =>
        lines
            .Select(line => line.Trim())
            .Where(line =>
                line.StartsWith(name, StringComparison.Ordinal) && line.Length > name.Length && char.IsWhiteSpace(line[name.Length])
            )
            .Select(line => line.Substring(name.Length).Trim())
            .Where(value => value.Length > 0);

    private static List<string> ReadManagers(ProbeOutput output)
    {
        var files = output.Lines("network-files");
        var processes = new HashSet<string>(ProcessNames.Read(output));
        var managers = new List<string>();
        void Add(bool isThere, string name)
        {
            if (isThere)
                managers.Add(name);
        }

        Add(output.Lines("ifupdown").Select(ProbeText.Words).Any(words => words.Length > 1 && words[1] != "lo"), "ifupdown");
        Add(files.Any(file => file.IndexOf("/netplan/", StringComparison.Ordinal) >= 0), "netplan");
        Add(processes.Contains("NetworkManager"), "NetworkManager");
        // The kernel cuts names at 15 characters.
        Add(processes.Contains("systemd-network"), "systemd-networkd");
        Add(processes.Contains("wickedd"), "wicked");
        Add(files.Any(file => Regex.IsMatch(file, @"/ifcfg-(?!lo$)")), "ifcfg");
        return managers;
    }
}

/// <summary>ifconfig's two ways to print addresses, for machines without ip.</summary>
internal static class Ifconfig
{
    public static IEnumerable<KeyValuePair<string, string>> Read(IEnumerable<string> lines)
    {
        var name = "";
        foreach (var line in lines)
        {
            if (line.Length > 0 && !char.IsWhiteSpace(line[0]))
                name = ProbeText.Words(line)[0].TrimEnd(':').Split(':')[0];

            var four = Regex.Match(line, @"\binet (?:addr:)?([0-9.]+).*?(?:netmask |Mask:)([0-9a-fx.]+)");
            if (four.Success && IPAddress.TryParse(four.Groups[2].Value, out var mask))
            {
                var bits = mask.GetAddressBytes().Sum(part => Convert.ToString(part, 2).Count(bit => bit == '1'));
                yield return new KeyValuePair<string, string>(
                    name,
                    string.Format(CultureInfo.InvariantCulture, "{0}/{1}", four.Groups[1].Value, bits)
                );
            }

            var six = Regex.Match(line, @"\binet6 (?:addr: )?([0-9a-f:]+)(?:/(\d+)|\s+prefixlen (\d+))");
            if (six.Success)
                yield return new KeyValuePair<string, string>(name, $"{six.Groups[1].Value}/{six.Groups[2].Value}{six.Groups[3].Value}");
        }
    }
}
