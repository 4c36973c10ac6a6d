using System.Xml.Linq;
using LinuxP2V.Engine.Destinations.VSphere.Inventory;
using LinuxP2V.Engine.Destinations.VSphere.Policies;
using LinuxP2V.Engine.Destinations.VSphere.Vim;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Destinations.VSphere.Machines;

/// <summary>The devices of a new VM. New devices have negative keys, by which they refer to one another.</summary>
internal static class DeviceSpecs
{
    private const int IdeKey = -1;
    private const int CdromKey = -2;
    private const int ControllerKeys = -100;
    private const int DiskKeys = -1000;
    private const int AdapterKeys = -4000;
    private const int TpmKey = -5000;

    public static IEnumerable<XElement> Cdrom(string imagePath, ManagedObject datastore)
    {
        yield return Add(VimData.Of("VirtualIDEController", ("key", IdeKey), ("busNumber", 0)));
        yield return Add(
            VimData.Of(
                "VirtualCdrom",
                ("key", CdromKey),
                ("backing", VimData.Of("VirtualCdromIsoBackingInfo", ("fileName", imagePath), ("datastore", datastore))),
                (
                    "connectable",
                    VimData.Of("VirtualDeviceConnectInfo", ("startConnected", true), ("allowGuestControl", true), ("connected", true))
                ),
                ("controllerKey", IdeKey),
                ("unitNumber", 0)
            )
        );
    }

    /// <summary>Controllers and disks, in the places that the plan gives them.</summary>
    /// <param name="datastores">In the order of the disks; null where they are still to be chosen.</param>
    /// <param name="policy">Of each disk; null: the datastore's own.</param>
    public static IEnumerable<XElement> Disks(
        IReadOnlyList<DiskSpecification> disks,
        IReadOnlyList<InventoryItem>? datastores,
        StoragePolicy? policy
    )
    {
        var controllers = disks
            .Select(disk => (disk.Address.Controller, disk.Address.Bus))
            .Distinct()
            .OrderBy(place => place.Controller)
            .ThenBy(place => place.Bus)
            .ToList();
        var busNumbers = BusNumbers(controllers);
        for (var index = 0; index < controllers.Count; index++)
            yield return Add(Controller(controllers[index].Controller, ControllerKeys - index, busNumbers[index]));

        for (var index = 0; index < disks.Count; index++)
        {
            var key = ControllerKeys - controllers.IndexOf((disks[index].Address.Controller, disks[index].Address.Bus));
            yield return Add(Disk(disks[index], DiskKeys - index, key, datastores?[index]), "create", Profile(policy));
        }
    }

    /// <summary>The server encrypts the VM's own files with it.</summary>
    public static XElement Tpm() => Add(VimData.Of("VirtualTPM", ("key", TpmKey)));

    /// <returns>Null without a policy.</returns>
    public static XElement? Profile(StoragePolicy? policy) =>
        policy is null ? null : VimData.Of("VirtualMachineDefinedProfileSpec", ("profileId", policy.Id));

    public static XElement Adapter(AdapterKind kind, int index, XElement backing, bool isAssignedByServer) =>
        Add(
            VimData.Of(
                AdapterType(kind),
                ("key", AdapterKeys - index),
                ("backing", backing),
                (
                    "connectable",
                    VimData.Of("VirtualDeviceConnectInfo", ("startConnected", true), ("allowGuestControl", true), ("connected", true))
                ),
                ("addressType", isAssignedByServer ? "assigned" : "generated"),
                ("wakeOnLanEnabled", true)
            )
        );

    public static XElement Remove(XElement device)
    {
        // All that the server needs to know is which; the type must be its own.
        var type = device.TypeName()!;
        return VimData.Of("VirtualDeviceConfigSpec", ("operation", "remove"), ("device", VimData.Of(type, ("key", device.Number("key")))));
    }

    /// <summary>An adapter as the server has it, but for the address or its connection at the next start.</summary>
    /// <param name="macAddress">Null: it keeps its own.</param>
    public static XElement EditAdapter(XElement adapter, string? macAddress, bool isDisconnected)
    {
        var edited = adapter.Elements().Where(field => field.Name.LocalName != "connectable").ToDictionary(field => field.Name.LocalName);
        if (macAddress is not null)
        {
            edited["addressType"] = new XElement(VimData.Vim + "addressType", "manual");
            edited["macAddress"] = new XElement(VimData.Vim + "macAddress", macAddress);
        }

        var connectable = VimData.Of(
            "VirtualDeviceConnectInfo",
            ("startConnected", !isDisconnected),
            ("allowGuestControl", true),
            ("connected", false)
        );
        edited["connectable"] = VimData.Field("connectable", connectable).Single();
        return VimData.Of(
            "VirtualDeviceConfigSpec",
            ("operation", "edit"),
            ("device", VimData.WithFields(adapter.TypeName()!, edited.Values))
        );
    }

    public static string ControllerType(DiskController controller) =>
        controller switch
        {
            DiskController.Pvscsi => "ParaVirtualSCSIController",
            DiskController.LsiLogicSas => "VirtualLsiLogicSASController",
            DiskController.LsiLogic => "VirtualLsiLogicController",
            DiskController.Ahci => "VirtualAHCIController",
            DiskController.Nvme => "VirtualNVMEController",
            _ => throw NotOnVSphere(controller.ToString(), "-DiskController"),
        };

    public static string AdapterType(AdapterKind kind) =>
        kind switch
        {
            AdapterKind.Vmxnet3 => "VirtualVmxnet3",
            AdapterKind.E1000e => "VirtualE1000e",
            AdapterKind.E1000 => "VirtualE1000",
            _ => throw NotOnVSphere(kind.ToString(), "-AdapterKind"),
        };

    /// <summary>All SCSI kinds count together; each kind keeps its own order.</summary>
    private static List<int> BusNumbers(List<(DiskController Controller, int Bus)> controllers)
    {
        var isScsi = new Func<DiskController, bool>(kind => kind is not (DiskController.Ahci or DiskController.Nvme));
        return
        [
            .. controllers.Select(
                (place, index) =>
                    isScsi(place.Controller)
                        ? controllers.Take(index).Count(other => isScsi(other.Controller))
                        : controllers.Take(index).Count(other => other.Controller == place.Controller)
            ),
        ];
    }

    private static XElement Controller(DiskController kind, int key, int bus)
    {
        var type = ControllerType(kind);
        return kind is DiskController.Ahci or DiskController.Nvme
            ? VimData.Of(type, ("key", key), ("busNumber", bus))
            : VimData.Of(type, ("key", key), ("busNumber", bus), ("sharedBus", "noSharing"));
    }

    private static XElement Disk(DiskSpecification disk, int key, int controllerKey, InventoryItem? datastore) =>
        VimData.Of(
            "VirtualDisk",
            ("key", key),
            (
                "backing",
                VimData.Of(
                    "VirtualDiskFlatVer2BackingInfo",
                    ("fileName", datastore is null ? "" : $"[{datastore.Name}]"),
                    ("datastore", datastore?.Object),
                    ("diskMode", "persistent"),
                    ("thinProvisioned", disk.Format == DiskFormat.Thin),
                    ("eagerlyScrub", disk.Format == DiskFormat.EagerZeroedThick)
                )
            ),
            ("controllerKey", controllerKey),
            ("unitNumber", disk.Address.Unit),
            ("capacityInKB", (disk.SizeBytes + 1023) / 1024),
            ("capacityInBytes", disk.SizeBytes)
        );

    private static XElement Add(XElement device, string? fileOperation = null, XElement? profile = null) =>
        VimData.Of(
            "VirtualDeviceConfigSpec",
            ("operation", "add"),
            ("fileOperation", fileOperation),
            ("device", device),
            ("profile", profile)
        );

    private static P2VException NotOnVSphere(string kind, string parameter) =>
        new(ErrorIds.HardwareNotSupported, $"vSphere has no {kind}.", $"Choose another with {parameter}.", kind);
}
