using System.Text.RegularExpressions;
using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Planning;

namespace LinuxP2V.Guest.Network;

/// <summary>Bonds, VLANs, bridges and teams stay as they are. Some of them need more of a virtual switch than it gives by itself.</summary>
internal static class TopologyFindings
{
    private const RegexOptions Options = RegexOptions.CultureInvariant | RegexOptions.Multiline | RegexOptions.IgnoreCase;

    /// <summary>Nothing on a line before it switches the line off.</summary>
    private const string Live = @"^(?![ \t]*[#;])[^\n]*?";

    private static readonly (string Id, Regex Pattern, string What, string Remedy)[] Kinds =
    [
        (
            "BondWithLacp",
            new Regex(
                $@"{Live}(?:802\.3ad|\bbond[-_ ]?mode[ \t=:]+[""']?4\b|(?:BONDING\w*OPTS|options[ \t]+bond)[^\n]*\bmode=4\b|^mode=4[ \t]*\r?$|""name""[ \t]*:[ \t]*""lacp"")",
                Options
            ),
            "uses LACP (802.3ad). A virtual switch does not talk LACP with a VM's adapters: the bond finds no "
                + "partner, so it uses one adapter at "
                + "best, and none where it asks for a least number of links.",
            "Set the mode to active-backup in the copy, or move the addresses to one adapter: the ESXi host's own "
                + "uplinks stand in for each other."
        ),
        (
            "BondWithStaticAggregation",
            new Regex(
                $@"{Live}(?:balance-(?:rr|xor|alb)\b|\bbroadcast\b(?=[^\n]*bond)|(?:BONDING\w*OPTS|options[ \t]+bond)[^\n]*\bmode=[0236]\b|bond[-_ ]?mode[ \t=:]+[""']?[0236]\b)",
                Options
            ),
            "spreads its traffic over several adapters with one address. A virtual switch delivers an address's "
                + "traffic to one adapter, and drops "
                + "what comes with another one's address unless that is allowed.",
            "Set the mode to active-backup in the copy, or allow forged transmits and MAC changes in the port group."
        ),
        (
            "VlanInGuest",
            new Regex(
                $@"{Live}(?:^[ \t]*type=vlan\b|^[ \t]*vlans:|Kind=vlan\b|\bVLAN=[""']?yes|\bVLAN_ID=|\bETHERDEVICE=|vlan[-_]raw[-_]device|^[ \t]*iface[ \t]+[\w-]+\.\d+\b)",
                Options
            ),
            "tags its traffic with VLANs. An ordinary port group drops tagged frames.",
            "Connect the VM to a port group that passes VLANs on (VLAN ID 4095, or a trunk on a distributed switch), "
                + "or move the addresses to "
                + "adapters of their own."
        ),
        (
            "BridgeInGuest",
            new Regex(
                $@"{Live}(?:^[ \t]*type=bridge\b|^[ \t]*bridges:|Kind=(?:bridge|macvlan|macvtap|ipvlan)\b|\bTYPE=[""']?Bridge\b|\bBRIDGE=[""']?yes|bridge[-_]ports)",
                Options
            ),
            "bridges its adapters to others, as for virtual machines or containers. A virtual switch passes on the "
                + "traffic of the VM's own address alone.",
            "Allow promiscuous mode and forged transmits (or MAC learning) in the port group where something behind "
                + "the bridge must be reached."
        ),
        (
            "TeamInGuest",
            new Regex($@"{Live}(?:^[ \t]*type=team\b|DEVICETYPE=[""']?Team|TEAM_CONFIG=)", Options),
            "is a team of adapters. With the runner activebackup it works; others need what a virtual switch does not give.",
            "Use the runner activebackup in the copy, or move the addresses to one adapter."
        ),
    ];

    private static readonly Regex PhysicalPattern = new(@"^(?:eth\d+|en[opsx]\w+|em\d+|p\d+p\d+(?:_\d+)?)$", RegexOptions.CultureInvariant);

    private static readonly Regex NamedPattern = new(
        @"^[ \t]*(?:interface-name=(?<name>\S+)|(?:auto|allow-hotplug)[ \t]+(?<name>[\w-]+)[ \t]*\r?)$",
        RegexOptions.CultureInvariant | RegexOptions.Multiline
    );

    public static void Add(GuestContext context, IEnumerable<string> paths)
    {
        var texts = paths
            .Concat(context.Files.Files("/etc/modprobe.d", "*.conf"))
            .Where(path => !path.EndsWith(".rules", StringComparison.Ordinal))
            .Select(path => (Path: path, Text: ConfigurationLines.OfUsualLength(context.Files.ReadText(path))))
            .ToList();
        foreach (var (id, pattern, what, remedy) in Kinds)
        {
            var found = string.Join(", ", texts.Where(file => pattern.IsMatch(file.Text)).Select(file => file.Path));
            if (found.Length > 0)
                context.Warn(id, found, $"The network of {found} {what}", remedy);
        }

        AddAbsent(context, texts);
    }

    /// <summary>Systems wait at their start for adapters that are configured and not there.</summary>
    private static void AddAbsent(GuestContext context, IEnumerable<(string Path, string Text)> texts)
    {
        var names = texts
            .SelectMany(file =>
                NamedPattern.Matches(file.Text).Cast<Match>().Select(match => match.Groups["name"].Value).Append(NameOf(file.Path))
            )
            .Distinct()
            .Where(name => PhysicalPattern.IsMatch(name) && context.Options.Adapters.All(adapter => adapter.SourceName != name))
            .OrderBy(name => name, StringComparer.Ordinal)
            .ToList();
        if (names.Count > 0)
        {
            context.Warn(
                "AdapterNotInVm",
                string.Join(", ", names),
                $"Adapters are configured that the VM does not have: {string.Join(", ", names)}. The system may wait "
                    + $"for them at its start.",
                "Remove their configuration from the copy, or give the VM adapters for them."
            );
        }
    }

    /// <summary>Red Hat and SUSE name the file after the adapter.</summary>
    private static string NameOf(string path) =>
        path.LastIndexOf("/ifcfg-", StringComparison.Ordinal) is var start and >= 0 ? path[(start + "/ifcfg-".Length)..] : "";
}
