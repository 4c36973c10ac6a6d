using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Reconfigure.BootLoader;
using LinuxP2V.Agent.Reconfigure.Tree;
using LinuxP2V.Agent.Storage;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Reconfigure.Steps;

/// <summary>Looks at the result as the firmware, the boot loader and the kernel will. Changes nothing.</summary>
internal sealed class ValidationStep : IReconfigureStep
{
    private static readonly string[] Menus = ["/boot/grub/grub.cfg", "/boot/grub2/grub.cfg"];

    public string Concern => "Validation";

    public bool Detect(ReconfigureContext context) => true;

    public async Task<IReadOnlyList<PlannedChange>> PlanAsync(ReconfigureContext context, CancellationToken cancellationToken)
    {
        foreach (var entry in FstabText.Entries(context.Files.TryReadText("/etc/fstab") ?? ""))
        {
            if (
                FstabText.IsDevice(entry.Spec)
                && !entry.Options.Contains("nofail")
                && !entry.Options.Contains("noauto")
                && context.Devices.Resolve(entry.Spec).Fate != DeviceFate.Kept
            )
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
        return [];
    }

    private static void CheckMenu(ReconfigureContext context)
    {
        foreach (var path in Menus.Where(context.Files.FileExists))
        {
            var text = context.Files.ReadText(path);
            if (GrubMenuText.WhyNot(text, context.Devices) is { } why)
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
                if (!context.Files.FileExists(prefix + image))
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
        var mount = context.Files.Host(context.Layout.EfiVolume()!.MountPoint!);
        var folder = EfiLoaders.Entry(mount, "EFI") is { } efi ? EfiLoaders.Entry(efi, "BOOT") : null;
        var file = folder is null ? null : EfiLoaders.Entry(folder, "BOOTX64.EFI");
        var start = file is null ? [] : await File.ReadAllBytesAsync(file, cancellationToken);
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
