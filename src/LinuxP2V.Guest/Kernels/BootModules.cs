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

    /// <summary>What the drivers of disks stand on.</summary>
    private static readonly string[] Below =
    [
        "scsi_mod",
        "mptbase",
        "mptscsih",
        "scsi_transport_spi",
        "scsi_transport_sas",
        "libata",
        "libahci",
        "nvme_core",
        "virtio",
        "virtio_ring",
    ];

    private static readonly string[] EarlyMountPoints = ["/", "/usr"];

    /// <summary>Names with underscores, built-in ones of the kernel left out.</summary>
    public static IReadOnlyList<string> Required(TargetLayout layout, InstalledKernel kernel) =>
        [.. All(layout, kernel).Distinct().Where(module => !kernel.BuiltIn.Contains(module))];

    /// <summary>What the kernel would need and has neither built in nor as a module; such a kernel cannot boot the VM.</summary>
    public static IReadOnlyList<string> Missing(TargetLayout layout, InstalledKernel kernel) =>
        [.. All(layout, kernel).Distinct().Where(module => !kernel.Has(module))];

    /// <summary>
    /// Modules that an image is given, as far as the kernel has them. Disk drivers only: an adapter that is driven in the
    /// initramfs gets its name before the copy's rules are read.
    /// </summary>
    public static IReadOnlyList<string> Drivers(TargetLayout layout, InstalledKernel kernel) =>
        [.. Welcome.Concat(Required(layout, kernel)).Distinct().Where(kernel.Modules.Contains)];

    /// <summary>Modules that no rule may keep from being loaded, whether or not the kernel has them.</summary>
    public static IReadOnlyList<string> NeverBlocked(TargetLayout layout, InstalledKernel? kernel) =>
        [.. Welcome.Concat(Below).Concat(All(layout, kernel)).Distinct()];

    /// <summary>Of the controller that the root file system's first disk hangs on; null without a root volume.</summary>
    public static string? DiskDriver(TargetLayout layout) =>
        layout.VolumeAt("/") is { } root
            ? layout.DisksOf(root).SelectMany(disk => Controller(disk.Address.Controller)).FirstOrDefault()
            : null;

    private static IEnumerable<string> All(TargetLayout layout, InstalledKernel? kernel)
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
                FileSystemKind.Ext2 or FileSystemKind.Ext3 when kernel is not null && !kernel.Has("ext4") && kernel.Has("ext3") => "ext3",
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
