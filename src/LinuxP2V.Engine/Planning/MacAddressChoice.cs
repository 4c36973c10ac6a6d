using System.Globalization;
using LinuxP2V.Engine.Sources.Model;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Planning;

/// <summary>What -MacAddress says of an adapter: Keep, Generate, or an address.</summary>
internal static class MacAddressChoice
{
    /// <summary>That of the source's adapter.</summary>
    public const string Keep = "Keep";

    /// <summary>The destination makes one.</summary>
    public const string Generate = "Generate";

    private const int Bytes = 6;

    /// <param name="asked">None, one for all adapters, or one for each.</param>
    /// <param name="source">The source's adapters, in their order.</param>
    /// <returns>One for each adapter: lower case with colons, or null where the destination makes it.</returns>
    /// <exception cref="P2VException">PlanNotPossible.</exception>
    internal static IReadOnlyList<string?> Read(IReadOnlyList<string> asked, IReadOnlyList<NetworkAdapterFacts> source, int count)
    {
        if (asked.Count > 1 && asked.Count != count)
            throw Wrong(
                $"{asked.Count} MAC addresses were given, but the VM has {count} network adapter{(count == 1 ? "" : "s")}.",
                $"Give -MacAddress {Keep} for all of them, or {count} values."
            );

        string?[] chosen =
        [
            .. Enumerable
                .Range(0, count)
                .Select(index =>
                    asked.Count == 0 ? null : Choose(asked[asked.Count == 1 ? 0 : index], source.ElementAtOrDefault(index)?.MacAddress)
                ),
        ];
        if (chosen.OfType<string>().GroupBy(address => address).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw Wrong(
                $"Two adapters of the VM would have the MAC address {twice.Key}.",
                $"Give each adapter its own with -MacAddress, or {Generate}."
            );

        return chosen;
    }

    private static string? Choose(string asked, string? source)
    {
        if (string.Equals(asked, Generate, StringComparison.OrdinalIgnoreCase))
            return null;

        if (!string.Equals(asked, Keep, StringComparison.OrdinalIgnoreCase))
            return Normalise(asked)
                ?? throw Wrong(
                    $"'{asked}' is no MAC address that an adapter can have.",
                    $"Give six bytes such as 00:50:56:01:02:03, {Keep} or {Generate}."
                );

        return source is not null && Normalise(source) is { } own
            ? own
            : throw Wrong("The source has no adapter whose MAC address could be kept.", $"Give -MacAddress {Generate}, or an address.");
    }

    /// <returns>Null for what is none: broadcast, multicast and zeros belong to no adapter.</returns>
    private static string? Normalise(string text)
    {
        var parts = text.Trim().Split(':', '-');
        if (parts.Length != Bytes || parts.Any(part => part.Length != 2))
            return null;

        var bytes = new byte[Bytes];
        for (var index = 0; index < Bytes; index++)
        {
            if (!byte.TryParse(parts[index], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out bytes[index]))
                return null;
        }

        return (bytes[0] & 1) != 0 || bytes.All(value => value == 0) ? null : string.Join(":", parts).ToLowerInvariant();
    }

    private static P2VException Wrong(string what, string remedy) => new(ErrorIds.PlanNotPossible, what, remedy);
}
