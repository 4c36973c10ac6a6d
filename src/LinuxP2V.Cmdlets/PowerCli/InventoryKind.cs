namespace LinuxP2V.Cmdlets.PowerCli;

/// <summary>What a parameter takes.</summary>
internal sealed class InventoryKind
{
    /// <summary>The server's types, as PowerCLI's users call them.</summary>
    private static readonly Dictionary<string, string> Names = new(StringComparer.Ordinal)
    {
        ["HostSystem"] = "a host",
        ["ComputeResource"] = "a host's compute resource",
        ["ClusterComputeResource"] = "a cluster",
        ["Datastore"] = "a datastore",
        ["StoragePod"] = "a datastore cluster",
        ["ResourcePool"] = "a resource pool",
        ["VirtualApp"] = "a vApp",
        ["Folder"] = "a folder",
        ["Datacenter"] = "a datacenter",
        ["Network"] = "a network",
        ["DistributedVirtualPortgroup"] = "a distributed port group",
        ["OpaqueNetwork"] = "an opaque network",
        ["VirtualMachine"] = "a VM",
        ["VmwareDistributedVirtualSwitch"] = "a distributed switch",
        ["DistributedVirtualSwitch"] = "a distributed switch",
    };

    private readonly string[] types;

    private InventoryKind(string takes, params string[] types)
    {
        Takes = takes;
        this.types = types;
    }

    public static InventoryKind Host { get; } = new("a host or a cluster", "HostSystem", "ClusterComputeResource");

    public static InventoryKind Datastore { get; } = new("a datastore or a datastore cluster", "Datastore", "StoragePod");

    public static InventoryKind Pool { get; } = new("a resource pool or a vApp", "ResourcePool", "VirtualApp");

    public static InventoryKind Folder { get; } = new("a VM folder or a datacenter", "Folder", "Datacenter");

    public static InventoryKind Network { get; } =
        new("a port group or another network", "Network", "DistributedVirtualPortgroup", "OpaqueNetwork");

    public static InventoryKind Location { get; } =
        new(
            "a host, cluster, resource pool, vApp, VM folder or datacenter",
            "HostSystem",
            "ClusterComputeResource",
            "ResourcePool",
            "VirtualApp",
            "Folder",
            "Datacenter"
        );

    /// <summary>For messages.</summary>
    public string Takes { get; }

    public static bool IsType(string name) => Names.ContainsKey(name);

    /// <summary>Whether it takes objects of a type of the server's.</summary>
    public bool Has(string type) => Array.IndexOf(types, type) >= 0;

    /// <summary>Null when it takes the item, else what is wrong, to stand after its name.</summary>
    public string? Objection(P2VInventoryItem item)
    {
        if (item.Type is null)
            return null;
        if (!Has(item.Type))
            return $"is {Names[item.Type]}";
        // PowerCLI's folders say what they are for; VMs lie in one kind only.
        return item is { Type: "Folder", FolderType: "HostAndCluster" or "Datastore" or "Network" }
            ? $"is a folder of the kind {item.FolderType}"
            : null;
    }
}
