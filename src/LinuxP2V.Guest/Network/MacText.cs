using System.Globalization;
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

    /// <summary>NetworkManager's own form in old profiles: six bytes as decimal numbers.</summary>
    private static readonly Regex BytesPattern = new(
        @"(?<=^[ \t]*[a-z-]*mac-address[ \t]*=[ \t]*)(?:\d{1,3};){5}\d{1,3}(?=;?[ \t]*\r?$)",
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
        text = BytesPattern.Replace(
            text,
            match =>
            {
                if (!byMac.TryGetValue(FromBytes(match.Value), out var adapter))
                    return match.Value;

                replaced.Add(adapter.SourceName);
                return string.Join(";", adapter.TargetMac!.Split(':').Select(part => Convert.ToByte(part, 16)));
            }
        );
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
        MacPattern.Matches(text).Cast<Match>().Any(match => Same(match.Value.Replace('-', ':'), mac))
        || BytesPattern.Matches(text).Cast<Match>().Any(match => Same(FromBytes(match.Value), mac));

    private static string FromBytes(string bytes) =>
        string.Join(
            ":",
            bytes.Split(';').Select(part => int.Parse(part, CultureInfo.InvariantCulture).ToString("X2", CultureInfo.InvariantCulture))
        );

    private static bool Same(string one, string? other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
}
