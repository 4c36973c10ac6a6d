using LinuxP2V.Engine.Sources.Model;

namespace LinuxP2V.Engine.Planning;

/// <summary>Interfaces of the source, as an admin names them: by their name, or by the address of a physical adapter.</summary>
internal static class InterfaceNames
{
    public static NetworkAdapterFacts? Find(IReadOnlyList<NetworkAdapterFacts> among, string asked)
    {
        var name = asked.Trim();
        return among.FirstOrDefault(adapter => adapter.Name == name)
            // A bridge has the address of the adapter below it.
            ?? among.FirstOrDefault(adapter =>
                adapter.IsPhysical && string.Equals(adapter.MacAddress, name.Replace('-', ':'), StringComparison.OrdinalIgnoreCase)
            );
    }

    /// <summary>For an error.</summary>
    public static string List(IEnumerable<NetworkAdapterFacts> adapters) =>
        string.Join(
            ", ",
            adapters.Select(adapter => adapter.IsPhysical ? $"{adapter.Name} ({adapter.MacAddress})" : adapter.Name).DefaultIfEmpty("none")
        );
}
