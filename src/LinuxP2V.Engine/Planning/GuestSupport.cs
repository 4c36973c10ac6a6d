using LinuxP2V.Engine.Sources.Model;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Engine.Planning;

/// <summary>What the reconfiguration in the helper can handle of a guest, as far as it decides whether there is a plan.</summary>
internal static class GuestSupport
{
    /// <summary>Where the helper looks for the EFI system partition.</summary>
    public static readonly IReadOnlyList<string> EfiSystemPlaces = ["/boot/efi", "/efi", "/boot"];

    public static readonly IReadOnlyList<string> InitramfsTools = ["initramfs-tools", "dracut"];

    private static readonly string[] BiosLoaders = ["grub2"];
    private static readonly string[] UefiLoaders = ["grub2", "systemd-boot"];

    public static IReadOnlyList<string> LoadersOf(Firmware firmware) => firmware == Firmware.Uefi ? UefiLoaders : BiosLoaders;

    /// <summary>
    /// The kernel that the VM will boot: the running one, or where an update removed it, the newest that is there. Null:
    /// there is none.
    /// </summary>
    public static KernelFacts? BootKernel(SourceFacts facts)
    {
        var images = facts.Kernels.Where(kernel => kernel.ImagePath is not null).ToList();
        return images.FirstOrDefault(kernel => kernel.Version == facts.OperatingSystem.RunningKernel)
            ?? (images.Count > 0 ? images[images.Count - 1] : null);
    }
}
