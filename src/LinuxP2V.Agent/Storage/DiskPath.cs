using System.Text.RegularExpressions;

namespace LinuxP2V.Agent.Storage;

/// <summary>
/// The name under /dev/disk/by-path that udev will give a disk in the finished VM, whose slots are the helper's: sdX is
/// another disk at another boot.
/// </summary>
internal static partial class DiskPath
{
    /// <param name="sysfsPath">The resolved path of /sys/block/NAME.</param>
    /// <returns>Null for a controller whose naming by udev is not certain.</returns>
    public static string? FromSysfs(string sysfsPath)
    {
        if (ScsiDisk().Match(sysfsPath) is { Success: true } scsi)
        {
            // udev counts the hosts of one controller from 0, and each of ours has one.
            return $"/dev/disk/by-path/pci-{scsi.Groups["pci"]}-scsi-0:{scsi.Groups["unit"]}";
        }

        return NvmeDisk().Match(sysfsPath) is { Success: true } nvme
            ? $"/dev/disk/by-path/pci-{nvme.Groups["pci"]}-nvme-{nvme.Groups["namespace"]}"
            : null;
    }

    /// <param name="device">A device node of the helper: /dev/sdb.</param>
    /// <returns>The stable name where one is known, else the node itself.</returns>
    public static string Of(string device)
    {
        var link = new DirectoryInfo($"/sys/block/{Path.GetFileName(device)}");
        return link.ResolveLinkTarget(returnFinalTarget: true) is { } target ? FromSysfs(target.FullName) ?? device : device;
    }

    [GeneratedRegex(@"/(?<pci>[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7])/host\d+/target[\d:]+/\d+:(?<unit>\d+:\d+:\d+)/block/")]
    private static partial Regex ScsiDisk();

    [GeneratedRegex(@"/(?<pci>[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7])/nvme/nvme\d+/nvme\d+n(?<namespace>\d+)$")]
    private static partial Regex NvmeDisk();
}
