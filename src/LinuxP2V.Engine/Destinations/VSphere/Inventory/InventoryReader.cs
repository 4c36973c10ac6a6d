using LinuxP2V.Engine.Destinations.VSphere.Vim;

namespace LinuxP2V.Engine.Destinations.VSphere.Inventory;

/// <summary>Reads the inventory; many conversions that start together share one reading.</summary>
/// <param name="reservations">Brought up to date with each reading.</param>
internal sealed class InventoryReader(VimClient client, SpaceReservations reservations) : IDisposable
{
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(10);

    private static readonly string[] Compute = ["name", "parent", "resourcePool", "host", "datastore", "network", "environmentBrowser"];
    private static readonly string[] Network = ["name", "parent"];
    private static readonly string[] Pool = ["name", "parent", "owner"];

    private static readonly Dictionary<string, string[]> Paths = new()
    {
        ["Folder"] = ["name", "parent"],
        ["Datacenter"] = ["name", "parent", "vmFolder"],
        ["ComputeResource"] = Compute,
        ["ClusterComputeResource"] = [.. Compute, "summary", "configuration.drsConfig", "configuration.dasConfig"],
        ["HostSystem"] =
        [
            "name",
            "parent",
            "datastore",
            "network",
            "runtime.connectionState",
            "runtime.inMaintenanceMode",
            "runtime.inQuarantineMode",
            "runtime.standbyMode",
            "summary.maxEVCModeKey",
            "summary.currentEVCModeKey",
            "summary.hardware",
            "summary.quickStats",
        ],
        ["ResourcePool"] = Pool,
        ["VirtualApp"] = Pool,
        ["Datastore"] = ["name", "parent", "host", "summary", "info", "capability.topLevelDirectoryCreateSupported", "browser"],
        ["StoragePod"] = ["name", "parent", "podStorageDrsEntry"],
        ["Network"] = Network,
        ["DistributedVirtualPortgroup"] = [.. Network, "key", "config.distributedVirtualSwitch", "config.uplink", "tag"],
        ["OpaqueNetwork"] = [.. Network, "summary"],
    };

    private readonly SemaphoreSlim turn = new(1, 1);
    private InventoryTree? tree;
    private DateTime readAt;

    public async Task<InventoryTree> ReadAsync(CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (tree is not null && DateTime.UtcNow - readAt < Freshness)
                return tree;

            var counted = reservations.Machines;
            var found = await client.Properties.ReadTreeAsync(client.Content.RootFolder, Paths, cancellationToken).ConfigureAwait(false);
            reservations.Note(counted, await ReadUsageAsync(counted, cancellationToken).ConfigureAwait(false));
            tree = new InventoryTree(found);
            readAt = DateTime.UtcNow;
            return tree;
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task<IReadOnlyList<ObjectProperties>> ReadUsageAsync(
        IReadOnlyList<ManagedObject> machines,
        CancellationToken cancellationToken
    )
    {
        if (machines.Count == 0)
            return [];

        var spec = VimData.Of(
            "PropertyFilterSpec",
            ("propSet", VimData.Of("PropertySpec", ("type", "VirtualMachine"), ("all", false), ("pathSet", "storage.perDatastoreUsage"))),
            ("objectSet", machines.Select(machine => VimData.Of("ObjectSpec", ("obj", machine), ("skip", false))))
        );
        try
        {
            return await client.Properties.ReadAsync([spec], cancellationToken).ConfigureAwait(false);
        }
        catch (VimFaultException fault) when (fault.Is("ManagedObjectNotFound"))
        {
            // One of them is gone: what was known of the others does.
            return [];
        }
    }

    public void Dispose() => turn.Dispose();
}
