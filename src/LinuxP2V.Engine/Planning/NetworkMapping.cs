using LinuxP2V.Engine.Sources.Model;

namespace LinuxP2V.Engine.Planning;

/// <summary>What -NetworkMapping says: the network of each adapter, by the source's adapter.</summary>
internal static class NetworkMapping
{
    /// <param name="source">The adapters that the VM gets, in their order.</param>
    /// <returns>A network for each; empty where nothing was asked for.</returns>
    /// <exception cref="P2VException">PlanNotPossible: an adapter that is unknown, named twice, or left out.</exception>
    public static IReadOnlyList<string> Read(IReadOnlyDictionary<string, string> asked, IReadOnlyList<NetworkAdapterFacts> source)
    {
        if (asked.Count == 0)
            return [];

        var chosen = new Dictionary<NetworkAdapterFacts, string>();
        foreach (var pair in asked)
        {
            var adapter =
                InterfaceNames.Find(source, pair.Key)
                ?? throw AddressText.Refused(
                    $"-NetworkMapping names the adapter '{pair.Key}', which the source does not have.",
                    $"It has {InterfaceNames.List(source)}."
                );
            if (pair.Value.Trim().Length == 0)
                throw AddressText.Refused($"-NetworkMapping has no network for {pair.Key}.", "Give the network's name.");

            if (chosen.ContainsKey(adapter))
                throw AddressText.Refused(
                    $"-NetworkMapping names {adapter.Name} twice, by its name and by its address.",
                    "Give each adapter one network."
                );

            chosen[adapter] = pair.Value;
        }

        // One that is forgotten would be connected to a network that nobody chose.
        var missing = source.Where(adapter => !chosen.ContainsKey(adapter)).ToList();
        return missing.Count == 0
            ? [.. source.Select(adapter => chosen[adapter])]
            : throw AddressText.Refused(
                $"-NetworkMapping has no network for {InterfaceNames.List(missing)}.",
                "Name each adapter, or give one -NetworkName for all of them."
            );
    }
}
