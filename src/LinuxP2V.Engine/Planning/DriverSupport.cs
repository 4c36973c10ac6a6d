using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Sources.Model;
using LinuxP2V.Guest.Kernels;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Planning;

/// <summary>Chooses virtual hardware that the kernel which must boot has a driver for.</summary>
internal sealed class DriverSupport
{
    private static readonly DiskController[] Preference =
    [
        DiskController.Pvscsi,
        DiskController.LsiLogicSas,
        DiskController.LsiLogic,
        DiskController.Nvme,
        DiskController.Ahci,
        DiskController.VirtioScsi,
    ];

    private readonly SourceFacts facts;
    private readonly bool isLocal;
    private readonly string kernel;
    private readonly IReadOnlyList<string> drivers;

    /// <summary>Those that are there before the root file system is mounted.</summary>
    private readonly IReadOnlyList<string> earlyDrivers;

    public DriverSupport(PlanInput input)
    {
        facts = input.Facts;
        isLocal = input.IsLocal;
        var running = facts.OperatingSystem.RunningKernel;
        var judged = SourceKernel.Of(facts) ?? facts.Kernels.FirstOrDefault(candidate => candidate.Version == running);
        kernel = judged?.Version ?? running;
        drivers = judged?.Drivers ?? [];
        earlyDrivers = CanUseModules(input) ? drivers : judged?.BuiltInDrivers ?? [];
        LacksInitramfsTool = !CanUseModules(input) && Preference.All(candidate => WhyNot(candidate) is not null);
        if (LacksInitramfsTool)
            earlyDrivers = drivers;
    }

    /// <summary>
    /// The kernel reaches a disk of the VM only by an initramfs, and nothing on the source can build one. A controller is
    /// chosen all the same, so that other faults of the plan are told too.
    /// </summary>
    public bool LacksInitramfsTool { get; }

    /// <exception cref="P2VException">PlanNotPossible, NoVmDrivers.</exception>
    public DiskController ChooseController(DiskController? asked)
    {
        if (asked is { } controller)
        {
            Refuse(WhyNot(controller), $"disk controller {controller}", "-DiskController");
            return controller;
        }

        foreach (var candidate in Preference)
        {
            // QEMU has another chip in its place, whose driver the facts do not tell.
            if (WhyNot(candidate) is null && !(isLocal && candidate == DiskController.LsiLogic))
                return candidate;
        }

        throw None("disk controller", "vmw_pvscsi, mptsas, mptspi, nvme, ahci");
    }

    /// <exception cref="P2VException">PlanNotPossible, NoVmDrivers.</exception>
    public AdapterKind ChooseAdapter(AdapterKind? asked)
    {
        if (asked is { } kind)
        {
            Refuse(WhyNot(kind), $"network adapter {kind}", "-AdapterKind");
            return kind;
        }

        AdapterKind[] preference = [AdapterKind.Vmxnet3, AdapterKind.E1000e, AdapterKind.E1000, AdapterKind.VirtioNet];
        foreach (var candidate in preference)
        {
            if (WhyNot(candidate) is null)
                return candidate;
        }

        throw None("network adapter", "vmxnet3, e1000e, e1000");
    }

    /// <summary>A copy that is not reconfigured keeps the initramfs that it has.</summary>
    private static bool CanUseModules(PlanInput input) =>
        input.Settings.SkipReconfiguration || InitramfsTool.SupportedNames.Contains(input.Facts.Boot.InitramfsTool);

    private string? WhyNot(DiskController controller)
    {
        if (controller == DiskController.VirtioScsi && !isLocal)
            return "vSphere has none";

        // Debian's OVMF, and others built like it, have no driver for these: the firmware would find no disk to boot.
        var isUnseen = controller is DiskController.Pvscsi or DiskController.LsiLogicSas or DiskController.LsiLogic;
        if (isLocal && isUnseen && facts.Hardware.Firmware == Firmware.Uefi)
            return "QEMU's UEFI firmware (OVMF) cannot boot from it";

        return controller switch
        {
            DiskController.Pvscsi => LacksEarly("vmw_pvscsi"),
            DiskController.LsiLogicSas => LacksEarly("mptsas"),
            DiskController.LsiLogic => isLocal ? null : LacksEarly("mptspi"),
            DiskController.Nvme => LacksEarly("nvme"),
            DiskController.Ahci => LacksEarly("ahci"),
            _ => LacksEarly("virtio_scsi"),
        };
    }

    private string? WhyNot(AdapterKind kind) =>
        kind switch
        {
            AdapterKind.Vmxnet3 => Lacks("vmxnet3"),
            AdapterKind.E1000e => Lacks("e1000e"),
            AdapterKind.E1000 => Lacks("e1000"),
            _ => isLocal ? Lacks("virtio_net") : "vSphere has none",
        };

    private string? Lacks(string driver) => drivers.Contains(driver) ? null : $"the kernel {kernel} has no driver {driver}";

    private string? LacksEarly(string driver) =>
        Lacks(driver)
        ?? (
            earlyDrivers.Contains(driver)
                ? null
                : $"the kernel {kernel} has {driver} as a module, and nothing on the source can build an initramfs for it"
        );

    private static void Refuse(string? why, string what, string parameter)
    {
        if (why is not null)
        {
            throw new P2VException(
                ErrorIds.PlanNotPossible,
                $"The {what} cannot be used: {why}.",
                $"Leave {parameter} out: the planner then takes one that fits."
            );
        }
    }

    private P2VException None(string what, string wanted) =>
        new(
            ErrorIds.NoVmDrivers,
            $"Kernel {kernel} of {facts.HostName} has a driver for no {what} of the VM (it would need one of {wanted}).",
            "Install the distribution's general-purpose kernel on the source, boot it and read the source again with "
                + "Get-P2VSource: kernels made for one platform lack these.",
            kernel
        );
}
