using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Engine.Inspection;

/// <summary>Whether the copy can be made to boot.</summary>
internal static class BootInspection
{
    private static readonly string[] DiskDrivers = ["vmw_pvscsi", "mptsas", "mptspi", "ahci", "nvme", "virtio_scsi", "virtio_blk"];
    private static readonly string[] NetworkDrivers = ["vmxnet3", "e1000", "e1000e", "virtio_net"];

    public static IEnumerable<Finding> Inspect(InspectionScope scope) =>
        InspectLoader(scope).Concat(InspectKernels(scope)).Concat(InspectFirmware(scope));

    private static IEnumerable<Finding> InspectLoader(InspectionScope scope)
    {
        var boot = scope.Facts.Boot;
        if (boot.Loader is null)
        {
            yield return new Finding(
                FindingSeverity.Error,
                "NoBootLoader",
                scope.Host,
                $"No boot loader was recognised on {scope.Host}: there is no grub.cfg below /boot.",
                "Mount /boot and the EFI system partition and try again. A machine that is booted from the network or by its host cannot boot by itself as a VM."
            );
        }
        else if (boot.Loader != "grub2")
        {
            yield return new Finding(
                FindingSeverity.Error,
                "UnsupportedBootLoader",
                boot.Loader,
                $"{scope.Host} boots with {boot.Loader} ({boot.ConfigurationPath}); only GRUB 2 can be set up in the copy.",
                "Change the source to GRUB 2, or convert with -SkipReconfiguration and set the loader up from a rescue system."
            );
        }

        if (boot.InitramfsTool is null)
        {
            yield return new Finding(
                FindingSeverity.Error,
                "NoInitramfsTool",
                scope.Host,
                $"{scope.Host} has neither initramfs-tools, dracut, mkinitcpio nor mkinitrd: an initramfs with the VM's drivers cannot be made.",
                "Install the distribution's tool for it on the source."
            );
        }

        if (boot.BootCodeDisks.Count > 1)
        {
            yield return new Finding(
                FindingSeverity.Information,
                "MultipleBootDisks",
                InspectionScope.List(boot.BootCodeDisks),
                $"{boot.BootCodeDisks.Count} disks hold a boot loader ({InspectionScope.List(boot.BootCodeDisks)}); the VM will boot from one, taken after {boot.BootDisk}.",
                "Nothing to do for a mirror. Else check that the VM starts the system that you mean."
            );
        }
    }

    private static IEnumerable<Finding> InspectKernels(InspectionScope scope)
    {
        var release = scope.Facts.OperatingSystem.RunningKernel;
        var images = scope.Facts.Kernels.Where(kernel => kernel.ImagePath is not null).ToList();
        if (images.Count == 0)
        {
            yield return new Finding(
                FindingSeverity.Error,
                "BootFolderEmpty",
                "/boot",
                $"/boot on {scope.Host} holds no kernel that has modules in /lib/modules.",
                "Mount /boot if it has a partition of its own, or install the distribution's kernel package."
            );
        }

        var running = scope.Facts.Kernels.FirstOrDefault(kernel => kernel.Version == release);
        if (images.Count > 0 && running?.ImagePath is null)
        {
            yield return new Finding(
                FindingSeverity.Warning,
                "KernelMissing",
                release,
                $"The running kernel {release} has {(running is null ? "no modules in /lib/modules" : "no image in /boot")}; the VM will boot {images[images.Count - 1].Version}.",
                "Reboot the source into an installed kernel first, so that you know that it works."
            );
        }

        // Without the running kernel's modules those of the kernel that the VM boots count.
        var judged = running ?? (images.Count > 0 ? images[images.Count - 1] : null);
        if (judged is null)
            yield break;

        foreach (var (drivers, what) in new[] { (DiskDrivers, "disk controllers"), (NetworkDrivers, "network adapters") })
        {
            if (!judged.Drivers.Intersect(drivers).Any())
            {
                yield return new Finding(
                    FindingSeverity.Error,
                    "NoVmDrivers",
                    judged.Version,
                    $"Kernel {judged.Version} has a driver for none of the {what} that a VM can have ({InspectionScope.List(drivers)}).",
                    "Install the distribution's general kernel on the source: kernels made for one platform lack these."
                );
            }
        }
    }

    private static IEnumerable<Finding> InspectFirmware(InspectionScope scope)
    {
        var hardware = scope.Facts.Hardware;
        if (hardware.SecureBoot == true)
        {
            yield return new Finding(
                FindingSeverity.Warning,
                "SecureBootOn",
                scope.Host,
                $"Secure Boot is on at {scope.Host}: keys enrolled in its firmware do not come along.",
                "Leave Secure Boot off in the VM, or check that loader and kernel are signed by the distribution."
            );
        }

        if (
            hardware.Firmware == Firmware.Uefi
            && scope.Facts.IsRoot
            && !scope.Volumes.Any(volume => volume.FileSystem == "vfat" && volume.MountPoint is "/boot/efi" or "/efi" or "/boot")
        )
        {
            yield return new Finding(
                FindingSeverity.Error,
                "EfiSystemPartitionMissing",
                "/boot/efi",
                $"{scope.Host} was started by UEFI, but its EFI system partition is not mounted or left out.",
                "Mount it at /boot/efi (findmnt, lsblk -f show where it is) and read the source again."
            );
        }
    }
}
