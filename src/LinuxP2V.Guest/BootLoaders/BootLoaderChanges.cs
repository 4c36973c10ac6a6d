using LinuxP2V.Guest.Planning;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Guest.BootLoaders;

/// <summary>GRUB's menu, made anew by the copy's own tool.</summary>
/// <param name="Program">grub-mkconfig or grub2-mkconfig.</param>
public sealed record GrubMenuBuild(string Concern, string Path, string Program, string Why) : ToolChange(Concern, Path, "made anew", Why);

/// <summary>GRUB's boot code on a disk, put there by the copy's own tool.</summary>
/// <param name="Disk">Number of the layout's disk.</param>
/// <param name="Program">grub-install or grub2-install.</param>
public sealed record GrubInstall(string Concern, int Disk, string Program)
    : ToolChange(Concern, $"disk {Disk}", $"GRUB's boot code installed by {Program}", "a copy of files has no boot code");

/// <summary>Debian's record of the disk that updates of GRUB install to.</summary>
public sealed record GrubPackageDisk(string Concern, int Disk)
    : ToolChange(Concern, "grub-pc/install_devices", $"names disk {Disk}", "the next update of grub-pc would ask for the source's disk");

/// <summary>An entry in the VM's firmware. It may fail: the fallback loader is there.</summary>
/// <param name="Volume">The EFI system partition.</param>
public sealed record EfiBootEntry(string Concern, TargetVolume Volume, EfiLoader Loader)
    : ToolChange(
        Concern,
        "UEFI boot entry",
        $"{Loader.Vendor}: {Loader.FirmwarePath}",
        "the VM's firmware has no boot entries of the source"
    );
