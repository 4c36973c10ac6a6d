using LinuxP2V.Guest.Kernels;
using LinuxP2V.Guest.Planning;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Guest.Initramfs;

/// <summary>Every kernel that can drive the VM's disks gets an initramfs that holds their drivers, now and at later updates.</summary>
internal sealed class InitramfsStep : IGuestStep
{
    private const string ModulesFile = "/etc/initramfs-tools/modules";
    private const string DracutFolder = "/etc/dracut.conf.d";
    private const string DracutFile = $"{DracutFolder}/90-linuxp2v.conf";

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
            return;
        }

        if (InitramfsTool.Of(context.Files) is not { } tool)
        {
            PlanWithoutTool(context, boot);
            return;
        }

        PlanSettings(context, tool, boot);
        foreach (var kernel in context.Kernels.OrderBy(kernel => kernel == boot ? 0 : 1))
            PlanImage(context, tool, kernel, kernel == boot);
    }

    private void PlanImage(GuestContext context, InitramfsToolKind tool, InstalledKernel kernel, bool isBootKernel)
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

        var modules = BootModules.Required(context.Layout, kernel);
        var isOnLvm = context.Devices.Root?.Device.VolumeGroup is not null;
        context.Run(
            new InitramfsBuild(
                Concern,
                kernel,
                kernel.InitramfsPath ?? InitramfsTool.DefaultImage(tool, kernel, context.Kernels),
                tool,
                modules,
                isOnLvm ? ["lvm"] : [],
                BootModules.Drivers(context.Layout, kernel),
                [.. context.InitramfsInputs],
                isBootKernel
            )
        );
        if (kernel.InitramfsPath is null)
            context.MenuReasons.Add($"kernel {kernel.Version} had no initramfs");
    }

    /// <summary>Settings that keep future images bootable too.</summary>
    private void PlanSettings(GuestContext context, InitramfsToolKind tool, InstalledKernel kernel)
    {
        const string Why = "future images must hold the drivers of the VM's disks too";
        if (tool == InitramfsToolKind.Dracut)
        {
            var drivers = BootModules.Drivers(context.Layout, kernel);
            if (drivers.Count > 0 && context.Files.FolderExists(DracutFolder))
            {
                var text = $"# linuxp2v: drivers of the virtual machine\nadd_drivers+=\" {string.Join(" ", drivers)} \"\n";
                context.Write(Concern, DracutFile, text, $"adds {string.Join(", ", drivers)}", Why);
            }

            return;
        }

        var old = context.Files.TryReadText(ModulesFile) ?? "";
        var listed = new HashSet<string>(old.Split('\n').Select(line => line.Trim().Replace('-', '_')));
        // What the machine needs and no more: each further module is loaded at every boot from this file.
        var wanted = BootModules
            .Required(context.Layout, kernel)
            .Where(module => kernel.Modules.Contains(module) && !listed.Contains(module))
            .ToList();
        if (wanted.Count == 0)
            return;

        var start = old.Length == 0 || old.EndsWith("\n", StringComparison.Ordinal) ? old : old + "\n";
        context.Write(
            Concern,
            ModulesFile,
            $"{start}# linuxp2v: drivers of the virtual machine\n{string.Join("\n", wanted)}\n",
            $"lists {string.Join(", ", wanted)}",
            Why
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

        context.Fail(
            ErrorIds.ReconfigurationToolMissing,
            boot.Version,
            $"There is neither initramfs-tools nor dracut, and kernel {boot.Version} needs {string.Join(", ", required)} to find its root.",
            "Install initramfs-tools or dracut on the source."
        );
    }
}
