using System.Text.Json;
using System.Xml.Linq;
using LinuxP2V.Engine.Destinations.VSphere.Inventory;
using LinuxP2V.Engine.Destinations.VSphere.Vim;
using LinuxP2V.Protocol;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Destinations.VSphere.Machines;

/// <summary>What the server is asked to make of a VM: first the helper, at the end the destination VM.</summary>
internal static class MachineConfigSpecs
{
    private const long Megabyte = 1024 * 1024;
    private static readonly string[] VMwarePrefixes = ["00:50:56:", "00:0c:29:", "00:05:69:", "00:1c:14:"];

    /// <param name="guestId">One that the host knows.</param>
    /// <param name="backings">In the order of the adapters.</param>
    public static XElement Create(
        MachineSpecification machine,
        MachinePlacement placement,
        string guestId,
        string imagePath,
        IReadOnlyList<XElement> backings,
        HelperSettings settings,
        string conversionId,
        bool isVirtualCenter
    )
    {
        var isUefi = machine.Firmware == Firmware.Uefi;
        var options = new List<XElement>
        {
            VimData.Option(HelperKeys.Conversion, conversionId),
            VimData.Option(HelperKeys.State, HelperKeys.HelperState),
            VimData.Option(HelperKeys.Announcement, HelperKeys.NothingSaid),
        };
        options.AddRange(SettingsOptions(settings));
        options.AddRange(FinishOptions(machine));
        if (placement.IsHostOpen)
            options.Add(VimData.Option(HelperKeys.HostIsOpen, "TRUE"));

        if (placement.NamedImage is { } image)
            options.Add(VimData.Option(HelperKeys.Image, image.FileName));

        // The guest sees the disks' serial numbers, and names in /dev/disk/by-id with them.
        options.Add(VimData.Option("disk.EnableUUID", "TRUE"));
        if (isUefi)
        {
            // The quick way looks at one device only; a half-made disk must not hide the CD, nor a moved loader the disk.
            options.Add(VimData.Option("efi.quickBoot.enabled", "FALSE"));
            if (machine.SecureBoot)
                options.Add(VimData.Option(HelperKeys.SecureBoot, "TRUE"));
        }

        return VimData.Of(
            "VirtualMachineConfigSpec",
            ("name", machine.Name),
            ("version", machine.HardwareVersion),
            ("instanceUuid", MachineFinder.UuidOf(conversionId)),
            ("guestId", guestId),
            ("annotation", machine.Notes),
            ("files", VimData.Of("VirtualMachineFileInfo", ("vmPathName", $"[{placement.Home.Name}]"))),
            ("numCPUs", machine.NumCpu),
            ("numCoresPerSocket", machine.CoresPerSocket),
            ("memoryMB", machine.MemoryBytes / Megabyte),
            (
                "deviceChange",
                DeviceSpecs
                    .Cdrom(imagePath, placement.ImageStore.Object)
                    .Concat(DeviceSpecs.Disks(machine.Disks, placement.DatastoreOfDisk, placement.Policy))
                    .Concat(machine.VirtualTpm ? [DeviceSpecs.Tpm()] : [])
                    .Concat(
                        machine.Adapters.Select(
                            (adapter, index) => DeviceSpecs.Adapter(adapter.Kind, index, backings[index], isVirtualCenter)
                        )
                    )
            ),
            ("extraConfig", options),
            (
                "bootOptions",
                VimData.Of(
                    "VirtualMachineBootOptions",
                    // The helper is not signed.
                    ("efiSecureBootEnabled", isUefi ? false : null),
                    ("bootOrder", VimData.Of("VirtualMachineBootOptionsBootableCdromDevice"))
                )
            ),
            ("firmware", isUefi ? "efi" : "bios"),
            ("vmProfile", DeviceSpecs.Profile(placement.Policy))
        );
    }

    /// <summary>
    /// Before the helper boots: what an earlier boot said does not count for this one, and its settings are where it
    /// looks.
    /// </summary>
    public static XElement BeforeHelperBoots(MachineSnapshot machine)
    {
        var options = new List<XElement> { VimData.Option(HelperKeys.Announcement, HelperKeys.NothingSaid) };
        if (machine.Option(HelperKeys.SettingsCopy) is { } settings)
            options.Add(VimData.Option(HelperKeys.Settings, settings));

        if (machine.Option(HelperKeys.FinishSeen) is not null)
            options.Add(VimData.Option(HelperKeys.FinishSeen, ""));

        return VimData.Of("VirtualMachineConfigSpec", ("extraConfig", options));
    }

    public static XElement GiveSettings(HelperSettings settings) =>
        VimData.Of("VirtualMachineConfigSpec", ("extraConfig", SettingsOptions(settings)));

    public static XElement NoteFinish(string conversionId) =>
        VimData.Of("VirtualMachineConfigSpec", ("extraConfig", VimData.Option(HelperKeys.FinishSeen, conversionId)));

    /// <param name="withAdapters">The adapters get what the task asks for.</param>
    /// <returns>Null when there is nothing left to take off.</returns>
    public static XElement? Finish(MachineSnapshot machine, bool withAdapters = true)
    {
        var gone = machine
            .OptionKeys.Where(key =>
                (
                    key.StartsWith(HelperKeys.GuestPrefix, StringComparison.Ordinal)
                    || key is HelperKeys.SettingsCopy or HelperKeys.FinishSeen
                    || HelperKeys.IsForFinish(key)
                ) && machine.Option(key) is not null
            )
            .ToList();
        var images = machine.Devices.Where(device => IsHelperImage(device, machine.Option(HelperKeys.Image))).ToList();
        if (machine.IsFinished && gone.Count == 0 && images.Count == 0)
            return null;

        // An empty value takes a key away; a device of no kind, the boot order.
        return VimData.Of(
            "VirtualMachineConfigSpec",
            ("deviceChange", images.Select(DeviceSpecs.Remove).Concat(withAdapters ? AdapterEdits(machine) : [])),
            (
                "extraConfig",
                gone.Select(key => VimData.Option(key, ""))
                    .Concat(withAdapters ? UncheckedAddresses(machine) : [])
                    .Append(VimData.Option(HelperKeys.State, HelperKeys.FinishedState))
            ),
            (
                "bootOptions",
                VimData.Of(
                    "VirtualMachineBootOptions",
                    ("efiSecureBootEnabled", machine.Option(HelperKeys.SecureBoot) == "TRUE" ? true : null),
                    ("bootOrder", VimData.Of("VirtualMachineBootOptionsBootableDevice"))
                )
            )
        );
    }

    private static IEnumerable<XElement> FinishOptions(MachineSpecification machine)
    {
        for (var index = 0; index < machine.Adapters.Count; index++)
        {
            if (machine.Adapters[index].MacAddress is { } address)
                yield return VimData.Option(HelperKeys.MacAddress + index, address);
        }

        if (machine.StartDisconnected)
            yield return VimData.Option(HelperKeys.StartDisconnected, "TRUE");
    }

    private static IEnumerable<XElement> AdapterEdits(MachineSnapshot machine)
    {
        var isDisconnected = machine.Option(HelperKeys.StartDisconnected) == "TRUE";
        return machine
            .Adapters.Zip(machine.WantedMacAddresses, (adapter, address) => (adapter, address))
            .Where(edit => isDisconnected || edit.address is not null)
            .Select(edit => DeviceSpecs.EditAdapter(edit.adapter, edit.address, isDisconnected));
    }

    /// <summary>An ESXi starts no VM with an address that VMware gives out itself, unless it is told not to look.</summary>
    private static IEnumerable<XElement> UncheckedAddresses(MachineSnapshot machine) =>
        machine
            .WantedMacAddresses.Select((address, index) => (address, index))
            .Where(wanted => wanted.address is { } address && IsOfVMware(address))
            .Select(wanted => VimData.Option($"ethernet{wanted.index}.checkMACAddress", "FALSE"));

    private static bool IsOfVMware(string address) =>
        VMwarePrefixes.Any(prefix => address.StartsWith(prefix, StringComparison.Ordinal))
        // The rest of this prefix is for addresses that an admin chooses.
        && !(address.StartsWith("00:50:56:", StringComparison.Ordinal) && address[9] is >= '0' and <= '3');

    /// <summary>By the file's name: vSAN and virtual volumes have an id in the folder's place.</summary>
    /// <param name="named">The file that an admin named; null: none.</param>
    private static bool IsHelperImage(XElement device, string? named) =>
        device.TypeName() == "VirtualCdrom"
        && device.Child("backing").Text("fileName") is { } path
        && (
            Images.HelperImageName.HashOf(path.Substring(path.LastIndexOf('/') + 1)) is not null
            || (
                named is not null
                && (path.EndsWith("/" + named, StringComparison.Ordinal) || path.EndsWith("] " + named, StringComparison.Ordinal))
            )
        );

    private static IEnumerable<XElement> SettingsOptions(HelperSettings settings)
    {
        var text = JsonSerializer.Serialize(settings, ProtocolJson.Default.HelperSettings);
        return [VimData.Option(HelperKeys.Settings, text), VimData.Option(HelperKeys.SettingsCopy, text)];
    }
}
