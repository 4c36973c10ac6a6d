using System.Globalization;
using System.Text.RegularExpressions;
using LinuxP2V.Guest.Files;

namespace LinuxP2V.Guest.Addresses;

/// <summary>ifcfg files of SUSE, as wicked and its predecessor read them.</summary>
internal sealed class SuseFormat : AddressFormat
{
    private const string Folder = "/etc/sysconfig/network";
    private const string Configuration = $"{Folder}/config";
    private const string NameServers = "NETCONFIG_DNS_STATIC_SERVERS";

    private static readonly Regex OfAddress = new(
        @"^(?:BOOTPROTO|(?:IPADDR|PREFIXLEN|NETMASK|NETWORK|BROADCAST|REMOTE_IPADDR|LABEL)(?:_?\w+)?)$",
        RegexOptions.CultureInvariant
    );

    private static readonly Regex Port = new(
        @"^(?:BONDING_SLAVE_?\w*|BRIDGE_PORTS|TEAM_PORT_DEVICE_?\w*|OVS_BRIDGE_PORT_DEVICE_?\w*)$",
        RegexOptions.CultureInvariant
    );

    private static readonly char[] Spaces = [' ', '\t'];

    public override string Name => "SUSE's ifcfg";

    public override AddressResult? Change(GuestTree files, WantedAddresses wanted)
    {
        var all = Parse(files);
        var own = all.Where(file => IsOf(file.Path, wanted)).ToList();
        if (own.Count == 0)
            return null;

        if (own.Count > 1)
            return AddressResult.Refused(
                $"several files configure it: {string.Join(", ", own.Select(file => file.Path))}. Remove those that are not needed."
            );

        if (
            all.Find(file => file.Text.Keys.Any(key => Port.IsMatch(key) && file.Text.Value(key)!.Split(Spaces).Contains(wanted.Name))) is
            { Path: { } above }
        )
            return AddressResult.Refused(
                $"{wanted.Name} is a part of what {above} configures, and that bears the address. Give the address to it."
            );

        var (path, text) = own[0];
        var before = text.Value("BOOTPROTO") ?? "static";
        Change(text, wanted, before);
        return new AddressResult([(path, text.Text), .. RoutesWith(files, wanted), .. ConfigurationWith(files, wanted)])
        {
            WasDhcp = before.StartsWith("dhcp", StringComparison.Ordinal) && before != "dhcp6",
            Doubts =
            [
                .. new[] { $"{Folder}/ifroute-{wanted.Name}" }
                    .Where(candidate => files.Length(candidate) > 0)
                    .Select(candidate => $"{candidate} holds routes for {wanted.Name}, which stay as they are but for a default one."),
            ],
        };
    }

    public override AddressResult? Create(GuestTree files, WantedAddresses wanted)
    {
        if (wanted.Adapter is null || Parse(files).All(file => file.Path == $"{Folder}/ifcfg-lo"))
            return null;

        var text = AssignmentText.Parse("STARTMODE='auto'\n", "'");
        Change(text, wanted, "static");
        return new AddressResult([
            ($"{Folder}/ifcfg-{wanted.Name}", text.Text),
            .. RoutesWith(files, wanted),
            .. ConfigurationWith(files, wanted),
        ]);
    }

    private static void Change(AssignmentText text, WantedAddresses wanted, string before)
    {
        var addresses = wanted.V4.Concat(wanted.V6).ToList();
        List<(string, string)> settings = [("BOOTPROTO", Protocol(wanted, before))];
        settings.AddRange(
            addresses.Select(
                (address, index) => ("IPADDR" + (index == 0 ? "" : "_" + index.ToString(CultureInfo.InvariantCulture)), address.Text)
            )
        );
        text.Replace(OfAddress.IsMatch, settings);
        if (text.Value("STARTMODE") is null or "manual" or "off")
            text.Replace(key => key == "STARTMODE", [("STARTMODE", "auto")]);
    }

    private static string Protocol(WantedAddresses wanted, string before) =>
        wanted.Dhcp
            ? wanted.AsksV6
                ? "dhcp4"
                : "dhcp"
            : wanted.AsksV4
                ? before == "dhcp6" && !wanted.AsksV6
                    ? "dhcp6"
                    : "static"
                // Only IPv6 was asked for.
                : before is "dhcp" or "dhcp4"
                    ? "dhcp4"
                    : "static";

    /// <summary>Default routes of all interfaces stand in one file, or in one of the interface's own.</summary>
    private static IEnumerable<(string, string)> RoutesWith(GuestTree files, WantedAddresses wanted)
    {
        var gateways = new[] { wanted.Gateway4, wanted.Gateway6 }.OfType<string>().ToList();
        if (gateways.Count == 0)
            yield break;

        var own = $"{Folder}/ifroute-{wanted.Name}";
        var path = HasDefault(files, own, wanted.Name) ? own : $"{Folder}/routes";
        var lines = ConfigurationText
            .Read(files, path)
            .TrimEnd('\n')
            .Split('\n')
            .Where((line, index) => index > 0 || line.Length > 0)
            .ToList();
        foreach (var gateway in gateways)
        {
            var place = lines.FindIndex(line => IsDefault(line, wanted.Name) && IsOfFamily(line, gateway));
            if (place >= 0)
                lines[place] = WithGateway(lines[place], gateway);
            else
                lines.Add($"default {gateway} - {wanted.Name}");
        }

        yield return (path, string.Join("\n", lines) + "\n");
    }

    private static bool HasDefault(GuestTree files, string path, string name) =>
        ConfigurationText.Read(files, path).Split('\n').Any(line => IsDefault(line, name));

    private static bool IsDefault(string line, string name) =>
        line.Split(Spaces, StringSplitOptions.RemoveEmptyEntries) is { Length: > 1 } words
        && (words[0] is "default" or "0.0.0.0/0" or "::/0")
        && (words.Length < 4 || words[3] == "-" || words[3] == name);

    private static bool IsOfFamily(string line, string gateway) =>
        WantedAddress.IsOfV6(line.Split(Spaces, StringSplitOptions.RemoveEmptyEntries)[1]) == WantedAddress.IsOfV6(gateway);

    private static string WithGateway(string line, string gateway)
    {
        var before = line.Split(Spaces, StringSplitOptions.RemoveEmptyEntries)[1];
        var place = line.IndexOf(before, line.IndexOfAny(Spaces), StringComparison.Ordinal);
        return line[..place] + gateway + line[(place + before.Length)..];
    }

    private static IEnumerable<(string, string)> ConfigurationWith(GuestTree files, WantedAddresses wanted)
    {
        if (wanted.Dns.Count == 0)
            yield break;

        var text = AssignmentText.Parse(ConfigurationText.Read(files, Configuration), "\"");
        text.Replace(key => key == NameServers, [(NameServers, string.Join(" ", wanted.Dns))]);
        yield return (Configuration, text.Text);
    }

    private static List<(string Path, AssignmentText Text)> Parse(GuestTree files) =>
        [
            .. files
                .Files(Folder, "ifcfg-*")
                .Where(path => !path.EndsWith("~", StringComparison.Ordinal) && path.LastIndexOf('.') < path.LastIndexOf('/'))
                .Concat(files.Files(Folder, "ifcfg-*.*").Where(IsVlan))
                .Distinct()
                .Select(path => (path, AssignmentText.Parse(ConfigurationText.Read(files, path)))),
        ];

    /// <summary>eth0.100, and no copy that somebody put aside.</summary>
    private static bool IsVlan(string path) => path[(path.LastIndexOf('.') + 1)..].All(char.IsDigit);

    /// <summary>Old ones are named after the adapter's address.</summary>
    private static bool IsOf(string path, WantedAddresses wanted) =>
        path == $"{Folder}/ifcfg-{wanted.Name}"
        || (
            wanted.Adapter is { } adapter
            && path.StartsWith($"{Folder}/ifcfg-eth-id-", StringComparison.Ordinal)
            && AddressNames.Names(path[(Folder.Length + "/ifcfg-eth-id-".Length)..], adapter)
        );
}
