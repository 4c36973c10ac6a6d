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

/// <summary>GRUB's own EFI program on the EFI system partition, made anew by the copy's own tool.</summary>
/// <param name="EfiMountPoint">Of the EFI system partition.</param>
/// <param name="Vendor">The folder below EFI that it goes to.</param>
public sealed record GrubEfiInstall(string Concern, string EfiMountPoint, string Vendor, string Program, string Why)
    : ToolChange(Concern, $"{EfiMountPoint}/EFI/{Vendor}", $"GRUB installed by {Program}", Why)
{
    /// <summary>It takes the place of the fallback loader; there is no other one.</summary>
    public bool IsFallback { get; init; }
}

/// <summary>Debian's record of the device that updates of GRUB install to.</summary>
/// <param name="Device">The boot disk, or the EFI system partition.</param>
/// <param name="Package">The package that asks.</param>
/// <param name="Question">As debconf names it.</param>
public sealed record GrubPackageDisk(string Concern, DeviceReference Device, string Package, string Question)
    : ToolChange(Concern, Question, $"names {Device}", $"the next update of {Package} would ask for the source's disk");

/// <summary>A file that names the boot disk in lines of its own, such as SUSE's grub_installdevice.</summary>
/// <param name="Devices">The names in it and what takes their place.</param>
public sealed record BootDiskRecord(string Concern, string Path, IReadOnlyDictionary<string, DeviceReference> Devices)
    : ToolChange(
        Concern,
        Path,
        $"names {string.Join(", ", Devices.Values.Distinct())}",
        "the next update of GRUB would look for the source's disk"
    );

/// <summary>An entry in the VM's firmware. It may fail: the fallback loader is there.</summary>
/// <param name="Volume">The EFI system partition.</param>
public sealed record EfiBootEntry(string Concern, TargetVolume Volume, EfiLoader Loader)
    : ToolChange(
        Concern,
        "UEFI boot entry",
        $"{Loader.Vendor}: {Loader.FirmwarePath}",
        "the VM's firmware has no boot entries of the source"
    );
