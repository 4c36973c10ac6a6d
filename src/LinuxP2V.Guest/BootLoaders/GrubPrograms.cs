using LinuxP2V.Guest.Files;

namespace LinuxP2V.Guest.BootLoaders;

/// <summary>GRUB's installer and its parts, where distributions keep them.</summary>
internal static class GrubPrograms
{
    private static readonly string[] Installers = ["grub-install", "grub2-install"];

    /// <summary>SUSE keeps them below /usr/share.</summary>
    private static readonly string[] PartFolders =
    [
        "/usr/lib/grub",
        "/usr/share/grub2",
        "/usr/lib/grub2",
        "/usr/lib64/grub",
        "/usr/share/grub",
    ];

    /// <returns>Null where there is none.</returns>
    public static string? Installer(GuestTree files) => Installers.FirstOrDefault(name => files.Program(name) is not null);

    public static bool HasBiosParts(GuestTree files) => PartFolders.Any(folder => files.FileExists($"{folder}/i386-pc/boot.img"));

    public static bool HasEfiParts(GuestTree files) => PartFolders.Any(folder => files.FileExists($"{folder}/x86_64-efi/modinfo.sh"));
}
