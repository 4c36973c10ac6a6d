using System.Xml.Linq;
using LinuxP2V.Engine.Destinations.VSphere.Vim;

namespace LinuxP2V.Engine.Destinations.VSphere.Inventory;

/// <summary>What hosts, datastores and networks say of themselves.</summary>
internal static class HostState
{
    /// <returns>Null when VMs can be made there.</returns>
    public static string? Obstacle(InventoryItem host)
    {
        var connection = host.Properties["runtime.connectionState"]?.Value;
        if (connection is not null and not "connected")
            return connection == "notResponding" ? "does not respond" : "is disconnected";

        if (host.Properties["runtime.inMaintenanceMode"].AsFlag() == true)
            return "is in maintenance mode";

        if (host.Properties["runtime.inQuarantineMode"].AsFlag() == true)
            return "is in quarantine mode";

        return host.Properties["runtime.standbyMode"]?.Value is null or "none" ? null : "is in standby mode";
    }

    public static bool IsAvailable(InventoryItem host) => Obstacle(host) is null;

    public static long FreeMemory(InventoryItem host) =>
        (host.Properties["summary.hardware"].Number("memorySize") ?? 0)
        - ((host.Properties["summary.quickStats"].Number("overallMemoryUsage") ?? 0) << 20);

    /// <summary>Logical processors; null where the server does not say.</summary>
    public static long? Threads(InventoryItem host) => host.Properties["summary.hardware"].Number("numCpuThreads");

    /// <summary>Hosts that a cluster keeps free for a failover: nothing is started there.</summary>
    public static IReadOnlyList<ManagedObject> FailoverHosts(InventoryItem compute)
    {
        var settings = compute.Properties["configuration.dasConfig"];
        return settings.Flag("enabled") != true || settings.Flag("admissionControlEnabled") == false
            ? []
            :
            [
                .. settings
                    .Child("admissionControlPolicy")
                    .Children("failoverHosts")
                    .Select(host => host.AsReference())
                    .OfType<ManagedObject>(),
            ];
    }

    /// <summary>Whether several of the hosts can write to it, so that a VM on it is not bound to one.</summary>
    public static bool IsShared(InventoryItem datastore, IEnumerable<InventoryItem> hosts) =>
        hosts.Count(host => CanWrite(host, datastore)) > 1;

    public static bool HasDrs(InventoryItem compute) => compute.Properties["configuration.drsConfig"].Flag("enabled") == true;

    /// <summary>In its manual mode DRS only gives advice.</summary>
    public static bool LetsDrsPlace(InventoryItem compute) =>
        HasDrs(compute) && compute.Properties["configuration.drsConfig"].Text("defaultVmBehavior") != "manual";

    public static bool IsUsableDatastore(InventoryItem datastore)
    {
        var summary = datastore.Properties["summary"];
        return summary.Flag("accessible") != false && summary.Text("maintenanceMode") is null or "normal";
    }

    /// <summary>Whether the host has the datastore mounted so that it can write there.</summary>
    public static bool CanWrite(InventoryItem host, InventoryItem datastore) =>
        CanRead(host, datastore) && MountOf(host, datastore).Text("accessMode") is null or "readWrite";

    /// <summary>Whether the host has the datastore mounted, be it for reading alone.</summary>
    public static bool CanRead(InventoryItem host, InventoryItem datastore)
    {
        var mount = MountOf(host, datastore);
        return host.Properties["datastore"].AsReferences().Contains(datastore.Object)
            && mount.Flag("mounted") != false
            && mount.Flag("accessible") != false;
    }

    private static XElement? MountOf(InventoryItem host, InventoryItem datastore) =>
        datastore.Properties["host"]?.Elements().FirstOrDefault(entry => entry.Reference("key") == host.Object).Child("mountInfo");

    /// <summary>vSAN and virtual volumes have folders of their own kind at the top.</summary>
    public static bool HasNamespaces(InventoryItem datastore) =>
        datastore.Properties["capability.topLevelDirectoryCreateSupported"].AsFlag() == false;

    public static long FreeSpace(InventoryItem datastore) => datastore.Properties["summary"].Number("freeSpace") ?? 0;

    /// <summary>In bytes; null when the datastore does not say.</summary>
    public static long? LargestDisk(InventoryItem datastore)
    {
        var info = datastore.Properties["info"];
        return info.Number("maxVirtualDiskCapacity") ?? info.Number("maxFileSize");
    }

    public static bool IsUplink(InventoryItem network) =>
        network.Properties["config.uplink"].AsFlag() == true
        || network.Properties["tag"]?.Elements().Any(tag => tag.Text("key") == "SYSTEM/DVS.UPLINKPG") == true;
}
