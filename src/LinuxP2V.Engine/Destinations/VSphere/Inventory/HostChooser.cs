using System.Collections.Concurrent;
using LinuxP2V.Engine.Destinations.VSphere.Vim;

namespace LinuxP2V.Engine.Destinations.VSphere.Inventory;

/// <summary>Spreads helpers over hosts: first by how many of ours are there, then by free memory, whose numbers lag behind.</summary>
internal sealed class HostChooser
{
    private readonly ConcurrentDictionary<ManagedObject, ManagedObject> hostOfHelper = new();

    /// <summary>The best one first.</summary>
    public IReadOnlyList<InventoryItem> Order(IEnumerable<InventoryItem> hosts)
    {
        var counts = hostOfHelper.Values.GroupBy(host => host).ToDictionary(same => same.Key, same => same.Count());
        return
        [
            .. hosts.OrderBy(host => counts.TryGetValue(host.Object, out var count) ? count : 0).ThenByDescending(HostState.FreeMemory),
        ];
    }

    public void Add(ManagedObject helper, ManagedObject host) => hostOfHelper[helper] = host;

    /// <summary>It is no helper any more.</summary>
    public void Remove(ManagedObject helper) => hostOfHelper.TryRemove(helper, out _);
}
