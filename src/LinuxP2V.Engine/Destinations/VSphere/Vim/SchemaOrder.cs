namespace LinuxP2V.Engine.Destinations.VSphere.Vim;

/// <summary>
/// The fields of the data types that we send, as the schema orders them: a base type's before its own. Real servers refuse
/// a request whose elements stand in another order.
/// </summary>
internal static class SchemaOrder
{
    private static readonly string[] Device = ["key", "deviceInfo", "backing", "connectable", "slotInfo", "controllerKey", "unitNumber"];

    private static readonly string[] Controller = [.. Device, "busNumber", "device"];

    private static readonly string[] ScsiController = [.. Controller, "hotAddRemove", "sharedBus", "scsiCtlrUnitNumber"];

    private static readonly string[] Adapter =
    [
        .. Device,
        "addressType",
        "macAddress",
        "wakeOnLanEnabled",
        "resourceAllocation",
        "externalId",
        "uptCompatibilityEnabled",
    ];

    private static readonly string[] FileBacking = ["fileName", "datastore", "backingObjectId"];

    private static readonly Dictionary<string, string[]> Types = new()
    {
        ["VirtualMachineConfigSpec"] =
        [
            "changeVersion",
            "name",
            "version",
            "uuid",
            "instanceUuid",
            "guestId",
            "alternateGuestName",
            "annotation",
            "files",
            "tools",
            "flags",
            "numCPUs",
            "numCoresPerSocket",
            "memoryMB",
            "deviceChange",
            "extraConfig",
            "bootOptions",
            "firmware",
            "vmProfile",
        ],
        ["StoragePlacementSpec"] =
        [
            "type",
            "priority",
            "vm",
            "podSelectionSpec",
            "cloneSpec",
            "cloneName",
            "configSpec",
            "relocateSpec",
            "resourcePool",
            "host",
            "folder",
            "disallowPrerequisiteMoves",
        ],
        ["StorageDrsPodSelectionSpec"] = ["initialVmConfig", "storagePod"],
        ["VmPodConfigForPlacement"] = ["storagePod", "disk", "vmConfig", "interVmRule"],
        ["PodDiskLocator"] = ["diskId", "diskMoveType", "diskBackingInfo"],
        ["VirtualMachineFileInfo"] = ["vmPathName", "snapshotDirectory", "suspendDirectory", "logDirectory"],
        ["VirtualMachineBootOptions"] =
        [
            "bootDelay",
            "enterBIOSSetup",
            "efiSecureBootEnabled",
            "bootRetryEnabled",
            "bootRetryDelay",
            "bootOrder",
        ],
        ["VirtualMachineBootOptionsBootableDevice"] = [],
        ["VirtualMachineBootOptionsBootableCdromDevice"] = [],
        ["VirtualMachineDefinedProfileSpec"] = ["profileId"],
        ["VirtualDeviceConfigSpec"] = ["operation", "fileOperation", "device", "profile"],
        ["VirtualDeviceConnectInfo"] = ["startConnected", "allowGuestControl", "connected", "status"],
        ["VirtualDevicePciBusSlotInfo"] = ["pciSlotNumber"],
        ["OptionValue"] = ["key", "value"],
        ["ParaVirtualSCSIController"] = ScsiController,
        ["VirtualLsiLogicSASController"] = ScsiController,
        ["VirtualLsiLogicController"] = ScsiController,
        ["VirtualAHCIController"] = Controller,
        ["VirtualNVMEController"] = Controller,
        ["VirtualIDEController"] = Controller,
        ["VirtualDisk"] = [.. Device, "capacityInKB", "capacityInBytes"],
        ["VirtualDiskFlatVer2BackingInfo"] =
        [
            .. FileBacking,
            "diskMode",
            "split",
            "writeThrough",
            "thinProvisioned",
            "eagerlyScrub",
            "uuid",
        ],
        ["VirtualCdrom"] = Device,
        ["VirtualTPM"] = Device,
        ["VirtualCdromIsoBackingInfo"] = FileBacking,
        ["VirtualVmxnet3"] = Adapter,
        ["VirtualE1000e"] = Adapter,
        ["VirtualE1000"] = Adapter,
        ["VirtualEthernetCardNetworkBackingInfo"] = ["deviceName", "useAutoDetect", "network", "inPassthroughMode"],
        ["VirtualEthernetCardDistributedVirtualPortBackingInfo"] = ["port"],
        ["DistributedVirtualSwitchPortConnection"] = ["switchUuid", "portgroupKey", "portKey", "connectionCookie"],
        ["VirtualEthernetCardOpaqueNetworkBackingInfo"] = ["opaqueNetworkId", "opaqueNetworkType"],
        ["PropertyFilterSpec"] = ["propSet", "objectSet", "reportMissingObjectsInResults"],
        ["PropertySpec"] = ["type", "all", "pathSet"],
        ["ObjectSpec"] = ["obj", "skip", "selectSet"],
        ["TraversalSpec"] = ["name", "type", "path", "skip", "selectSet"],
        ["RetrieveOptions"] = ["maxObjects"],
        ["WaitOptions"] = ["maxWaitSeconds", "maxObjectUpdates"],
        ["EnvironmentBrowserConfigOptionQuerySpec"] = ["key", "host", "guestId"],
        ["HostDatastoreBrowserSearchSpec"] = ["query", "details", "searchCaseInsensitive", "matchPattern", "sortFoldersFirst"],
        ["FileQueryFlags"] = ["fileType", "fileSize", "modification", "fileOwner"],
    };

    public static bool Has(string type, string field) => Types.TryGetValue(type, out var fields) && fields.Contains(field);

    /// <summary>The place of a field in its type. A type or field that is not listed is a mistake of ours.</summary>
    public static int PlaceOf(string type, string field)
    {
        var place = Types.TryGetValue(type, out var fields) ? Array.IndexOf(fields, field) : -1;
        return place >= 0 ? place : throw new ArgumentException($"{type} has no field {field} that is sent.", nameof(field));
    }
}
