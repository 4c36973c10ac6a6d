using System.Text.RegularExpressions;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Guest.Network;

/// <summary>Puts the VM's addresses in the place of the source's, in whatever notation a file uses.</summary>
internal static class MacText
{
    private static readonly Regex MacPattern = new(
        @"(?<![0-9A-Fa-f:\-])[0-9A-Fa-f]{2}(?<separator>[:-])(?:[0-9A-Fa-f]{2}\k<separator>){4}[0-9A-Fa-f]{2}(?![0-9A-Fa-f:\-])",
        RegexOptions.CultureInvariant
    );

    private static readonly Regex PathMatchPattern = new(
        @"^Path=(?:pci|platform|usb|acpi)-[^\n]*$",
        RegexOptions.CultureInvariant | RegexOptions.Multiline
    );

    /// <summary>
    /// All at once, since one adapter's new address may be another's old one. Letters keep the case and the separator
    /// that the file has.
    /// </summary>
    /// <returns>Names of the adapters whose address was replaced.</returns>
    public static (string Text, IReadOnlyList<string> Adapters) Transform(string text, IReadOnlyList<AdapterMapping> adapters)
    {
        var byMac = adapters
            .Where(adapter => adapter.TargetMac is not null && !Same(adapter.SourceMac, adapter.TargetMac))
            .GroupBy(adapter => adapter.SourceMac.ToUpperInvariant())
            .ToDictionary(group => group.Key, group => group.First());
        var replaced = new List<string>();
        var result = MacPattern.Replace(
            text,
            match =>
            {
                var separator = match.Groups["separator"].Value[0];
                if (!byMac.TryGetValue(match.Value.ToUpperInvariant().Replace(separator, ':'), out var adapter))
                {
                    return match.Value;
                }

                replaced.Add(adapter.SourceName);
                var mac = adapter.TargetMac!.Replace(':', separator);
                return match.Value.Any(char.IsUpper) ? mac.ToUpperInvariant() : mac;
            }
        );
        return (result, [.. replaced.Distinct()]);
    }

    /// <summary>Whether the text names the address in any notation.</summary>
    public static bool Names(string text, string mac) =>
        MacPattern.Matches(text).Cast<Match>().Any(match => Same(match.Value.Replace('-', ':'), mac));

    /// <summary>
    /// A systemd [Match] by a slot of the source's hardware never matches in the VM: the only adapter is matched by its
    /// address instead.
    /// </summary>
    public static (string Text, bool IsChanged) ReplacePath(string text, AdapterMapping adapter)
    {
        var result = PathMatchPattern.Replace(text, $"MACAddress={adapter.TargetMac}");
        return (result, result != text);
    }

    public static bool HasPath(string text) => PathMatchPattern.IsMatch(text);

    private static bool Same(string one, string? other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
}
