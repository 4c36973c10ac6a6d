using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Guest.Network;

/// <summary>.network and .link files of systemd, and their parts: matches by driver, slot or property.</summary>
internal static class NetworkdText
{
    private static readonly char[] Spaces = [' ', '\t'];

    /// <param name="isLink">A .link file, which is read before the adapter has its name.</param>
    public static AdapterText Transform(string text, bool isLink, AdapterMatcher matcher)
    {
        var file = ConfigSections.Parse(text);
        var match = file.Settings("Match").ToList();
        var hardware = match.Where(IsHardware).ToList();
        if (hardware.Count == 0)
            return AdapterText.Unchanged(text);

        var byAddress = match
            .Where(line => line.Key is "MACAddress" or "PermanentMACAddress")
            .Select(line => matcher.ByAddress(line.Value))
            .OfType<AdapterMapping>()
            .ToList();
        var (drivers, slots) = (Drivers(hardware), Slots(hardware));
        var isByAddress = byAddress.Count > 0;
        byAddress.RemoveAll(adapter => !AdapterMatcher.MayMean(adapter, drivers, slots));
        var chosen = isByAddress ? byAddress : matcher.Select(drivers, slots);
        var isNamed = isByAddress || (!isLink && match.Any(line => line.Key == "Name"));
        if (chosen is null || (isLink && !isNamed && chosen.Any(adapter => adapter.TargetMac is null)))
            return new AdapterText(text, [], [.. hardware.Select(line => line.Text.Trim())]);

        if (chosen.Count == 0)
            return AdapterText.Unchanged(text);

        // A name is kept, and unlike an address no VLAN or bridge on top of the adapter has it too.
        var line = isLink
            ? $"MACAddress={string.Join(" ", chosen.Select(adapter => adapter.TargetMac))}"
            : $"Name={string.Join(" ", chosen.Select(adapter => adapter.SourceName))}";
        var first = file.Lines.IndexOf(hardware[0]);
        if (!isNamed)
            file.Lines[first] = hardware[0] with { Text = line };

        file.Lines.RemoveAll(candidate => hardware.Contains(candidate) && (isNamed || !ReferenceEquals(candidate, hardware[0])));
        return new AdapterText(
            file.Text,
            [$"matches {string.Join(", ", chosen.Select(adapter => adapter.SourceName))} by {(isNamed || isLink ? "address" : "name")}"],
            []
        );
    }

    private static bool IsHardware(ConfigLine line) => line.Key is "Path" or "Driver" or "Property" && !IsHarmless(line);

    /// <summary>What any virtual interface could have: the files of packages match tunnels and the like by such words.</summary>
    private static bool IsHarmless(ConfigLine line) =>
        (line.Key == "Driver" && line.Value is "veth" or "tun" or "bridge" or "*")
        || (line.Key == "Property" && Properties(line).All(property => !property.StartsWith("ID_", StringComparison.Ordinal)));

    private static List<string> Drivers(IEnumerable<ConfigLine> lines) =>
        [
            .. lines.SelectMany(line =>
                line.Key == "Driver" ? line.Value.Split(Spaces, StringSplitOptions.RemoveEmptyEntries) : Values(line, "ID_NET_DRIVER=")
            ),
        ];

    /// <summary>Properties that say something else of the hardware are slots that no adapter is known to have.</summary>
    private static List<string> Slots(IEnumerable<ConfigLine> lines) =>
        [
            .. lines.SelectMany(line =>
                line.Key == "Path" ? line.Value.Split(Spaces, StringSplitOptions.RemoveEmptyEntries) : Values(line, "ID_PATH=")
            ),
        ];

    private static IEnumerable<string> Values(ConfigLine line, string start) =>
        line.Key == "Property"
            ? Properties(line)
                .Where(property => property.StartsWith(start, StringComparison.Ordinal))
                .Select(property => property[start.Length..])
            : [];

    private static IEnumerable<string> Properties(ConfigLine line) =>
        line.Value.Split(Spaces, StringSplitOptions.RemoveEmptyEntries).Select(word => word.Trim('"', '\''));
}
