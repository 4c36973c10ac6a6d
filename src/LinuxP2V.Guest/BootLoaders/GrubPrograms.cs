using LinuxP2V.Guest.Files;

namespace LinuxP2V.Guest.BootLoaders;

/// <summary>GRUB's installer and its parts, where distributions keep them.</summary>
internal static class GrubPrograms
{
    private static readonly string[] Installers = ["grub-install", "grub2-install"];

    private static readonly string[] MenuMakers = ["grub-mkconfig", "grub2-mkconfig"];

    private static readonly string[] LegacyMenus = ["/boot/grub/grub.conf", "/boot/grub/menu.lst"];

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

    /// <summary>The program that makes GRUB's menu; null where there is none.</summary>
    public static string? MenuMaker(GuestTree files) => MenuMakers.FirstOrDefault(name => files.Program(name) is not null);

    /// <summary>The menu of GRUB 1, whose installer is named like GRUB 2's.</summary>
    /// <param name="folders">More folders to look in, such as the loader's on the EFI system partition.</param>
    /// <returns>Null where GRUB 2 can make a menu, or where there is neither.</returns>
    public static string? LegacyMenu(GuestTree files, params IEnumerable<string> folders) =>
        MenuMaker(files) is not null
            ? null
            : folders.Select(folder => $"{folder}/grub.conf").Concat(LegacyMenus).FirstOrDefault(files.FileExists);

    public static bool HasBiosParts(GuestTree files) => PartFolders.Any(folder => files.FileExists($"{folder}/i386-pc/boot.img"));

    public static bool HasEfiParts(GuestTree files) => PartFolders.Any(folder => files.FileExists($"{folder}/x86_64-efi/modinfo.sh"));
}
