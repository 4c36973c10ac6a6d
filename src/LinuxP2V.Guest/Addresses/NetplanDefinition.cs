using System.Text.RegularExpressions;

namespace LinuxP2V.Guest.Addresses;

/// <summary>The definition of one interface in a file of netplan's.</summary>
internal static class NetplanDefinition
{
    private static readonly string[] Defaults = ["default", "0.0.0.0/0", "::/0", "0/0"];

    private static readonly Regex To = new(
        @"(?:^|[{,\s-])to:\s*[""']?(?<to>[^\s""',}]+)",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture
    );

    /// <returns>Why it cannot be changed safely, and whether IPv4 came by DHCP.</returns>
    public static (string? Refusal, bool WasDhcp) Change(List<string> lines, YamlEntry definition, WantedAddresses wanted)
    {
        if (definition.Value.Length > 0)
        {
            if (YamlMapping.Expand(definition, lines[definition.Line], 2) is not { } expanded)
                return (NotSafe(definition.Key), false);

            lines.RemoveAt(definition.Line);
            lines.InsertRange(definition.Line, expanded);
            definition = definition with { Value = "", End = definition.Line + expanded.Count };
        }

        if (YamlMapping.Entries(lines, definition.Line + 1, definition.End) is not { } children)
            return (NotSafe(definition.Key), false);

        if (children.Any(child => child.Key == "networkmanager"))
            return ("it was written by NetworkManager, which keeps a second copy of the settings in it.", false);

        var match = children.FirstOrDefault(child => child.Key == "match");
        if (match is not null && wanted.OtherAdapters > 0 && !IsExact(lines, match, children, wanted))
            return ($"{definition.Key} matches several adapters.", false);

        // Nothing may stand below the name.
        var indent = children.Count > 0 ? children[0].Indent : definition.Indent + 2;
        var start = children.Count > 0 ? children[0].Line : definition.Line + 1;
        var wasDhcp = children.Any(child => child.Key == "dhcp4" && IsYes(child.Text));
        var hasOldGateway = children.Any(child => child.Key is "gateway4" or "gateway6");
        var body = new List<string>();
        var isPlaced = false;
        for (var index = 0; index < children.Count; index++)
        {
            var child = children[index];
            var next = index + 1 < children.Count ? children[index + 1].Line : definition.End;
            var (own, behind) = (
                lines.GetRange(child.Line, child.End - child.Line),
                lines.GetRange(child.End, Math.Max(0, next - child.End))
            );
            if (IsReplaced(child.Key, wanted))
            {
                Place();
                body.AddRange(behind);
                continue;
            }

            if (child.Key == "routes")
            {
                if (WithoutDefaults(own, child) is not { } kept)
                    return ($"the routes of {definition.Key} are written in a way that is not changed safely.", false);

                own = kept;
            }
            else if (child.Key == "nameservers" && wanted.Dns.Count > 0)
            {
                if (WithServers(own, child, wanted.Dns) is not { } changed)
                    return ($"the name servers of {definition.Key} are written in a way that is not changed safely.", false);

                own = changed;
            }

            body.AddRange(own);
            body.AddRange(behind);
        }

        Place();
        AddRoutes(body, indent, hasOldGateway ? [] : Routes(wanted));
        if (wanted.Dns.Count > 0 && children.All(child => child.Key != "nameservers"))
            body.AddRange(Servers(wanted.Dns, indent));

        lines.RemoveRange(start, definition.End - start);
        lines.InsertRange(start, body);
        return (null, wasDhcp);

        void Place()
        {
            if (!isPlaced)
                body.AddRange(Settings(wanted, children, hasOldGateway).Select(line => new string(' ', indent) + line));

            isPlaced = true;
        }
    }

    /// <summary>Fixed addresses and their gateways go, whatever their family.</summary>
    private static bool IsReplaced(string key, WantedAddresses wanted) =>
        key is "addresses" or "gateway4" or "gateway6" || (key == "dhcp4" && wanted.AsksV4) || (key == "dhcp6" && wanted.AsksV6);

    private static IEnumerable<string> Settings(WantedAddresses wanted, IReadOnlyList<YamlEntry> children, bool hasOldGateway)
    {
        if (wanted.AsksV4 && (wanted.Dhcp || children.Any(child => child.Key == "dhcp4")))
            yield return $"dhcp4: {(wanted.Dhcp ? "true" : "false")}";

        if (wanted.AsksV6 && children.Any(child => child.Key == "dhcp6"))
            yield return "dhcp6: false";

        var addresses = wanted.V4.Concat(wanted.V6).ToList();
        if (addresses.Count > 0)
            yield return "addresses:";

        foreach (var address in addresses)
            yield return $"- \"{address.Text}\"";

        if (hasOldGateway && wanted.Gateway4 is { } gateway)
            yield return $"gateway4: {gateway}";

        if (hasOldGateway && wanted.Gateway6 is { } router)
            yield return $"gateway6: \"{router}\"";
    }

    /// <summary>Every version knows a default route by its numbers.</summary>
    private static List<(string To, string Via)> Routes(WantedAddresses wanted) =>
        [
            .. wanted.Gateway4 is { } gateway ? [("0.0.0.0/0", gateway)] : Array.Empty<(string, string)>(),
            .. wanted.Gateway6 is { } router ? [("::/0", router)] : Array.Empty<(string, string)>(),
        ];

    private static void AddRoutes(List<string> body, int indent, List<(string To, string Via)> routes)
    {
        if (routes.Count == 0)
            return;

        var start = body.FindIndex(line => line.StartsWith(new string(' ', indent) + "routes:", StringComparison.Ordinal));
        var column =
            start >= 0 && start + 1 < body.Count && body[start + 1].TrimStart().StartsWith("-", StringComparison.Ordinal)
                ? YamlMapping.Indent(body[start + 1])
                : indent;
        if (start < 0)
        {
            while (body.Count > 0 && YamlMapping.IsBlank(body[^1]))
                body.RemoveAt(body.Count - 1);

            start = body.Count;
            body.Add(new string(' ', indent) + "routes:");
        }

        body.InsertRange(
            start + 1,
            routes.SelectMany(route =>
                new[] { $"{new string(' ', column)}- to: \"{route.To}\"", $"{new string(' ', column)}  via: \"{route.Via}\"" }
            )
        );
    }

    /// <returns>The lines of "routes:" without default routes, none where nothing is left; null where that cannot be told.</returns>
    private static List<string>? WithoutDefaults(List<string> own, YamlEntry entry)
    {
        if (entry.Value.Length > 0)
        {
            var targets = To.Matches(entry.Value).Cast<Match>().Select(match => match.Groups["to"].Value).ToList();
            return targets.TrueForAll(Defaults.Contains) && entry.Value.EndsWith("]", StringComparison.Ordinal) ? []
                : targets.Exists(Defaults.Contains) || !entry.Value.EndsWith("]", StringComparison.Ordinal) ? null
                : [own[0][..own[0].IndexOf(':')] + ":", .. FlowItems(entry)];
        }

        var starts = Enumerable
            .Range(1, own.Count - 1)
            .Where(index => own[index].TrimStart().StartsWith("-", StringComparison.Ordinal))
            .ToList();
        if (starts.Count == 0)
            return null;

        var column = YamlMapping.Indent(own[starts[0]]);
        starts.RemoveAll(index => YamlMapping.Indent(own[index]) != column);
        var kept = own.GetRange(0, starts[0]);
        for (var index = 0; index < starts.Count; index++)
        {
            var item = own.GetRange(starts[index], (index + 1 < starts.Count ? starts[index + 1] : own.Count) - starts[index]);
            if (!To.Matches(string.Join("\n", item)).Cast<Match>().Any(match => Defaults.Contains(match.Groups["to"].Value)))
                kept.AddRange(item);
        }

        return kept.Count > starts[0] ? kept : [];
    }

    /// <summary>Routes in braces, each on a line of its own.</summary>
    private static IEnumerable<string> FlowItems(YamlEntry entry) =>
        Regex
            .Matches(entry.Value, @"\{[^{}]*\}", RegexOptions.CultureInvariant)
            .Cast<Match>()
            .Select(match => $"{new string(' ', entry.Indent)}- {match.Value}");

    /// <returns>The lines of "nameservers:" with other addresses; null where that cannot be done safely.</returns>
    private static List<string>? WithServers(List<string> own, YamlEntry entry, IReadOnlyList<string> servers)
    {
        var local = entry with { Line = 0, End = own.Count };
        if (entry.Value.Length > 0)
        {
            if (YamlMapping.Expand(local, own[0], 2) is not { } expanded)
                return null;

            own = [.. expanded];
        }

        if (YamlMapping.Entries(own, 1, own.Count) is not { } children)
            return null;

        var indent = children.Count > 0 ? children[0].Indent : entry.Indent + 2;
        if (children.FirstOrDefault(child => child.Key == "addresses") is { } before)
            own.RemoveRange(before.Line, before.End - before.Line);

        own.InsertRange(1, Addresses(servers, indent));
        return own;
    }

    private static IEnumerable<string> Servers(IReadOnlyList<string> servers, int indent) =>
        Addresses(servers, indent + 2).Prepend(new string(' ', indent) + "nameservers:");

    private static IEnumerable<string> Addresses(IReadOnlyList<string> servers, int indent) =>
        servers.Select(server => $"{new string(' ', indent)}- \"{server}\"").Prepend(new string(' ', indent) + "addresses:");

    /// <summary>It names the interface alone: by its address, or by a name without a wildcard.</summary>
    private static bool IsExact(List<string> lines, YamlEntry match, IReadOnlyList<YamlEntry> children, WantedAddresses wanted)
    {
        var text = string.Join("\n", lines.Skip(match.Line).Take(match.End - match.Line));
        return children.Any(child => child.Key == "set-name")
            || (wanted.Adapter is { } adapter && AddressNames.Names(text, adapter))
            || Regex.IsMatch(text, $@"name:\s*[""']?{Regex.Escape(wanted.Name)}[""'\s}}]*$", RegexOptions.CultureInvariant);
    }

    private static bool IsYes(string value) => value.ToLowerInvariant() is "true" or "yes" or "on" or "y";

    private static string NotSafe(string key) => $"the definition {key} is written in a way that is not changed safely.";
}
