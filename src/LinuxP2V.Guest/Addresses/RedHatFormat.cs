using System.Globalization;
using System.Text.RegularExpressions;
using LinuxP2V.Guest.Files;

namespace LinuxP2V.Guest.Addresses;

/// <summary>ifcfg files of Red Hat's family.</summary>
internal sealed class RedHatFormat : AddressFormat
{
    private const string Folder = "/etc/sysconfig/network-scripts";
    private const string Global = "/etc/sysconfig/network";

    /// <summary>What the network's scripts pass over.</summary>
    private static readonly Regex Backup = new(@"(?:~|\.(?:bak|old|orig|rpmnew|rpmorig|rpmsave))$", RegexOptions.CultureInvariant);

    private static readonly Regex OfV4 = new(
        @"^(?:BOOTPROTO|(?:IPADDR|PREFIX|NETMASK|NETWORK|BROADCAST|GATEWAY)\d*)$",
        RegexOptions.CultureInvariant
    );

    private static readonly Regex NameServer = new(@"^DNS\d+$", RegexOptions.CultureInvariant);

    private static readonly string[] Above = ["MASTER", "BRIDGE", "TEAM_MASTER"];

    private static readonly string[] OfV6 = ["IPV6ADDR", "IPV6ADDR_SECONDARIES", "IPV6_DEFAULTGW"];

    public override string Name => "ifcfg";

    public override AddressResult? Change(GuestTree files, WantedAddresses wanted)
    {
        var found = Parse(files).Where(file => IsOf(file.Path, file.Text, wanted)).ToList();
        if (found.Count == 0)
            return null;

        if (found.Count > 1)
            return AddressResult.Refused(
                $"several files configure it: {string.Join(", ", found.Select(file => file.Path))}. Remove those that are not needed."
            );

        var (path, text) = found[0];
        if (text.First(Above) is { } above)
            return AddressResult.Refused($"{wanted.Name} is a part of {above}, which bears the address. Give the address to {above}.");

        var wasDhcp = text.Value("BOOTPROTO") is "dhcp" or "bootp";
        Change(text, wanted, wasDhcp);
        var (global, doubt) = WithoutGlobalGateway(files, wanted);
        return new AddressResult([(path, text.Text), .. global])
        {
            WasDhcp = wasDhcp,
            Doubts = [.. doubt, .. Aliases(files, wanted.Name), .. Routes(files, wanted.Name)],
        };
    }

    public override AddressResult? Create(GuestTree files, WantedAddresses wanted)
    {
        if (wanted.Adapter is null || Parse(files).All(file => file.Text.Value("DEVICE") is null or "lo"))
            return null;

        var text = AssignmentText.Parse($"DEVICE={wanted.Name}\nTYPE=Ethernet\nONBOOT=yes\n");
        Change(text, wanted, wasDhcp: false);
        return new AddressResult([($"{Folder}/ifcfg-{wanted.Name}", text.Text)]);
    }

    private static void Change(AssignmentText text, WantedAddresses wanted, bool wasDhcp)
    {
        var v4 = V4(text, wanted, wasDhcp);
        text.Replace(key => OfV4.IsMatch(key) || (wanted.Dns.Count > 0 && NameServer.IsMatch(key)), v4);
        if (wanted.AsksV6 || OfV6.Any(text.Keys.Contains))
            text.Replace(key => OfV6.Contains(key) || (wanted.AsksV6 && key == "IPV6INIT"), [.. V6(wanted)]);

        if (text.Value("ONBOOT") is { } start && !start.Equals("yes", StringComparison.OrdinalIgnoreCase))
            text.Replace(key => key == "ONBOOT", [("ONBOOT", "yes")]);
    }

    private static List<(string, string)> V4(AssignmentText text, WantedAddresses wanted, bool wasDhcp)
    {
        var before = text.Value("BOOTPROTO");
        List<(string, string)> settings =
        [
            (
                "BOOTPROTO",
                wanted.Dhcp || (!wanted.AsksV4 && wasDhcp)
                    ? before is "bootp"
                        ? "bootp"
                        : "dhcp"
                    : before is "static"
                        ? "static"
                        : "none"
            ),
        ];
        var hasPrefix = text.Keys.Contains("PREFIX") || text.Keys.Contains("PREFIX0");
        for (var index = 0; index < wanted.V4.Count; index++)
        {
            var (number, address) = (index == 0 ? "" : index.ToString(CultureInfo.InvariantCulture), wanted.V4[index]);
            settings.Add(("IPADDR" + number, address.Address));
            // Scripts of all ages know the mask.
            settings.Add(
                hasPrefix
                    ? ("PREFIX" + number, address.Prefix.ToString(CultureInfo.InvariantCulture))
                    : ("NETMASK" + number, address.Netmask)
            );
        }

        if (wanted.Gateway4 is { } gateway)
            settings.Add(("GATEWAY", gateway));

        settings.AddRange(wanted.Dns.Select((server, index) => ("DNS" + (index + 1).ToString(CultureInfo.InvariantCulture), server)));
        return settings;
    }

    private static IEnumerable<(string, string)> V6(WantedAddresses wanted)
    {
        if (!wanted.AsksV6)
            yield break;

        yield return ("IPV6INIT", "yes");
        yield return ("IPV6ADDR", wanted.V6[0].Text);
        if (wanted.V6.Count > 1)
            yield return ("IPV6ADDR_SECONDARIES", string.Join(" ", wanted.V6.Skip(1).Select(address => address.Text)));

        if (wanted.Gateway6 is { } gateway)
            yield return ("IPV6_DEFAULTGW", gateway);
    }

    /// <summary>A gateway for all interfaces would stand against that of the interface.</summary>
    private static (IReadOnlyList<(string, string)> Files, IReadOnlyList<string> Doubts) WithoutGlobalGateway(
        GuestTree files,
        WantedAddresses wanted
    )
    {
        var text = AssignmentText.Parse(ConfigurationText.Read(files, Global));
        if (text.Value("GATEWAY") is not { } before)
            return ([], []);

        if (text.Value("GATEWAYDEV") is { Length: > 0 } device && device != wanted.Name)
            return ([], []);

        if (wanted.Gateway4 is null)
            return ([], [$"{Global} names the gateway {before}, which stays."]);

        text.Replace(key => key == "GATEWAY", [("GATEWAY", wanted.Gateway4)]);
        return ([(Global, text.Text)], []);
    }

    private static IEnumerable<string> Aliases(GuestTree files, string name) =>
        Parse(files)
            .Where(file => file.Text.Value("DEVICE")?.StartsWith(name + ":", StringComparison.Ordinal) == true)
            .Select(file => $"{file.Path} gives a further address by the name {file.Text.Value("DEVICE")}, which stays as it is.");

    private static IEnumerable<string> Routes(GuestTree files, string name) =>
        new[] { $"{Folder}/route-{name}", $"{Folder}/route6-{name}" }
            .Where(path => files.Length(path) > 0)
            .Select(path => $"{path} holds routes for {name}, which stay as they are.");

    private static List<(string Path, AssignmentText Text)> Parse(GuestTree files) =>
        [
            .. files
                .Files(Folder, "ifcfg-*")
                .Where(path => !Backup.IsMatch(path))
                .Select(path => (path, AssignmentText.Parse(ConfigurationText.Read(files, path)))),
        ];

    private static bool IsOf(string path, AssignmentText text, WantedAddresses wanted) =>
        text.Value("DEVICE") is { Length: > 0 } device ? device == wanted.Name
        : text.Value("HWADDR") is { Length: > 0 } address ? wanted.Adapter is { } adapter && AddressNames.Names(address, adapter)
        : path == $"{Folder}/ifcfg-{wanted.Name}";
}
