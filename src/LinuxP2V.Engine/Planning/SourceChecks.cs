using LinuxP2V.Guest.BootLoaders;
using LinuxP2V.Guest.Kernels;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Planning;

/// <summary>What no choice of volumes can change: a source that cannot become a VM.</summary>
internal static class SourceChecks
{
    /// <summary>All of them are asked, so that an admin is told everything at once.</summary>
    private static readonly IReadOnlyList<Func<PlanInput, IEnumerable<Finding>>> All =
    [
        CheckArchitecture,
        CheckTools,
        CheckBootLoader,
        CheckKernels,
        CheckInitramfsTool,
        CheckPlacement,
    ];

    /// <returns>Of a container that alone: it has neither a kernel nor a boot loader of its own.</returns>
    public static IReadOnlyList<Finding> Run(PlanInput input, DeviceGraph graph) =>
        [.. CheckRights(input), .. MachineKind.Check(input, graph) is { } foreign ? [foreign] : All.SelectMany(check => check(input))];

    private static IEnumerable<Finding> CheckRights(PlanInput input)
    {
        if (!input.Facts.IsRoot)
        {
            yield return Error(
                ErrorIds.RootRequired,
                input.Host,
                $"{input.Host} was read without root: partition tables and file systems could not be looked into, and "
                    + $"files of others could not be copied.",
                "Log in as root, or let the user use sudo and do not forbid elevation."
            );
        }

        if (input.Facts.IsSudoOutputLogged)
        {
            yield return Error(
                ErrorIds.SudoLogsOutput,
                input.Host,
                $"sudo on {input.Host} records what the commands of this user write (log_output in sudoers): it would keep a "
                    + "copy of all copied data on the source.",
                "Add '!log_output' for this user to the Defaults in sudoers, or log in as root."
            );
        }
    }

    private static IEnumerable<Finding> CheckArchitecture(PlanInput input)
    {
        var architecture = input.Facts.OperatingSystem.Architecture;
        if (architecture is not ("x86_64" or "amd64" or "i386" or "i486" or "i586" or "i686"))
        {
            yield return Error(
                ErrorIds.ArchitectureNotSupported,
                input.Host,
                $"{input.Host} is a machine of architecture {architecture}; only x86 machines (x86_64, i686) can be cloned.",
                "Move its services to a VM that was installed anew."
            );
        }
    }

    private static IEnumerable<Finding> CheckTools(PlanInput input)
    {
        if (!input.Facts.Tools.Has("tar"))
        {
            yield return Error(
                ErrorIds.MissingTar,
                input.Host,
                $"{input.Host} has no tar, which reads the files for the copy.",
                "Install the package tar on the source."
            );
        }
    }

    private static IEnumerable<Finding> CheckBootLoader(PlanInput input)
    {
        var boot = input.Facts.Boot;
        var known = BootLoaderNames.SupportedBy(input.Facts.Hardware.Firmware);
        if (input.Settings.SkipReconfiguration || known.Contains(boot.Loader))
            yield break;

        yield return boot.Loader is null
            ? Error(
                ErrorIds.BootLoaderNotSupported,
                input.Host,
                $"No boot loader was recognised on {input.Host}: there is no grub.cfg below /boot.",
                "Mount /boot and the EFI system partition and read the source again. A machine that is booted from "
                    + "the network or by its host cannot boot by itself as a VM."
            )
            : Error(
                ErrorIds.BootLoaderNotSupported,
                boot.Loader,
                $"{input.Host} boots with {boot.Loader} ({boot.ConfigurationPath}) by "
                    + $"{(input.Facts.Hardware.Firmware == Firmware.Uefi ? "UEFI" : "BIOS")}; there only "
                    + $"{string.Join(" and ", known)} can be set up in the copy.",
                "Install GRUB 2 on the source first, or copy with -SkipReconfiguration and make the copy boot from a rescue system."
            );
    }

    private static IEnumerable<Finding> CheckKernels(PlanInput input)
    {
        if (input.Settings.SkipReconfiguration)
            yield break;

        var kernel = SourceKernel.Of(input.Facts);
        if (kernel is null)
        {
            yield return Error(
                ErrorIds.BootFolderEmpty,
                "/boot",
                $"/boot on {input.Host} holds no kernel that has modules in /lib/modules.",
                "Mount /boot if it has a partition of its own, or install the distribution's kernel package."
            );
        }
        else if (kernel.IsModuleListMissing)
        {
            yield return Error(
                ErrorIds.KernelModulesNotListed,
                kernel.Version,
                $"The modules of kernel {kernel.Version} are not listed (/lib/modules/{kernel.Version}/modules.dep is "
                    + $"missing): no initramfs with the VM's drivers can be made for it.",
                $"Run 'depmod -a {kernel.Version}' on the source and read it again."
            );
        }
    }

    private static IEnumerable<Finding> CheckInitramfsTool(PlanInput input)
    {
        var tool = input.Facts.Boot.InitramfsTool;
        if (!new DriverSupport(input).LacksInitramfsTool)
            yield break;

        yield return Error(
            ErrorIds.ReconfigurationToolMissing,
            tool ?? input.Host,
            tool is null
                ? $"{input.Host} has none of {string.Join(", ", InitramfsTool.SupportedNames)}: an initramfs with the "
                    + $"VM's drivers cannot be made."
                : $"{input.Host} makes its initramfs with {tool}; only "
                    + $"{string.Join(" and ", InitramfsTool.SupportedNames)} can be used to make one with the VM's drivers.",
            "Install dracut (or initramfs-tools, where the distribution has it) on the source, or copy with "
                + "-SkipReconfiguration and make the initramfs from a rescue system."
        );
    }

    private static IEnumerable<Finding> CheckPlacement(PlanInput input)
    {
        var placement = input.Settings.Placement;
        var places = new[]
        {
            ("-VMHost", placement.VMHost),
            ("-Datastore", placement.Datastore),
            ("-ResourcePool", placement.ResourcePool),
            ("-InventoryLocation", placement.InventoryLocation),
            ("-HelperImageDatastore", placement.HelperImageDatastore),
            ("-HelperImageItem", placement.HelperImageItem),
        }
            .Where(place => place.Item2 is not null)
            .Select(place => $"{place.Item1} {place.Item2}")
            .ToList();
        if (input.IsLocal && places.Count > 0)
        {
            yield return Error(
                ErrorIds.PlanNotPossible,
                places[0],
                $"{string.Join(", ", places)} name a place on vSphere, but the destination is the local folder "
                    + $"{input.Destination!.Address}.",
                "Leave them out, or give a vSphere server as the destination."
            );
        }

        if (placement is { HelperImageDatastore: { } datastore, HelperImageItem: { } item })
        {
            yield return Error(
                ErrorIds.PlanNotPossible,
                "-HelperImageItem",
                $"-HelperImageItem names an ISO that is there, {item}, and -HelperImageDatastore a datastore to send one to, {datastore}.",
                "Leave one of them out."
            );
        }
    }

    private static Finding Error(string id, string subject, string what, string remedy) =>
        new(FindingSeverity.Error, id, subject, what, remedy);
}
