using System.Text.RegularExpressions;

namespace LinuxP2V.Guest.Network;

/// <summary>udev's rules for adapters: matches by driver, slot or property become one by address.</summary>
internal static class UdevRuleText
{
    /// <summary>A line, and those that a backslash at its end takes in.</summary>
    private static readonly Regex RulePattern = new(@"^(?:[^\n\\]|\\[^\n]|\\\n)+", RegexOptions.CultureInvariant | RegexOptions.Multiline);

    private static readonly Regex ItemPattern = new(
        """(?<key>[A-Z]+(?:\{[^}\n]*\})?)\s*(?<operator>==|!=|\+=|-=|:=|=)\s*"(?<value>(?:[^"\\\n]|\\.)*)"(?<end>[ \t]*,?[ \t]*)""",
        RegexOptions.CultureInvariant
    );

    private static readonly string[] DriverKeys = ["DRIVERS", "DRIVER", "ENV{ID_NET_DRIVER}"];
    private static readonly string[] SlotKeys = ["KERNELS", "ID", "ENV{ID_PATH}"];

    private static readonly string[] OtherKeys =
    [
        "DEVPATH",
        "BUS",
        "ENV{ID_PATH_TAG}",
        "ENV{ID_NET_NAME_SLOT}",
        "ENV{ID_NET_NAME_PATH}",
        "ENV{ID_NET_NAME_ONBOARD}",
        "ENV{ID_NET_LABEL_ONBOARD}",
        "ENV{ID_VENDOR_ID}",
        "ENV{ID_MODEL_ID}",
        "ATTR{dev_id}",
        "ATTR{dev_port}",
        "ATTRS{vendor}",
        "ATTRS{device}",
        "ATTRS{subsystem_vendor}",
        "ATTRS{subsystem_device}",
    ];

    private static readonly string[] AddressKeys = ["ATTR{address}", "ATTRS{address}", "SYSFS{address}"];

    /// <summary>What a VM's adapter has too.</summary>
    private static readonly string[] Anything = ["?*", "*", "0x0", "0"];

    public static AdapterText Transform(string text, AdapterMatcher matcher)
    {
        var (what, doubts) = (new List<string>(), new List<string>());
        var result = RulePattern.Replace(text, match => Rule(match.Value, matcher, what, doubts));
        return new AdapterText(what.Count > 0 ? result : text, [.. what.Distinct()], doubts);
    }

    private static string Rule(string rule, AdapterMatcher matcher, List<string> what, List<string> doubts)
    {
        var items = ItemPattern.Matches(rule).Cast<Match>().ToList();
        var hardware = items.Where(IsHardware).ToList();
        if (rule.TrimStart().StartsWith("#", StringComparison.Ordinal) || hardware.Count == 0 || !items.Any(IsNetwork))
            return rule;

        var address = items.FirstOrDefault(item => Is(item, AddressKeys));
        var name = items.FirstOrDefault(item => Key(item) == "NAME" && item.Groups["operator"].Value != "==");
        var adapter =
            address is not null ? matcher.ByAddress(address.Groups["value"].Value)
            : name is not null ? matcher.ByName(name.Groups["value"].Value)
            : null;
        if (adapter is null && address is null && name is null)
        {
            var chosen = matcher.Select(Values(hardware, DriverKeys), Values(hardware, SlotKeys));
            adapter = chosen is [var only] ? only : null;
            if (chosen is null or { Count: > 1 })
                doubts.Add(rule.Trim());
        }

        if (adapter is not null && !AdapterMatcher.MayMean(adapter, Values(hardware, DriverKeys), Values(hardware, SlotKeys)))
            return rule;

        // A rule that gives a name which no adapter has was of no effect on the source either.
        if (adapter is null)
            return rule;

        if (address is null && adapter.TargetMac is null)
        {
            doubts.Add(rule.Trim());
            return rule;
        }

        what.Add($"matches {adapter.SourceName} by its address");
        return Rewrite(rule, items, hardware, address is null ? adapter.TargetMac : null);
    }

    /// <param name="mac">Null where the rule has the address already.</param>
    private static string Rewrite(string rule, List<Match> items, List<Match> hardware, string? mac)
    {
        foreach (var item in items.AsEnumerable().Reverse().Where(hardware.Contains))
        {
            // Bridges and VLANs have no driver: the pattern keeps them out of the rule.
            var text = Key(item) == "DRIVERS" ? $"DRIVERS==\"?*\"{item.Groups["end"].Value}" : "";
            if (mac is not null && ReferenceEquals(item, hardware.FirstOrDefault(candidate => Key(candidate) != "DRIVERS") ?? hardware[0]))
                text = $"{(text.Length > 0 ? "DRIVERS==\"?*\", " : "")}ATTR{{address}}==\"{mac}\"{item.Groups["end"].Value}";

            rule = rule.Remove(item.Index, item.Length).Insert(item.Index, text);
        }

        return rule;
    }

    private static bool IsNetwork(Match item) => Key(item) is "SUBSYSTEM" or "SUBSYSTEMS" && item.Groups["value"].Value == "net";

    private static bool IsHardware(Match item) =>
        (Is(item, DriverKeys) || Is(item, SlotKeys) || Is(item, OtherKeys)) && !Anything.Contains(item.Groups["value"].Value);

    private static bool Is(Match item, string[] keys) => item.Groups["operator"].Value == "==" && keys.Contains(Key(item));

    private static string Key(Match item) => item.Groups["key"].Value;

    private static List<string> Values(IEnumerable<Match> items, string[] keys) =>
        [.. items.Where(item => Is(item, keys)).SelectMany(item => item.Groups["value"].Value.Split('|'))];
}
