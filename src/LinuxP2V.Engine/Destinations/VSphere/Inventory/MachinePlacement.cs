using LinuxP2V.Engine.Destinations.VSphere.Libraries;
using LinuxP2V.Engine.Destinations.VSphere.Policies;
using LinuxP2V.Engine.Destinations.VSphere.Vim;

namespace LinuxP2V.Engine.Destinations.VSphere.Inventory;

/// <summary>Where a VM goes, with all names resolved.</summary>
/// <param name="DatastoreOfDisk">In the order of the disks.</param>
/// <param name="Networks">In the order of the adapters.</param>
internal sealed record MachinePlacement(
    InventoryItem Datacenter,
    string DatacenterPath,
    InventoryItem Compute,
    InventoryItem Host,
    InventoryItem Pool,
    InventoryItem Folder,
    InventoryItem Home,
    IReadOnlyList<InventoryItem> DatastoreOfDisk,
    IReadOnlyList<InventoryItem> Networks
)
{
    /// <summary>Datastores that do not have the room.</summary>
    public IReadOnlyList<SpaceShortage> Shortages { get; init; } = [];

    /// <summary>Where the helper image lies, or is sent to.</summary>
    public InventoryItem ImageStore { get; init; } = Home;

    /// <summary>The image that lies there already and is not written; null: it is sent.</summary>
    public NamedImage? NamedImage { get; init; }

    /// <summary>Of the VM's files and disks; null: the datastores' own.</summary>
    public StoragePolicy? Policy { get; init; }

    /// <summary>The host is our guess: DRS chooses.</summary>
    public bool IsHostOpen { get; init; }

    /// <summary>The pool is a vApp, or inside one: a VM there is in no folder.</summary>
    public bool IsInVApp { get; init; }

    /// <summary>What holds the VM by its name.</summary>
    public InventoryItem Container => IsInVApp ? Pool : Folder;

    public ManagedObject? EnvironmentBrowser => Compute.Properties["environmentBrowser"].AsReference();

    public IEnumerable<InventoryItem> Datastores => DatastoreOfDisk.Append(Home).Distinct();
}

/// <param name="NeededBytes">What this VM takes there.</param>
internal sealed record SpaceShortage(InventoryItem Datastore, long NeededBytes, long FreeBytes);
