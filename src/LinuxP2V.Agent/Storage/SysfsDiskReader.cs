using System.Globalization;
using System.Text.RegularExpressions;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Agent.Storage;

/// <summary>Reads where each disk sits from sysfs alone: the helper has no udev database to trust.</summary>
internal sealed partial class SysfsDiskReader(string sysfs = "/sys")
{
    private static readonly (DiskController Controller, string Driver)[] PciDrivers =
    [
        (DiskController.Pvscsi, "vmw_pvscsi"),
        (DiskController.LsiLogicSas, "mptsas"),
        (DiskController.LsiLogic, "mptspi"),
        (DiskController.Ahci, "ahci"),
        (DiskController.Nvme, "nvme"),
    ];

    public IReadOnlyList<SysfsDisk> Read()
    {
        var controllers = ReadControllers();
        var block = Path.Combine(sysfs, "block");
        return Directory.Exists(block)
            ?
            [
                .. Directory
                    .EnumerateFileSystemEntries(block)
                    .Select(Path.GetFileName)
                    .OfType<string>()
                    .Where(name => DiskName().IsMatch(name))
                    .Order(StringComparer.Ordinal)
                    .Select(name => ReadDisk(name, controllers)),
            ]
            : [];
    }

    private SysfsDisk ReadDisk(string name, Dictionary<string, (DiskController Controller, int Bus)> controllers)
    {
        var folder = RealPath(Path.Combine(sysfs, "block", name));
        // sysfs counts in units of 512 bytes whatever the disk's sector is.
        var size = ReadNumber(Path.Combine(folder, "size")) * 512;
        var pci = PciFolder(folder) ?? NvmeControllerFolder(folder);
        if (pci is null || !controllers.TryGetValue(pci, out var controller))
        {
            return new SysfsDisk(name, size, null);
        }

        var unit = ReadUnit(folder, pci, controller.Controller);
        return new SysfsDisk(name, size, unit is null ? null : new DiskAddress(controller.Controller, controller.Bus, unit.Value));
    }

    private static int? ReadUnit(string folder, string pci, DiskController kind)
    {
        switch (kind)
        {
            case DiskController.Nvme:
                return (int)ReadNumber(Path.Combine(folder, "nsid")) - 1;
            case DiskController.Ahci:
                // ataN counts over all controllers, empty ports too: the port is its place among its controller's.
                var port = AtaPort().Match(folder[pci.Length..]);
                var ports = Directory
                    .EnumerateFileSystemEntries(pci, "ata*")
                    .Select(Path.GetFileName)
                    .OfType<string>()
                    .Where(entry => AtaPortName().IsMatch(entry))
                    .Select(entry => int.Parse(entry[3..], CultureInfo.InvariantCulture))
                    .Order()
                    .ToList();
                return port.Success ? ports.IndexOf(int.Parse(port.Groups[1].Value, CultureInfo.InvariantCulture)) : null;
            case DiskController.LsiLogicSas when SasPhy(folder) is { } phy:
                return phy;
            default:
                var address = ScsiAddress().Match(folder);
                return address.Success ? int.Parse(address.Groups[1].Value, CultureInfo.InvariantCulture) : null;
        }
    }

    /// <summary>SAS numbers its targets in the order of discovery; the slot in the VM is the number of the phy.</summary>
    private static int? SasPhy(string folder)
    {
        var port = SasPort().Match(folder);
        return port.Success && Directory.Exists(port.Value)
            ? Directory
                .EnumerateFileSystemEntries(port.Value, "phy-*")
                .Select(entry => entry[(entry.LastIndexOf(':') + 1)..])
                .Select(text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : (int?)null)
                .FirstOrDefault(number => number is not null)
            : null;
    }

    /// <summary>With native multipath an NVMe disk hangs on its subsystem, which links to the controller.</summary>
    private static string? NvmeControllerFolder(string folder)
    {
        var parent = Path.GetDirectoryName(folder);
        return parent is null || !folder.Contains("/nvme-subsystem/", StringComparison.Ordinal)
            ? null
            : Directory
                .EnumerateFileSystemEntries(parent, "nvme*")
                .Where(entry => NvmeController().IsMatch(Path.GetFileName(entry)))
                .Order(StringComparer.Ordinal)
                .Select(entry => PciFolder(RealPath(entry)))
                .FirstOrDefault(pci => pci is not null);
    }

    private Dictionary<string, (DiskController Controller, int Bus)> ReadControllers()
    {
        var found = new Dictionary<string, (DiskController, int)>(StringComparer.Ordinal);
        foreach (var (controller, driver) in PciDrivers)
        {
            Number(controller, LinksOf(Path.Combine(sysfs, "bus/pci/drivers", driver)));
        }

        // virtio hides its kind one level below the PCI device.
        Number(DiskController.VirtioScsi, LinksOf(Path.Combine(sysfs, "bus/virtio/drivers/virtio_scsi")));
        return found;

        void Number(DiskController controller, IEnumerable<string> devices)
        {
            var bus = 0;
            foreach (var pci in devices.Select(PciFolder).OfType<string>().OrderBy(Path.GetFileName, StringComparer.Ordinal))
            {
                found[pci] = (controller, bus++);
            }
        }
    }

    private static IEnumerable<string> LinksOf(string driver) =>
        Directory.Exists(driver)
            ? Directory.EnumerateFileSystemEntries(driver).Where(entry => DeviceName().IsMatch(Path.GetFileName(entry))).Select(RealPath)
            : [];

    /// <summary>The innermost PCI device of a sysfs path.</summary>
    private static string? PciFolder(string path)
    {
        var match = PciDevice().Match(path);
        return match.Success ? path[..(match.Index + match.Length)] : null;
    }

    private static string RealPath(string path) =>
        Directory.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? Path.GetFullPath(path);

    private static long ReadNumber(string file) =>
        long.TryParse(
            File.Exists(file) ? File.ReadAllText(file).Trim() : "",
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out var number
        )
            ? number
            : 0;

    [GeneratedRegex(@"^(sd[a-z]+|nvme\d+n\d+|vd[a-z]+|hd[a-z]+|xvd[a-z]+)$")]
    private static partial Regex DiskName();

    [GeneratedRegex(@"^([0-9a-f]{4,}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]|virtio\d+)$")]
    private static partial Regex DeviceName();

    [GeneratedRegex(@"/[0-9a-f]{4,}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7](?=/|$)", RegexOptions.RightToLeft)]
    private static partial Regex PciDevice();

    [GeneratedRegex(@"/ata(\d+)/")]
    private static partial Regex AtaPort();

    [GeneratedRegex(@"^ata\d+$")]
    private static partial Regex AtaPortName();

    [GeneratedRegex(@"^.*/port-\d+:\d+(?=/)")]
    private static partial Regex SasPort();

    [GeneratedRegex(@"/\d+:\d+:(\d+):\d+/block/")]
    private static partial Regex ScsiAddress();

    [GeneratedRegex(@"^nvme\d+$")]
    private static partial Regex NvmeController();
}
