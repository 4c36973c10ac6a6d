using LinuxP2V.Engine.Destinations.VSphere.Vim;

namespace LinuxP2V.Engine.Destinations.VSphere.Inventory;

/// <summary>Spreads VMs over hosts: first by how many each got from us, then by free memory, whose numbers lag behind.</summary>
internal sealed class HostChooser
{
    private readonly Dictionary<ManagedObject, int> placed = [];

    public InventoryItem Choose(IReadOnlyList<InventoryItem> hosts)
    {
        lock (placed)
        {
            var chosen = Best(hosts);
            placed[chosen.Object] = CountOf(chosen) + 1;
            return chosen;
        }
    }

    /// <summary>The one that would be chosen.</summary>
    public InventoryItem Preview(IReadOnlyList<InventoryItem> hosts)
    {
        lock (placed)
            return Best(hosts);
    }

    private InventoryItem Best(IReadOnlyList<InventoryItem> hosts) => hosts.OrderBy(CountOf).ThenByDescending(HostState.FreeMemory).First();

    private int CountOf(InventoryItem host) => placed.TryGetValue(host.Object, out var count) ? count : 0;
}
