using System.Text.RegularExpressions;
using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Kernels;
using LinuxP2V.Guest.Planning;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Guest.Initramfs;

/// <summary>Settings of the tools that build images, so that those of later updates boot the VM too.</summary>
internal sealed class InitramfsSettings(GuestContext context, string concern, InstalledKernel kernel)
{
    private const string Why = "future images must hold the drivers of the VM's disks too";
    private const string Comment = "# linuxp2v: drivers of the virtual machine\n";
    private const string ModulesFile = "/etc/initramfs-tools/modules";
    private const string DracutFolder = "/etc/dracut.conf.d";
    private const string DracutPackageFolder = "/usr/lib/dracut/dracut.conf.d";
    private const string MkinitcpioFile = "/etc/mkinitcpio.conf";
    private const string MkinitcpioFolder = "/etc/mkinitcpio.conf.d";

    /// <summary>Until 2017 the list was a string.</summary>
    private static readonly Regex MkinitcpioStringPattern = new(
        """^[ \t]*MODULES=["']""",
        RegexOptions.CultureInvariant | RegexOptions.Multiline
    );

    private static readonly Regex MkinitcpioListPattern = new(@"^[ \t]*MODULES=", RegexOptions.CultureInvariant | RegexOptions.Multiline);

    public void Plan(InitramfsToolKind tool)
    {
        switch (tool)
        {
            case InitramfsToolKind.Dracut:
                PlanDracut();
                break;
            case InitramfsToolKind.Mkinitcpio:
                PlanMkinitcpio();
                break;
            default:
                PlanInitramfsTools();
                break;
        }
    }

    private void PlanDracut()
    {
        PlanDracutLists();
        var drivers = BootModules.Drivers(context.Layout, kernel);
        if (drivers.Count > 0 && context.Files.FolderExists(DracutFolder))
        {
            var text = $"{Comment}add_drivers+=\" {string.Join(" ", drivers)} \"\n";
            context.Write(concern, $"{DracutFolder}/90-linuxp2v.conf", text, $"adds {string.Join(", ", drivers)}", Why);
        }
    }

    private void PlanDracutLists()
    {
        var root = context.Devices.Root;
        var lists = new DracutSettings(
            BootModules.Required(context.Layout, kernel),
            [
                "base",
                "kernel-modules",
                "rootfs-block",
                "udev-rules",
                "fs-lib",
                .. root?.Device.VolumeGroup is null ? Array.Empty<string>() : ["dm", "lvm"],
                .. root?.FileSystem.Kind == FileSystemKind.Btrfs ? ["btrfs"] : Array.Empty<string>(),
            ],
            root is null ? [] : [root.FileSystem.Kind.ToString().ToLowerInvariant()]
        );
        foreach (
            var path in context.Files.Files(DracutFolder, "*.conf").Append("/etc/dracut.conf").Where(context.Files.FileExists).ToList()
        )
            Write(path, lists.Transform(context.Files.ReadText(path)));

        foreach (var path in context.Files.Files(DracutPackageFolder, "*.conf"))
        {
            var own = DracutFolder + path[path.LastIndexOf('/')..];
            if (!context.Files.FileExists(own))
                Write(own, lists.Transform(context.Files.ReadText(path)));
        }
    }

    private void PlanMkinitcpio()
    {
        var drivers = BootModules.Drivers(context.Layout, kernel);
        if (drivers.Count == 0)
            return;

        var text = context.Files.TryReadText(MkinitcpioFile) ?? "";
        // A part that sets the list anew comes after the file itself.
        var resets = context
            .Files.Files(MkinitcpioFolder, "*.conf")
            .Where(path => MkinitcpioListPattern.IsMatch(context.Files.ReadText(path)));
        var path = resets.LastOrDefault() ?? MkinitcpioFile;
        if (path != MkinitcpioFile)
            text = context.Files.ReadText(path);

        var names = string.Join(" ", drivers);
        var line = MkinitcpioStringPattern.IsMatch(text) ? $"MODULES=\"$MODULES {names}\"\n" : $"MODULES+=({names})\n";
        if (!text.Contains(line))
            context.Write(concern, path, $"{Ended(text)}{Comment}{line}", $"adds {string.Join(", ", drivers)}", Why);
    }

    private void PlanInitramfsTools()
    {
        var old = context.Files.TryReadText(ModulesFile) ?? "";
        var listed = new HashSet<string>(old.Split('\n').Select(line => line.Trim().Replace('-', '_')));
        // What the machine needs and no more: each further module is loaded at every boot from this file.
        var wanted = BootModules
            .Required(context.Layout, kernel)
            .Where(module => kernel.Modules.Contains(module) && !listed.Contains(module))
            .ToList();
        if (wanted.Count > 0)
            context.Write(
                concern,
                ModulesFile,
                $"{Ended(old)}{Comment}{string.Join("\n", wanted)}\n",
                $"lists {string.Join(", ", wanted)}",
                Why
            );
    }

    private void Write(string path, ChangedText changed)
    {
        if (changed.Changes.Count > 0)
            context.Write(concern, path, changed.Text, changed.What, changed.Why);
    }

    private static string Ended(string text) => text.Length == 0 || text.EndsWith("\n", StringComparison.Ordinal) ? text : text + "\n";
}
