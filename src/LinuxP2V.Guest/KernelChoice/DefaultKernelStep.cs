using LinuxP2V.Guest.BootLoaders;
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

        var loader = DefaultEntry.Of(context);
        var started = Started(context, loader).ToList();
        if (started.Count > 0 && started.All(kernel => Serves(context, kernel)))
            return;

        var wrong = started.Find(kernel => !Serves(context, kernel))?.Version ?? loader?.ReadVersion(context) ?? context.Kernels[0].Version;
        if (loader?.TryWrite(context, Concern, boot) == true)
            return;

        context.Fail(
            ErrorIds.ReconfigurationFailed,
            wrong,
            $"The boot loader starts kernel {wrong} by itself, which has no driver for the VM's disks; kernel "
                + $"{boot.Version} has one, but LinuxP2V cannot make it the default here.",
            $"Make kernel {boot.Version} the default on the source, or remove the other kernel there. Or choose a "
                + $"disk controller that both "
                + "have a driver for."
        );
    }

    /// <summary>By the menu that is there, and by the settings from which the next one will be made.</summary>
    private static IEnumerable<InstalledKernel> Started(GuestContext context, DefaultEntry? loader)
    {
        if (
            BootMenu.Find(context.Files, context.Target).Entries?.Default is { Kernel: { } path } entry
            && new GrubPaths(context.Files, context.Layout).Find(path, entry.Device) is { } file
            && KernelOfFile.Find(context.Files, context.Kernels, file) is { } inMenu
        )
            yield return inMenu;

        // The name of an entry or menu item holds the version; the longest of several that it holds is the one.
        var version = loader is null ? null : loader.ReadVersion(context) ?? context.Kernels[0].Version;
        var named = context
            .Kernels.Where(kernel => version?.Contains(kernel.Version) == true)
            .OrderByDescending(kernel => kernel.Version.Length)
            .FirstOrDefault();
        if (named is not null)
            yield return named;
    }

    private static bool Serves(GuestContext context, InstalledKernel kernel) => BootModules.Missing(context.Layout, kernel).Count == 0;
}
