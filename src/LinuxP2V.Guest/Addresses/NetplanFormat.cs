using System.Text.RegularExpressions;
using LinuxP2V.Guest.Files;

namespace LinuxP2V.Guest.Addresses;

/// <summary>netplan's files: which definition is an interface's.</summary>
internal sealed class NetplanFormat : AddressFormat
{
    private const string Folder = "/etc/netplan";

    private static readonly Regex MatchedName = new(
        @"(?<![\w-])name:\s*[""']?(?<name>[^\s""',}]+)",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture
    );

    private static readonly string[] Kinds = ["ethernets", "bonds", "bridges", "vlans"];

    public override string Name => "netplan";

    public override bool HasPrivateFiles => true;

    public override AddressResult? Change(GuestTree files, WantedAddresses wanted)
    {
        var found = new List<(string Path, List<string> Lines, YamlEntry Definition)>();
        foreach (var path in files.Files(Folder, "*.yaml"))
        {
            var lines = ConfigurationText.Read(files, path).Split('\n').ToList();
            if (Definitions(lines) is not { } definitions)
            {
                if (ConfigurationText.Read(files, path).Contains(wanted.Name))
                    return AddressResult.Refused($"{path} is written in a way that is not changed safely.");

                continue;
            }

            if (
                definitions
                    .Where(one => one.Kind is "bonds" or "bridges")
                    .FirstOrDefault(one =>
                        YamlMapping.Entries(lines, one.Entry.Line + 1, one.Entry.End)?.FirstOrDefault(child => child.Key == "interfaces")
                            is { } ports
                        && YamlMapping.Items(lines, ports).Contains(wanted.Name)
                    ) is
                { Entry: { } above }
            )
                return AddressResult.Refused(
                    $"{wanted.Name} is a part of {above.Key}, which bears the address. Give the address to {above.Key}."
                );

            found.AddRange(definitions.Where(one => IsOf(lines, one.Kind, one.Entry, wanted)).Select(one => (path, lines, one.Entry)));
        }

        if (found.Count == 0)
            return null;

        if (found.Count > 1)
            return AddressResult.Refused(
                $"several definitions are its own, in {string.Join(", ", found.Select(one => one.Path).Distinct())}. Leave one."
            );

        var (place, text, definition) = found[0];
        var result = NetplanDefinition.Change(text, definition, wanted);
        return result.Refusal is { } refusal
            ? AddressResult.Refused($"{place}: {refusal}")
            : new AddressResult([(place, string.Join("\n", text))]) { WasDhcp = result.WasDhcp };
    }

    public override AddressResult? Create(GuestTree files, WantedAddresses wanted)
    {
        if (
            wanted.Adapter is null
            || !files.Files(Folder, "*.yaml").Any(path => Definitions([.. ConfigurationText.Read(files, path).Split('\n')]) is [_, ..])
        )
            return null;

        var lines = $"network:\n  version: 2\n  ethernets:\n    {wanted.Name}:\n".Split('\n').ToList();
        var definition = Definitions(lines)![0].Entry;
        var result = NetplanDefinition.Change(lines, definition, wanted);
        return result.Refusal is null ? new AddressResult([($"{Folder}/90-linuxp2v-{wanted.Name}.yaml", string.Join("\n", lines))]) : null;
    }

    /// <returns>Null where the file is no mapping that can be read.</returns>
    private static List<(string Kind, YamlEntry Entry)>? Definitions(List<string> lines)
    {
        var found = new List<(string, YamlEntry)>();
        if (YamlMapping.Entries(lines, 0, lines.Count) is not { } top)
            return null;

        foreach (var network in top.Where(entry => entry.Key == "network"))
        {
            if (network.Value.Length > 0 || YamlMapping.Entries(lines, network.Line + 1, network.End) is not { } kinds)
                return null;

            foreach (var kind in kinds.Where(entry => Kinds.Contains(entry.Key) && entry.Value != "{}"))
            {
                if (kind.Value.Length > 0 || YamlMapping.Entries(lines, kind.Line + 1, kind.End) is not { } definitions)
                    return null;

                found.AddRange(definitions.Select(definition => (kind.Key, definition)));
            }
        }

        return found;
    }

    /// <summary>Whether the definition is the interface's: by its own name, or by what it matches.</summary>
    private static bool IsOf(List<string> lines, string kind, YamlEntry definition, WantedAddresses wanted)
    {
        if (kind != "ethernets" || YamlMapping.Entries(lines, definition.Line + 1, definition.End) is not { } children)
            return definition.Key == wanted.Name;

        if (children.FirstOrDefault(child => child.Key == "set-name") is { } name)
            return name.Text == wanted.Name;

        if (children.FirstOrDefault(child => child.Key == "match") is not { } match)
            return definition.Key == wanted.Name;

        var text = string.Join("\n", lines.Skip(match.Line).Take(match.End - match.Line));
        if (wanted.Adapter is { } adapter && AddressNames.Names(text, adapter))
            return true;

        return MatchedName.Match(text) is { Success: true } pattern && ShellPattern.Matches(wanted.Name, pattern.Groups["name"].Value);
    }
}
