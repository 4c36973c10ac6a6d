using LinuxP2V.Engine.Destinations.VSphere.Vim;

namespace LinuxP2V.Engine.Destinations.VSphere.Inventory;

/// <summary>An object of the inventory with what was read of it.</summary>
internal sealed record InventoryItem(ObjectProperties Properties)
{
    public ManagedObject Object => Properties.Object;

    /// <summary>As the server writes it, which is what its file service takes.</summary>
    public string RawName { get; } = Properties["name"]?.Value ?? "";

    public string Name { get; } = Decode(Properties["name"]?.Value ?? "");

    public ManagedObject? Parent { get; } = Properties["parent"].AsReference();

    public bool Is(params string[] types) => Array.IndexOf(types, Object.Type) >= 0;

    /// <summary>Servers write three characters of a name as a URL would.</summary>
    private static string Decode(string name) =>
        name.Replace("%2f", "/").Replace("%2F", "/").Replace("%5c", "\\").Replace("%5C", "\\").Replace("%25", "%");
}

/// <summary>The server's inventory without its VMs, at one moment.</summary>
internal sealed class InventoryTree
{
    private readonly Dictionary<ManagedObject, InventoryItem> items;

    public InventoryTree(IEnumerable<ObjectProperties> found)
    {
        // An object that two specifications match comes once or twice, as the server likes.
        items = found.GroupBy(item => item.Object).ToDictionary(same => same.Key, same => new InventoryItem(Merge([.. same])));
    }

    public IEnumerable<InventoryItem> All => items.Values;

    public IEnumerable<InventoryItem> OfType(params string[] types) =>
        items.Values.Where(item => item.Is(types)).OrderBy(item => item.Name, StringComparer.OrdinalIgnoreCase);

    public IReadOnlyList<ManagedObject> Datastores => [.. OfType("Datastore").Select(datastore => datastore.Object)];

    public InventoryItem? Find(ManagedObject? reference) => reference is { } known && items.TryGetValue(known, out var item) ? item : null;

    public IEnumerable<InventoryItem> FindAll(IEnumerable<ManagedObject> references) =>
        references.Distinct().Select(reference => Find(reference)).OfType<InventoryItem>();

    /// <summary>/Datacenter/host/Cluster/Host, as the server's own search takes it.</summary>
    public string PathOf(InventoryItem item) => Join(Chain(item));

    /// <summary>As <see cref="PathOf"/>, in the server's own writing: a slash within a name is no slash there.</summary>
    public string RawPathOf(InventoryItem item) => "/" + string.Join("/", Chain(item).Select(link => link.RawName));

    /// <summary>Without the four folders that every datacenter has and no client shows.</summary>
    public string ShortPathOf(InventoryItem item) => Join(Chain(item).Where(link => Find(link.Parent)?.Is("Datacenter") != true));

    public InventoryItem? DatacenterOf(InventoryItem item) => Chain(item).LastOrDefault(link => link.Is("Datacenter"));

    public bool IsBelow(InventoryItem item, ManagedObject ancestor) => Chain(item).Any(link => link.Object == ancestor);

    /// <summary>From below the root down to the item.</summary>
    private List<InventoryItem> Chain(InventoryItem item)
    {
        var chain = new List<InventoryItem>();
        for (var link = item; link is not null; link = Find(link.Parent))
            chain.Insert(0, link);

        return chain;
    }

    private static string Join(IEnumerable<InventoryItem> chain) => "/" + string.Join("/", chain.Select(link => link.Name));

    private static ObjectProperties Merge(List<ObjectProperties> same) =>
        same.Count == 1
            ? same[0]
            : new ObjectProperties(
                same[0].Object,
                same.SelectMany(part => part.Values)
                    .GroupBy(pair => pair.Key)
                    .ToDictionary(pairs => pairs.Key, pairs => pairs.First().Value)
            );
}
