using LinuxP2V.Guest.Files;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Guest.Network;

/// <summary>Tells which of the source's adapters a match by hardware means: driver and slot are others in the VM, names are not.</summary>
internal sealed class AdapterMatcher(IReadOnlyList<AdapterMapping> adapters)
{
    public IReadOnlyList<AdapterMapping> Adapters { get; } = adapters;

    /// <summary>The adapter by its address, the source's or the VM's.</summary>
    public AdapterMapping? ByAddress(string text) =>
        Adapters.FirstOrDefault(adapter =>
            (adapter.TargetMac is { } target && MacText.Names(text, target)) || MacText.Names(text, adapter.SourceMac)
        );

    public AdapterMapping? ByName(string name) => Adapters.FirstOrDefault(adapter => adapter.SourceName == name);

    /// <param name="drivers">Patterns; any driver where there are none. With ! before the first they are those not meant.</param>
    /// <param name="slots">Patterns of a slot: 0000:3b:00.0 or pci-0000:3b:00.0.</param>
    /// <returns>
    /// Empty where the match means none of the adapters; null where that is not certain. A machine's only adapter is meant
    /// unless what is known of it says otherwise.
    /// </returns>
    public IReadOnlyList<AdapterMapping>? Select(IReadOnlyList<string> drivers, IReadOnlyList<string> slots)
    {
        var chosen = new List<AdapterMapping>();
        foreach (var adapter in Adapters)
        {
            var isMeant = Matches(adapter, drivers, slots);
            if (isMeant is null && Adapters.Count > 1)
                return null;

            if (isMeant != false)
                chosen.Add(adapter);
        }

        return chosen;
    }

    /// <summary>
    /// Whether a match that names the adapter besides may have meant it on the source. Where the driver or slot was another
    /// one, it was of no effect there, and shall be of none in the VM.
    /// </summary>
    public static bool MayMean(AdapterMapping adapter, IReadOnlyList<string> drivers, IReadOnlyList<string> slots) =>
        Matches(adapter, drivers, slots) != false;

    /// <returns>Null where that is not known.</returns>
    private static bool? Matches(AdapterMapping adapter, IReadOnlyList<string> drivers, IReadOnlyList<string> slots) =>
        And(
            Matches(drivers, adapter.SourceDriver is { } driver ? [driver] : null),
            Matches(slots, adapter.SourceSlot is { } slot ? [slot, $"pci-{slot}"] : null)
        );

    private static bool? And(bool? one, bool? other) =>
        one == false || other == false ? false
        : one is null || other is null ? null
        : true;

    private static bool? Matches(IReadOnlyList<string> patterns, string[]? values)
    {
        if (patterns.Count == 0)
            return true;

        if (values is null)
            return null;

        var isInverted = patterns[0].StartsWith("!", StringComparison.Ordinal);
        return patterns.Any(pattern => values.Any(value => ShellPattern.Matches(value, pattern.TrimStart('!', '|', '&')))) != isInverted;
    }
}
