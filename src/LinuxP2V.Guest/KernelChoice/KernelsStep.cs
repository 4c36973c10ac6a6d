using LinuxP2V.Guest.Kernels;
using LinuxP2V.Guest.Planning;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Guest.KernelChoice;

/// <summary>
/// Finds the kernels and chooses the one that the copy shall start: the one that ran on the source where it is there and
/// can drive the VM, else the newest that can. Changes nothing.
/// </summary>
internal sealed class KernelsStep : IGuestStep
{
    public string Concern => "Kernels";

    public void Plan(GuestContext context)
    {
        context.Kernels = KernelFinder.Find(context.Files);
        var running = context.Kernels.FirstOrDefault(kernel => kernel.Version == context.Options.RunningKernel);
        context.BootKernel = BootKernel.Choose(
            context.Kernels,
            kernel => kernel.Version,
            context.Options.RunningKernel,
            kernel => BootModules.Missing(context.Layout, kernel).Count == 0
        );
        if (context.BootKernel is not { } boot)
        {
            Refuse(context);
            return;
        }

        context.Note($"Kernels: {string.Join(", ", context.Kernels.Select(kernel => kernel.Version))}.");
        if (boot != running)
            TellOfOther(context, running, boot);
    }

    private static void TellOfOther(GuestContext context, InstalledKernel? running, InstalledKernel boot)
    {
        var reason = running is null
            ? "is not among its files: an update has removed it since the source was started"
            : $"has no {string.Join(", ", BootModules.Missing(context.Layout, running))}, which the VM needs";
        context.Warn(
            "KernelChanged",
            context.Options.RunningKernel,
            $"Kernel {context.Options.RunningKernel}, which runs on the source, {reason}. The VM starts kernel {boot.Version}.",
            running is null
                ? "If the VM shall start what the source runs, restart the source first and read it again."
                : "To keep the kernel, choose a disk controller that it has a driver for."
        );
    }

    private static void Refuse(GuestContext context) =>
        context.Fail(
            ErrorIds.ReconfigurationFailed,
            context.Options.RunningKernel,
            $"There is no kernel among the files: neither {context.Options.RunningKernel}, which runs on the source, nor another one.",
            "Check that /boot is part of the task, and that the source's kernel is in /boot or /lib/modules."
        );
}
