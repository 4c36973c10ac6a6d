using LinuxP2V.Guest.Kernels;
using LinuxP2V.Guest.Planning;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Guest.KernelChoice;

/// <summary>
/// Of several kernels the loader starts one by itself: as a rule the newest. Where that one has no driver for the VM's
/// disks, the loader is told to start the chosen one.
/// </summary>
internal sealed class DefaultKernelStep : IGuestStep
{
    public string Concern => "DefaultKernel";

    public void Plan(GuestContext context)
    {
        if (context.BootKernel is not { } boot || !Serves(context, boot) || context.Kernels.All(kernel => Serves(context, kernel)))
            return;

        var loader = DefaultEntry.Of(context.Files);
        var version = loader?.ReadVersion(context) ?? context.Kernels[0].Version;
        // The name of an entry or menu item holds the version; the longest of several that it holds is the one.
        var started = context
            .Kernels.Where(kernel => version.Contains(kernel.Version))
            .OrderByDescending(kernel => kernel.Version.Length)
            .FirstOrDefault();
        if (started is not null && Serves(context, started))
            return;

        if (loader?.TryWrite(context, Concern, boot) == true)
            return;

        context.Fail(
            ErrorIds.ReconfigurationFailed,
            started?.Version ?? version,
            $"The boot loader starts kernel {started?.Version ?? version} by itself, which has no driver for the VM's disks; kernel "
                + $"{boot.Version} has one, but LinuxP2V cannot make it the default here.",
            $"Make kernel {boot.Version} the default on the source, or remove the other kernel there. Or choose a "
                + $"disk controller that both "
                + "have a driver for."
        );
    }

    private static bool Serves(GuestContext context, InstalledKernel kernel) => BootModules.Missing(context.Layout, kernel).Count == 0;
}
