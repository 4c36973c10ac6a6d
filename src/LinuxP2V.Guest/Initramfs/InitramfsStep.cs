using LinuxP2V.Guest.Kernels;
using LinuxP2V.Guest.Planning;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Guest.Initramfs;

/// <summary>Every kernel that can drive the VM's disks gets an initramfs that holds their drivers, now and at later updates.</summary>
internal sealed class InitramfsStep : IGuestStep
{
    public string Concern => "Initramfs";

    public void Plan(GuestContext context)
    {
        if (context.BootKernel is not { } boot)
            return;

        var missing = BootModules.Missing(context.Layout, boot);
        if (missing.Count > 0)
        {
            context.Fail(
                ErrorIds.ReconfigurationFailed,
                boot.Version,
                $"Kernel {boot.Version} has no {string.Join(", ", missing)}: it cannot reach the VM's root file system.",
                "Choose a disk controller that this kernel has a driver for, or install another kernel on the source."
            );
        }

        if (PlanIndex(context, boot) && missing.Count == 0)
            PlanImages(context, boot);
    }

    /// <returns>False where no module could be loaded.</returns>
    private bool PlanIndex(GuestContext context, InstalledKernel boot)
    {
        var hasDepmod = context.Files.Program("depmod") is not null;
        foreach (var kernel in context.Kernels.Where(kernel => !kernel.HasModuleIndex && hasDepmod))
            context.Run(new ModuleIndexBuild(Concern, kernel.Version));

        if (boot.HasModuleIndex || hasDepmod)
            return true;

        context.Fail(
            ErrorIds.ReconfigurationToolMissing,
            $"/lib/modules/{boot.Version}/modules.dep",
            $"Kernel {boot.Version} has no list of its modules (modules.dep), and there is no depmod to make one.",
            $"Install kmod on the source and run: depmod -a {boot.Version}"
        );
        return false;
    }

    private void PlanImages(GuestContext context, InstalledKernel boot)
    {
        if (UnifiedImages.Report(context) && boot.Image.StartsWith("/lib/modules/", StringComparison.Ordinal))
            return;

        if (InitramfsTool.Of(context.Files) is not { } tool)
        {
            PlanWithoutTool(context, boot);
            return;
        }

        new InitramfsSettings(context, Concern, boot).Plan(tool);
        foreach (var kernel in context.Kernels.OrderBy(kernel => kernel == boot ? 0 : 1))
            PlanImages(context, tool, kernel, kernel == boot);
    }

    private void PlanImages(GuestContext context, InitramfsToolKind tool, InstalledKernel kernel, bool isBootKernel)
    {
        if (!isBootKernel && BootModules.Missing(context.Layout, kernel).Count > 0)
        {
            context.Warn(
                "KernelWithoutDriver",
                kernel.Version,
                $"Kernel {kernel.Version} has no driver for the VM's disks; it stays in the menu but does not boot.",
                "Remove it from the copy, or install one that has the driver."
            );
            return;
        }

        // Several loaders may each have their own image of a kernel; the one that is started is not known for sure.
        foreach (
            var image in kernel.OtherInitramfsPaths.Prepend(
                kernel.InitramfsPath ?? InitramfsTool.DefaultImage(tool, kernel, context.Kernels)
            )
        )
            PlanImage(context, tool, kernel, image, isBootKernel);

        if (kernel.InitramfsPath is null)
            context.MenuReasons.Add($"kernel {kernel.Version} had no initramfs");
    }

    private void PlanImage(GuestContext context, InitramfsToolKind tool, InstalledKernel kernel, string image, bool isBootKernel)
    {
        var isOnLvm = context.Devices.Root?.Device.VolumeGroup is not null;
        context.Run(
            new InitramfsBuild(
                Concern,
                kernel,
                image,
                tool,
                BootModules.Required(context.Layout, kernel),
                isOnLvm ? ["lvm"] : [],
                BootModules.Drivers(context.Layout, kernel),
                [.. context.InitramfsInputs],
                isBootKernel
            ),
            makes: image
        );
    }

    private static void PlanWithoutTool(GuestContext context, InstalledKernel boot)
    {
        var required = BootModules.Required(context.Layout, boot);
        if (required.Count == 0)
        {
            context.Note($"Kernel {boot.Version} has the VM's drivers built in and needs no initramfs.");
            return;
        }

        var needs = $"kernel {boot.Version} needs {string.Join(", ", required)} to find its root";
        var other = InitramfsTool.OtherOf(context.Files);
        context.Fail(
            ErrorIds.ReconfigurationToolMissing,
            boot.Version,
            other is { } found
                ? $"The initramfs is built by {found.Program}, which LinuxP2V cannot run, and {needs}."
                : $"There is neither initramfs-tools nor dracut nor mkinitcpio, and {needs}.",
            other?.Remedy ?? "Install initramfs-tools, dracut or mkinitcpio on the source, whichever its distribution has."
        );
    }
}
