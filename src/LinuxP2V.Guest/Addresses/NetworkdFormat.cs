using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Network;

namespace LinuxP2V.Guest.Addresses;

/// <summary>.network files of systemd-networkd: the first by name that matches an interface is its own.</summary>
internal sealed class NetworkdFormat : AddressFormat
{
    private const string Own = "/etc/systemd/network";

    private static readonly string[] Folders = [Own, "/usr/local/lib/systemd/network", "/usr/lib/systemd/network", "/lib/systemd/network"];
    private static readonly char[] Spaces = [' ', '\t'];
    private static readonly string[] Above = ["Bond", "Bridge"];
    private static readonly string[] Yes = ["yes", "true", "both", "1", "on"];

    public override string Name => "systemd-networkd";

    public override AddressResult? Change(GuestTree files, WantedAddresses wanted)
    {
        foreach (var path in Candidates(files))
        {
            var file = ConfigSections.Parse(ConfigurationText.Read(files, path));
            switch (Applies(file, wanted))
            {
                case Match.Not:
                    continue;
                case Match.Unknown when path.StartsWith(Own, StringComparison.Ordinal):
                    return AddressResult.Refused($"whether {path} applies to it depends on what only the machine knows.");
                case Match.Unknown:
                    // Packages bring such files for containers and tunnels.
                    continue;
                case Match.Exact when path.StartsWith(Own, StringComparison.Ordinal):
                    return Change(files, wanted, path, path, file);
                default:
                    // It may apply to others, too, or is a package's: one of the interface's own comes before it.
                    file.Lines.RemoveAll(line => line.Section == "Match" && line.Key is not null);
                    SectionText.Replace(file, "Match", _ => false, [$"Name={wanted.Name}"]);
                    return Change(files, wanted, path, OwnPath(path, wanted.Name), file);
            }
        }

        return null;
    }

    public override AddressResult? Create(GuestTree files, WantedAddresses wanted)
    {
        if (wanted.Adapter is null || files.Files(Own, "*.network").Count == 0)
            return null;

        var file = ConfigSections.Parse($"[Match]\nName={wanted.Name}\n\n[Network]\n");
        Change(file, wanted);
        return new AddressResult([(OwnPath("", wanted.Name), file.Text)]);
    }

    private static AddressResult Change(GuestTree files, WantedAddresses wanted, string path, string own, ConfigSections file)
    {
        var parts = Folders.SelectMany(folder => files.Files($"{folder}/{NameOf(path)}.d", "*.conf")).ToList();
        if (parts.Find(part => path != own || SetsAddresses(ConfigSections.Parse(ConfigurationText.Read(files, part)))) is { } part)
            return AddressResult.Refused($"{part} adds to {path}.");

        if (SectionText.First(file, "Network", Above) is { } above)
            return AddressResult.Refused($"{wanted.Name} is a part of {above}, which bears the address. Give the address to {above}.");

        var wasDhcp = HasDhcp(file, "ipv4", "v4");
        Change(file, wanted);
        return new AddressResult([(own, file.Text)]) { WasDhcp = wasDhcp };
    }

    private static void Change(ConfigSections file, WantedAddresses wanted)
    {
        var v4 = wanted.AsksV4 ? wanted.Dhcp : HasDhcp(file, "ipv4", "v4");
        var v6 = !wanted.AsksV6 && HasDhcp(file, "ipv6", "v6");
        var hadDhcp = SectionText.Value(file, "Network", "DHCP") is not null;
        List<string> lines = v4 || v6 || hadDhcp ? [$"DHCP={(v4 && v6 ? "yes" : v4 ? "ipv4" : v6 ? "ipv6" : "no")}"] : [];
        lines.AddRange(wanted.V4.Concat(wanted.V6).Select(address => $"Address={address.Text}"));
        lines.AddRange(new[] { wanted.Gateway4, wanted.Gateway6 }.OfType<string>().Select(gateway => $"Gateway={gateway}"));
        lines.AddRange(wanted.Dns.Select(server => $"DNS={server}"));
        SectionText.RemoveSections(file, "Address", _ => true);
        SectionText.RemoveSections(file, "Route", IsDefaultRoute);
        SectionText.Replace(
            file,
            "Network",
            line => line.Key is "DHCP" or "Address" or "Gateway" || (line.Key == "DNS" && wanted.Dns.Count > 0),
            lines
        );
    }

    private static bool IsDefaultRoute(IReadOnlyList<ConfigLine> section) =>
        section.Any(line => line.Key == "Gateway") && section.All(line => line.Key != "Destination" || line.Value is "0.0.0.0/0" or "::/0");

    private static bool SetsAddresses(ConfigSections part) =>
        part.Settings("Network").Any(line => line.Key is "DHCP" or "Address" or "Gateway")
        || part.Settings("Address").Any()
        || part.Settings("Match").Any();

    private static bool HasDhcp(ConfigSections file, string family, string old) =>
        SectionText.Value(file, "Network", "DHCP") is { } value
        && (Yes.Contains(value) || string.Equals(value, family, StringComparison.OrdinalIgnoreCase) || value == old);

    private static Match Applies(ConfigSections file, WantedAddresses wanted)
    {
        var settings = file.Settings("Match").ToList();
        var result = settings.Count > 0 ? Match.Exact : Match.Unknown;
        foreach (var line in settings)
        {
            var words = line.Value.Split(Spaces, StringSplitOptions.RemoveEmptyEntries);
            var now = line.Key switch
            {
                "Name" => words is [var only] && only == wanted.Name ? Match.Exact
                : MatchesAny(wanted.Name, words) ? Match.Several
                : Match.Not,
                "MACAddress" or "PermanentMACAddress" => wanted.Adapter is { } adapter
                && words.Any(word => AddressNames.Names(word, adapter))
                    ? words.Length == 1
                        ? Match.Exact
                        : Match.Several
                    : Match.Not,
                "Type" => wanted.Adapter is null || !MatchesAny("ether", words) ? Match.Unknown : Match.Several,
                _ => Match.Unknown,
            };
            // A type beside a name makes it no less exact.
            result =
                now is Match.Not || result is Match.Not ? Match.Not
                : now is Match.Unknown || result is Match.Unknown ? Match.Unknown
                : now is Match.Several && (line.Key != "Type" || settings.Count == 1) ? Match.Several
                : result;
        }

        return result;
    }

    private static bool MatchesAny(string name, string[] words) =>
        words is [['!', ..], ..]
            ? !words.Any(word => ShellPattern.Matches(name, word.TrimStart('!')))
            : words.Any(word => ShellPattern.Matches(name, word));

    /// <summary>In the order in which systemd looks at them.</summary>
    private static IEnumerable<string> Candidates(GuestTree files) =>
        Folders
            .SelectMany(folder => files.Files(folder, "*.network"))
            .GroupBy(NameOf)
            .Select(group => group.First())
            .OrderBy(NameOf, StringComparer.Ordinal);

    /// <param name="before">The file that it must sort before.</param>
    private static string OwnPath(string before, string name)
    {
        var own = $"10-linuxp2v-{name}.network";
        return $"{Own}/{(before.Length > 0 && string.CompareOrdinal(NameOf(before), own) <= 0 ? "00" + own[2..] : own)}";
    }

    private static string NameOf(string path) => path[(path.LastIndexOf('/') + 1)..];

    private enum Match
    {
        Not,

        /// <summary>It depends on the hardware, the kind of the interface, or the machine.</summary>
        Unknown,

        /// <summary>Others may be meant, too.</summary>
        Several,
        Exact,
    }
}
