using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Guest.Kernels;

/// <summary>The modules without which the VM does not find its root file system.</summary>
internal static class BootModules
{
    /// <summary>All that a later change of the VM's hardware could ask for; taken as far as the kernel has them.</summary>
    private static readonly string[] Welcome =
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

    /// <summary>What the kernel would need and has neither built in nor as a module; such a kernel cannot boot the VM.</summary>
    public static IReadOnlyList<string> Missing(TargetLayout layout, InstalledKernel kernel) =>
        [.. All(layout).Distinct().Where(module => !kernel.Has(module))];

    /// <summary>
    /// Modules that an image is given, as far as the kernel has them. Disk drivers only: an adapter that is driven in the
    /// initramfs gets its name before the copy's rules are read.
    /// </summary>
    public static IReadOnlyList<string> Drivers(TargetLayout layout, InstalledKernel kernel) =>
        [.. Welcome.Concat(Required(layout, kernel)).Distinct().Where(kernel.Modules.Contains)];

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
