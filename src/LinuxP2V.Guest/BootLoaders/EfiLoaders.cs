using LinuxP2V.Guest.Files;

namespace LinuxP2V.Guest.BootLoaders;

/// <summary>Loaders on an EFI system partition. Names are compared as FAT does, without case.</summary>
internal static class EfiLoaders
{
    public const string FallbackFolder = "BOOT";
    public const string FallbackFile = "BOOTX64.EFI";

    private static readonly string[] Order = ["shimx64.efi", "shim.efi", "grubx64.efi", "grub.efi", "systemd-bootx64.efi"];

    /// <summary>
    /// shim starts GRUB of its own folder, and MokManager to enrol keys, by the names of its distribution. fbx64.efi stays
    /// away: beside a fallback loader it would rather write boot entries and restart than start GRUB.
    /// </summary>
    private static readonly string[] ShimCompanions = ["grubx64.efi", "grub.efi", "mmx64.efi", "MokManager.efi"];

    /// <param name="efi">The folder EFI of the mounted partition.</param>
    public static IReadOnlyList<EfiLoader> Find(GuestTree files, string efi) =>
        [
            .. files
                .Folders(efi)
                .Where(folder => !folder.EndsWith("/" + FallbackFolder, StringComparison.OrdinalIgnoreCase))
                .Select(folder => Read(files, folder))
                .OfType<EfiLoader>(),
        ];

    private static EfiLoader? Read(GuestTree files, string folder)
    {
        var loader = Order.Select(name => Name(files, folder, name)).FirstOrDefault(name => name is not null);
        if (loader is null)
            return null;

        var companions = loader.StartsWith("shim", StringComparison.OrdinalIgnoreCase)
            ? ShimCompanions.Select(name => Name(files, folder, name)).OfType<string>().ToArray()
            : [];
        return new EfiLoader(folder, loader, companions);
    }

    private static string? Name(GuestTree files, string folder, string name) =>
        files.FindIgnoringCase(folder, name) is { } path && files.FileExists(path) ? path[(path.LastIndexOf('/') + 1)..] : null;
}
