using LinuxP2V.Guest.Planning;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Guest.BootLoaders;

/// <summary>GRUB 2 in the boot disk's boot code, put there by the copy's own grub-install.</summary>
internal sealed class GrubBiosStep : IGuestStep
{
    private static readonly string[] OtherLoaders =
    [
        "/etc/lilo.conf",
        "/boot/extlinux/extlinux.conf",
        "/boot/extlinux.conf",
        "/boot/syslinux/syslinux.cfg",
    ];

    private static readonly string[] DeviceMaps = ["/boot/grub/device.map", "/boot/grub2/device.map"];

    public string Concern => "BootLoader";

    public void Plan(GuestContext context)
    {
        if (context.Layout.Firmware != Firmware.Bios)
            return;

        if (GrubPrograms.LegacyMenu(context.Files) is { } legacy)
        {
            LegacyGrub.Refuse(context, legacy);
            return;
        }

        var program = GrubPrograms.Installer(context.Files);
        if (program is null || !GrubPrograms.HasBiosParts(context.Files))
        {
            Refuse(context, program);
            return;
        }

        foreach (var path in DeviceMaps.Where(context.Files.FileExists))
            context.Remove(Concern, path, "it numbers the source's disks");

        GrubMenu.Plan(context, Concern, GrubMenuFile.OfBios(context.Files, program));
        var disk = context.Layout.BootDisk().Number;
        context.Run(new GrubInstall(Concern, disk, program));
        BootDiskRecords.Plan(context, Concern);
    }

    private static void Refuse(GuestContext context, string? program)
    {
        var other = OtherLoaders.FirstOrDefault(context.Files.FileExists);
        context.Fail(
            ErrorIds.BootLoaderNotSupported,
            other ?? "boot loader",
            program is not null ? "GRUB 2 is there, but not its files for BIOS (i386-pc)."
                : other is not null ? $"The machine boots with another loader than GRUB 2: {other}."
                : "There is no boot loader that LinuxP2V knows.",
            "Install GRUB 2 for BIOS on the source: grub-pc on Debian, grub2-pc on Red Hat, grub2-i386-pc on SUSE, "
                + "grub-bios on Alpine."
        );
    }
}
