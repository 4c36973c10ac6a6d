using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Network;

namespace LinuxP2V.Guest.Addresses;

/// <summary>/etc/network/interfaces and what it takes in: Debian, Alpine, ifupdown2.</summary>
internal sealed class IfupdownFormat : AddressFormat
{
    private const string Main = "/etc/network/interfaces";

    private static readonly string[] OfAddress = ["address", "netmask", "broadcast", "network", "gateway", "pointopoint", "pointtopoint"];

    private static readonly string[] OfNameServers = ["dns-nameservers", "dns-nameserver"];

    /// <summary>Options of a bond or a bridge that name what it is made of.</summary>
    private static readonly string[] Ports = ["bond-slaves", "slaves", "bridge-ports", "bridge_ports", "ovs_ports"];

    private static readonly string[] Usual = ["static", "dhcp", "manual", "auto"];

    public override string Name => "ifupdown";

    public override AddressResult? Change(GuestTree files, WantedAddresses wanted)
    {
        var parsed = Parse(files);
        var own = parsed.SelectMany(file => file.File.Stanzas.Where(stanza => stanza.Interface == wanted.Name)).ToList();
        if (own.Count == 0)
            return null;

        if (Objection(parsed, own, wanted) is { } objection)
            return AddressResult.Refused(objection);

        var wasDhcp = own.Exists(stanza => stanza.Family == "inet" && stanza.Method == "dhcp");
        foreach (var family in Families(wanted))
            Change(parsed, wanted, family);

        StartIt(parsed, wanted.Name);
        return new AddressResult([.. parsed.Select(file => (file.Path, file.File.Text))])
        {
            WasDhcp = wasDhcp,
            Doubts =
            [
                .. parsed
                    .SelectMany(file => file.File.Stanzas.Select(stanza => (file.Path, stanza.Interface)))
                    .Where(stanza => stanza.Interface.StartsWith(wanted.Name + ":", StringComparison.Ordinal))
                    .Select(stanza => $"{stanza.Path} gives a further address by the name {stanza.Interface}, which stays as it is."),
            ],
        };
    }

    public override AddressResult? Create(GuestTree files, WantedAddresses wanted)
    {
        if (!files.FileExists(Main) || files.Program("ifup") is null)
            return null;

        var file = InterfacesFile.Parse(ConfigurationText.Read(files, Main));
        List<string> lines = [$"auto {wanted.Name}"];
        lines.AddRange(Families(wanted).SelectMany(family => New(wanted, family, family.Servers)));
        file.Append(lines);
        return new AddressResult([(Main, file.Text)]);
    }

    private static List<(string Path, InterfacesFile File)> Parse(GuestTree files) =>
        [
            .. NetworkFiles
                .Interfaces(files)
                .Where(files.FileExists)
                .Distinct()
                .Select(path => (path, InterfacesFile.Parse(ConfigurationText.Read(files, path)))),
        ];

    private static string? Objection(
        List<(string Path, InterfacesFile File)> parsed,
        List<InterfacesFile.Stanza> own,
        WantedAddresses wanted
    )
    {
        var all = parsed.SelectMany(file => file.File.Stanzas).ToList();
        var above =
            own.SelectMany(stanza => stanza.Option("bond-master", "bond_master")).FirstOrDefault()
            ?? all.FirstOrDefault(stanza => stanza.Option(Ports).Contains(wanted.Name))?.Interface;
        return above is { Length: > 0 } ? $"{wanted.Name} is a part of {above}, which bears the address. Give the address to {above}."
            : all.Exists(stanza => stanza.Words is ["mapping", ..] && stanza.Words.Skip(1).Contains(wanted.Name))
                ? $"a script chooses its configuration (mapping {wanted.Name})."
            : own.Find(stanza => stanza.Words.Count != 4) is { } odd
                ? $"the line \"{string.Join(" ", odd.Words)}\" takes its settings from elsewhere, or names no family and method."
            : own.Find(stanza => stanza.Family is not ("inet" or "inet6") || !Usual.Contains(stanza.Method)) is { } other
                ? $"it is configured by the method {other.Method} of {other.Family}."
            : null;
    }

    private static void Change(List<(string Path, InterfacesFile File)> parsed, WantedAddresses wanted, Family family)
    {
        var stanzas = parsed
            .SelectMany(file => file.File.Stanzas)
            .Where(stanza => stanza.Interface == wanted.Name && stanza.Family == family.Word)
            .ToList();
        var done = stanzas.Count;
        // From the last one on: what stands before a change keeps its place.
        for (var number = done - 1; number >= 0; number--)
            Change(stanzas[number], family, number);

        if (!family.IsAsked || done >= Math.Max(1, family.Addresses.Count))
            return;

        // What has no stanza yet comes behind the last one of its family, or of the interface.
        var own = parsed.SelectMany(file => file.File.Stanzas).Where(stanza => stanza.Interface == wanted.Name).ToList();
        var last = own.FindLast(stanza => stanza.Family == family.Word) ?? own[^1];
        last.InsertBehind(New(wanted, family, done == 0 ? family.Servers : [], done));
    }

    /// <param name="number">How many stanzas of the family came before it.</param>
    private static void Change(InterfacesFile.Stanza stanza, Family family, int number)
    {
        var isFixed = stanza.Method == "static";
        if (!family.IsAsked)
        {
            // Without an address of its own it still carries what else the stanza says; IPv6 comes by the router's word.
            if (isFixed)
                stanza.Rewrite("manual", OfAddress.Contains, []);
            return;
        }

        if (number >= Math.Max(1, family.Addresses.Count))
        {
            stanza.Rewrite(isFixed || stanza.Method is "dhcp" or "auto" ? "manual" : stanza.Method, OfAddress.Contains, []);
            return;
        }

        var hasSlash = stanza.Option("address") is [var before, ..] && before.IndexOf('/') >= 0;
        var replacesServers = number == 0 && family.Servers.Count > 0;
        stanza.Rewrite(
            family.IsDhcp ? "dhcp" : "static",
            name => OfAddress.Contains(name) || (replacesServers && OfNameServers.Contains(name)),
            family.IsDhcp ? [] : Options(family, number, hasSlash, replacesServers ? family.Servers : [])
        );
    }

    private static IEnumerable<string> New(WantedAddresses wanted, Family family, IReadOnlyList<string> servers, int from = 0)
    {
        if (family.IsDhcp && from == 0)
            yield return $"iface {wanted.Name} {family.Word} dhcp";

        for (var number = from; number < family.Addresses.Count; number++)
        {
            yield return $"iface {wanted.Name} {family.Word} static";
            foreach (var option in Options(family, number, false, number == from ? servers : []))
                yield return $"\t{option}";
        }
    }

    private static List<string> Options(Family family, int number, bool hasSlash, IReadOnlyList<string> servers)
    {
        var address = family.Addresses[number];
        List<string> options = hasSlash ? [$"address {address.Text}"] : [$"address {address.Address}", $"netmask {address.Netmask}"];
        if (number == 0 && family.Gateway is not null)
            options.Add($"gateway {family.Gateway}");
        if (servers.Count > 0)
            options.Add($"dns-nameservers {string.Join(" ", servers)}");

        return options;
    }

    /// <summary>An interface that gets an address shall have it.</summary>
    private static void StartIt(List<(string Path, InterfacesFile File)> parsed, string name)
    {
        var stanzas = parsed.SelectMany(file => file.File.Stanzas).ToList();
        var isStarted = stanzas.Exists(stanza =>
            (stanza.Words[0] == "auto" || stanza.Words[0].StartsWith("allow-", StringComparison.Ordinal))
            && stanza.Words.Skip(1).Any(word => Matches(name, word))
        );
        if (!isStarted)
            stanzas.First(stanza => stanza.Interface == name).InsertBefore([$"auto {name}"]);
    }

    /// <summary>Since ifupdown 0.8 a word between slashes is a pattern.</summary>
    private static bool Matches(string name, string word) => ShellPattern.Matches(name, word.Trim('/'));

    /// <summary>Name servers stand once, beside the first fixed address.</summary>
    private static Family[] Families(WantedAddresses wanted) =>
        [
            new("inet", wanted.AsksV4, wanted.V4, wanted.Gateway4, wanted.Dhcp, wanted.V4.Count > 0 ? wanted.Dns : []),
            new("inet6", wanted.AsksV6, wanted.V6, wanted.Gateway6, false, wanted.V4.Count > 0 ? [] : wanted.Dns),
        ];

    /// <param name="Word">As the file calls it.</param>
    private sealed record Family(
        string Word,
        bool IsAsked,
        IReadOnlyList<WantedAddress> Addresses,
        string? Gateway,
        bool IsDhcp,
        IReadOnlyList<string> Servers
    );
}
