using System.Text.RegularExpressions;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Guest.Network;

/// <summary>NetworkManager's profiles and settings: matches by driver or path.</summary>
internal static class NetworkManagerText
{
    /// <summary>In lists of devices, such as unmanaged-devices: driver:ixgbe.</summary>
    private static readonly Regex DevicePattern = new(@"(?<=[=;,:])driver:(?<driver>[^;,\s/]+)(?=[;,\s]|$)", RegexOptions.CultureInvariant);

    public static AdapterText Transform(string text, AdapterMatcher matcher)
    {
        var profile = Match(text, matcher);
        var devices = Devices(profile.Text, matcher);
        return new AdapterText(devices.Text, [.. profile.What, .. devices.What], [.. profile.Doubts, .. devices.Doubts]);
    }

    private static AdapterText Match(string text, AdapterMatcher matcher)
    {
        var file = ConfigSections.Parse(text);
        var hardware = file.Settings("match").Where(line => line.Key is "path" or "driver").ToList();
        if (hardware.Count == 0)
            return AdapterText.Unchanged(text);

        var isNamed =
            file.Settings("match").Concat(file.Settings("connection")).Any(line => line.Key == "interface-name")
            || file.Lines.Any(line => line.Key == "mac-address");
        var (drivers, paths) = (Values(hardware, "driver"), Values(hardware, "path"));
        var named = isNamed ? Named(file, matcher) : null;
        var chosen = named is null
            ? matcher.Select(drivers, paths)
            : [.. named.Where(adapter => AdapterMatcher.MayMean(adapter, drivers, paths))];
        if (chosen is null)
            return new AdapterText(text, [], [.. hardware.Select(line => line.Text.Trim())]);

        if (chosen.Count == 0)
            return AdapterText.Unchanged(text);

        var first = file.Lines.IndexOf(hardware[0]);
        file.Lines.RemoveAll(hardware.Contains);
        if (!isNamed)
            file.Lines.Insert(
                first,
                hardware[0] with
                {
                    Text = $"interface-name={string.Concat(chosen.Select(adapter => adapter.SourceName + ";"))}",
                }
            );

        return new AdapterText(
            file.Text,
            [
                $"matches {string.Join(", ", chosen.Select(adapter => adapter.SourceName))} by "
                    + $"{(isNamed ? "what it names besides" : "name")}",
            ],
            []
        );
    }

    /// <summary>The adapters that a profile names besides its match by hardware; null where it names none of the VM's.</summary>
    private static List<AdapterMapping>? Named(ConfigSections file, AdapterMatcher matcher)
    {
        var found = file
            .Lines.Where(line => line.Key is "mac-address" or "interface-name")
            .SelectMany(line =>
                line.Key == "mac-address"
                    ? new[] { matcher.ByAddress(line.Text) }
                    : line.Value.Split(';').Select(name => matcher.ByName(name.Trim()))
            )
            .OfType<AdapterMapping>()
            .Distinct()
            .ToList();
        return found.Count > 0 ? found : null;
    }

    private static AdapterText Devices(string text, AdapterMatcher matcher)
    {
        var (what, doubts) = (new List<string>(), new List<string>());
        var result = DevicePattern.Replace(
            text,
            match =>
            {
                var chosen = matcher.Select([match.Groups["driver"].Value], []);
                if (chosen is null)
                    doubts.Add(match.Value);

                if (chosen is not { Count: > 0 })
                    return match.Value;

                what.Add($"names {string.Join(", ", chosen.Select(adapter => adapter.SourceName))} in the place of {match.Value}");
                return string.Join(";", chosen.Select(adapter => $"interface-name:{adapter.SourceName}"));
            }
        );
        return new AdapterText(result, what, doubts);
    }

    private static List<string> Values(IEnumerable<ConfigLine> lines, string key) =>
        [
            .. lines
                .Where(line => line.Key == key)
                .SelectMany(line => line.Value.Split([';'], StringSplitOptions.RemoveEmptyEntries))
                .Select(value => value.Trim()),
        ];
}
