using LinuxP2V.Guest.BootLoaders;
using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Planning;
using LinuxP2V.Protocol.Findings;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Guest.Checks;

/// <summary>
/// Looks at a guest's files as the boot loader and the system will: is there what the default entry starts, and does the
/// system ask for devices that the VM has? An error means that it would not boot. What cannot be understood is said.
/// </summary>
public static class BootCheck
{
    /// <summary>Of a copy as it is, after the reconfiguration.</summary>
    public static IReadOnlyList<Finding> Run(IGuestStore store, GuestTarget target)
    {
        var files = new GuestTree(store);
        return [.. BootEntryCheck.Run(files, target), .. DeviceCheck.Run(files, target)];
    }

    /// <summary>The program that the VM's firmware starts by UEFI; null where it is not there.</summary>
    public static string? FallbackLoader(IGuestStore store, GuestTarget target) =>
        target.Layout.EfiVolume() is { MountPoint: { } mount }
            ? EfiPartition.Read(new GuestTree(store), target.Layout, mount, target.Options.BootedLoader).Fallback
            : null;

    /// <summary>Of a guest as a plan will leave it. A menu that is made anew is not known yet.</summary>
    public static IReadOnlyList<Finding> Run(GuestTarget target, GuestPlan plan)
    {
        var files = new GuestTree(plan.Planned);
        return
        [
            // Of a loader that cannot be set up all is said.
            .. plan.Changes.OfType<GrubMenuBuild>().Any() || plan.Errors.Any(error => error.Id == ErrorIds.BootLoaderNotSupported)
                ? []
                : BootEntryCheck.Run(files, target).Concat(StartCheck.Run(files, target, plan.Kernel)),
            .. DeviceCheck.Run(files, target),
        ];
    }
}
