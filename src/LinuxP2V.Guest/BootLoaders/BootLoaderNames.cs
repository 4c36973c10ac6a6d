using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Guest.BootLoaders;

/// <summary>Names of the loaders that can be set up in a copy, as discovery gives them.</summary>
public static class BootLoaderNames
{
    public const string Grub2 = "grub2";
    public const string SystemdBoot = "systemd-boot";

    /// <summary>systemd-boot is a program of UEFI's.</summary>
    public static IReadOnlyList<string> SupportedBy(Firmware firmware) => firmware == Firmware.Uefi ? [Grub2, SystemdBoot] : [Grub2];
}
