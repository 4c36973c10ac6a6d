using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Reconfigure.Tree;
using LinuxP2V.Guest.BootLoaders;
using LinuxP2V.Guest.Devices;
using LinuxP2V.Guest.Storage;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Reconfigure.Check;

/// <summary>Looks at the result as the firmware, the boot loader and the kernel will. Changes nothing.</summary>
internal static class ResultCheck
{
    private static readonly string[] Menus = ["/boot/grub/grub.cfg", "/boot/grub2/grub.cfg"];

    /// <exception cref="AgentException">ReconfigurationFailed: the copy would not boot.</exception>
    public static async Task RunAsync(ReconfigureContext context, CancellationToken cancellationToken)
    {
        foreach (var entry in FstabEntry.ParseAll(context.Files.Tree.TryReadText("/etc/fstab") ?? ""))
        {
            if (entry is { IsOnDevice: true, IsOptional: false } && context.Guest.Devices.Resolve(entry.Spec).State != DeviceState.Kept)
            {
                context.Warn(
                    $"/etc/fstab mounts {entry.Spec} at {entry.MountPoint}, which is not found in the copy; the start would stop there."
                );
            }
        }

        CheckMenu(context);
        await (
            context.Layout.Firmware == Firmware.Bios
                ? CheckBootCodeAsync(context, cancellationToken)
                : CheckFallbackAsync(context, cancellationToken)
        );
    }

    private static void CheckMenu(ReconfigureContext context)
    {
        foreach (var path in Menus.Where(context.Files.Tree.FileExists))
        {
            var text = context.Files.Tree.ReadText(path);
            if (GrubMenuText.WhyNot(text, context.Guest.Devices) is { } why)
            {
                context.Warn($"{path} does not hold: {why}.");
            }

            // Paths in the menu begin at the file system that holds /boot.
            var prefix = context.Layout.VolumeAt("/boot") is null ? "" : "/boot";
            foreach (
                var (image, _) in GrubMenuText
                    .Kernels(text)
                    .Where(kernel => kernel.Image.StartsWith('/') && !kernel.Image.StartsWith("/@", StringComparison.Ordinal))
                    .DistinctBy(kernel => kernel.Image)
            )
            {
                if (!context.Files.Tree.FileExists(prefix + image))
                {
                    context.Warn($"{path} starts {image}, which is not in the copy.");
                }
            }
        }
    }

    private static async Task CheckBootCodeAsync(ReconfigureContext context, CancellationToken cancellationToken)
    {
        var boot = context.Layout.Disks.FirstOrDefault(disk => disk.IsBootDisk) ?? context.Layout.Disks[0];
        var sector = new byte[512];
        await using var stream = File.OpenRead(context.Target.DiskDevices[boot.Number]);
        await stream.ReadExactlyAsync(sector, cancellationToken);
        if (!CopyRoot.Bytes.GetString(sector).Contains("GRUB", StringComparison.Ordinal))
        {
            throw new AgentException(
                ErrorIds.ReconfigurationFailed,
                $"Disk {boot.Number} has no boot code after GRUB was installed.",
                "See the agent's log for what grub-install said, and run the reconfiguration again."
            );
        }
    }

    private static async Task CheckFallbackAsync(ReconfigureContext context, CancellationToken cancellationToken)
    {
        var files = context.Files.Tree;
        var folder = files.FindIgnoringCase(context.Layout.EfiVolume()!.MountPoint!, "EFI") is { } efi
            ? files.FindIgnoringCase(efi, "BOOT")
            : null;
        var path = folder is null ? null : files.FindIgnoringCase(folder, "BOOTX64.EFI");
        var start = path is null ? [] : await File.ReadAllBytesAsync(context.Files.Host(path), cancellationToken);
        if (start is not [(byte)'M', (byte)'Z', ..])
        {
            throw new AgentException(
                ErrorIds.ReconfigurationFailed,
                "EFI/BOOT/BOOTX64.EFI on the EFI system partition is missing or no program.",
                "Install the boot loader on the source again, synchronize, and run the reconfiguration again."
            );
        }
    }
}
