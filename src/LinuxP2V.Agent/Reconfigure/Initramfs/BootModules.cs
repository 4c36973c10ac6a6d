using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Reconfigure.Tree;
using LinuxP2V.Agent.Storage;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Reconfigure.Initramfs;

/// <summary>The modules without which the VM does not find its root file system.</summary>
internal static class BootModules
{
    /// <summary>All that a later change of the VM's hardware could ask for; taken as far as the kernel has them.</summary>
    public static readonly IReadOnlyList<string> Welcome =
    [
        "vmw_pvscsi",
        "mptspi",
        "mptsas",
        "ahci",
        "nvme",
        "sd_mod",
        "virtio_pci",
        "virtio_scsi",
        "virtio_blk",
        "xts",
    ];

    private static readonly string[] EarlyMountPoints = ["/", "/usr"];

    /// <summary>Names with underscores, built-in ones of the kernel left out.</summary>
    public static IReadOnlyList<string> Required(TargetLayout layout, InstalledKernel kernel) =>
        [.. All(layout).Distinct().Where(module => !kernel.BuiltIn.Contains(module))];

    /// <exception cref="AgentException">ReconfigurationFailed: the kernel cannot drive the VM's disks at all.</exception>
    public static void ThrowIfUnbootable(TargetLayout layout, InstalledKernel kernel)
    {
        var missing = All(layout).Distinct().Where(module => !kernel.Has(module)).ToList();
        if (missing.Count > 0)
        {
            throw new AgentException(
                ErrorIds.ReconfigurationFailed,
                $"Kernel {kernel.Version} has no {string.Join(", ", missing)}: it cannot reach the VM's root file system.",
                "Choose a disk controller that this kernel has a driver for (Test-P2VTask lists them), or install another kernel on the source, and run the conversion again."
            );
        }
    }

    private static IEnumerable<string> All(TargetLayout layout)
    {
        foreach (var volume in EarlyMountPoints.Select(layout.VolumeAt).OfType<TargetVolume>())
        {
            foreach (var module in layout.DisksOf(volume).SelectMany(disk => Controller(disk.Address.Controller)))
            {
                yield return module;
            }

            if (volume.Device.VolumeGroup is not null)
            {
                yield return "dm_mod";
            }

            yield return volume.FileSystem.Kind switch
            {
                FileSystemKind.Xfs => "xfs",
                FileSystemKind.Btrfs => "btrfs",
                FileSystemKind.Vfat => "vfat",
                // Since 2.6.33 it reads its elders too, and distributions build it in their place.
                _ => "ext4",
            };
        }
    }

    private static string[] Controller(DiskController controller) =>
        controller switch
        {
            DiskController.Pvscsi => ["vmw_pvscsi", "sd_mod"],
            DiskController.LsiLogicSas => ["mptsas", "sd_mod"],
            DiskController.LsiLogic => ["mptspi", "sd_mod"],
            DiskController.Ahci => ["ahci", "sd_mod"],
            DiskController.Nvme => ["nvme"],
            _ => ["virtio_pci", "virtio_scsi", "sd_mod"],
        };
}
