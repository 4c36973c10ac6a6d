namespace LinuxP2V.Engine.Destinations.VSphere.Vim;

/// <summary>A reference to an object of the server: HostSystem and host-12.</summary>
internal readonly record struct ManagedObject(string Type, string Value)
{
    /// <summary>The one object whose name needs no asking.</summary>
    public static readonly ManagedObject ServiceInstance = new("ServiceInstance", "ServiceInstance");

    public static ManagedObject Machine(string id) => new("VirtualMachine", id);

    /// <summary>PowerCLI's Id, HostSystem-host-12. Null for whatever else.</summary>
    public static ManagedObject? Parse(string text)
    {
        var dash = text.IndexOf('-');
        return dash > 0 && dash < text.Length - 1 && ObjectTypes.Contains(text.Substring(0, dash))
            ? new ManagedObject(text.Substring(0, dash), text.Substring(dash + 1))
            : null;
    }

    public override string ToString() => $"{Type}-{Value}";

    /// <summary>A name can have a dash too: only these types make a text an id.</summary>
    private static readonly HashSet<string> ObjectTypes =
    [
        "HostSystem",
        "ComputeResource",
        "ClusterComputeResource",
        "Datastore",
        "StoragePod",
        "ResourcePool",
        "VirtualApp",
        "Folder",
        "Datacenter",
        "Network",
        "DistributedVirtualPortgroup",
        "OpaqueNetwork",
        "VirtualMachine",
    ];
}
