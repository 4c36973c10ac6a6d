using System.Xml.Linq;
using LinuxP2V.Engine.Destinations.VSphere.Inventory;
using LinuxP2V.Engine.Destinations.VSphere.Vim;

namespace LinuxP2V.Engine.Destinations.VSphere.Machines;

/// <summary>Asks Storage DRS for the datastore of a datastore cluster on which a VM is best made.</summary>
internal static class StorageDrs
{
    private static bool IsOn(InventoryItem pod) =>
        pod.Properties["podStorageDrsEntry"].Child("storageDrsConfig").Child("podConfig").Flag("enabled") == true;

    /// <returns>Null where it is off, has no advice, or the account may not ask.</returns>
    public static async Task<ManagedObject?> AdviseAsync(
        VimClient client,
        InventoryItem pod,
        MachinePlacement placement,
        MachineSpecification machine,
        CancellationToken cancellationToken
    )
    {
        if (client.Content.StorageResourceManager is not { } manager || !IsOn(pod))
            return null;

        try
        {
            var response = await client
                .CallAsync("RecommendDatastores", manager, [("storageSpec", Question(pod, placement, machine))], cancellationToken)
                .ConfigureAwait(false);
            return response
                .Child("returnval")
                .Children("recommendations")
                .SelectMany(recommendation => recommendation.Children("action"))
                .Where(action => action.TypeName() == "StoragePlacementAction")
                .Select(action => action.Reference("destination"))
                .FirstOrDefault(destination => destination is not null);
        }
        catch (VimFaultException fault) when (!fault.Is("NotAuthenticated"))
        {
            return null;
        }
    }

    private static XElement Question(InventoryItem pod, MachinePlacement placement, MachineSpecification machine)
    {
        var devices = DeviceSpecs.Disks(machine.Disks, null, placement.Policy).ToList();
        var disks = devices.Select(change => change.Child("device")).Where(device => device.TypeName() == "VirtualDisk");
        return VimData.Of(
            "StoragePlacementSpec",
            ("type", "create"),
            (
                "podSelectionSpec",
                VimData.Of(
                    "StorageDrsPodSelectionSpec",
                    (
                        "initialVmConfig",
                        VimData.Of(
                            "VmPodConfigForPlacement",
                            ("storagePod", pod.Object),
                            (
                                "disk",
                                disks.Select(disk =>
                                    VimData.Of("PodDiskLocator", ("diskId", disk.Number("key")), ("diskBackingInfo", disk.Child("backing")))
                                )
                            )
                        )
                    ),
                    ("storagePod", pod.Object)
                )
            ),
            (
                "configSpec",
                VimData.Of(
                    "VirtualMachineConfigSpec",
                    ("name", machine.Name),
                    ("numCPUs", machine.NumCpu),
                    ("memoryMB", machine.MemoryBytes >> 20),
                    ("deviceChange", devices)
                )
            ),
            ("resourcePool", placement.Pool.Object),
            ("host", placement.IsHostOpen ? null : placement.Host.Object),
            ("folder", placement.Folder.Object),
            ("disallowPrerequisiteMoves", true)
        );
    }
}
