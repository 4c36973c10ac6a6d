namespace LinuxP2V.Agent.Reconfigure.BootLoader;

/// <param name="Folder">Below EFI on the ESP: debian, redhat, systemd.</param>
/// <param name="Loader">The file that the firmware starts: shimx64.efi, grubx64.efi, systemd-bootx64.efi.</param>
/// <param name="Companions">Files that the loader looks for beside itself.</param>
internal sealed record EfiLoader(string Folder, string Loader, IReadOnlyList<string> Companions)
{
    /// <summary>As the firmware writes it.</summary>
    public string FirmwarePath => $"\\EFI\\{Folder}\\{Loader}";
}

/// <summary>Loaders on an EFI system partition. Names are compared as FAT does, without case.</summary>
internal static class EfiLoaders
{
    private static readonly string[] Order = ["shimx64.efi", "shim.efi", "grubx64.efi", "systemd-bootx64.efi"];

    private static readonly string[] ShimCompanions = ["grubx64.efi", "mmx64.efi"];

    /// <param name="efi">The folder EFI of the mounted partition, in the helper.</param>
    public static IReadOnlyList<EfiLoader> Find(string efi) =>
        !Directory.Exists(efi)
            ? []
            :
            [
                .. Directory
                    .EnumerateDirectories(efi)
                    .Where(folder => !Path.GetFileName(folder).Equals("BOOT", StringComparison.OrdinalIgnoreCase))
                    .Order(StringComparer.Ordinal)
                    .Select(Read)
                    .OfType<EfiLoader>(),
            ];

    /// <summary>A file or folder by a name of any case; null where there is none.</summary>
    public static string? Entry(string folder, string name) =>
        Directory.Exists(folder)
            ? Directory
                .EnumerateFileSystemEntries(folder)
                .FirstOrDefault(entry => Path.GetFileName(entry).Equals(name, StringComparison.OrdinalIgnoreCase))
            : null;

    private static EfiLoader? Read(string folder)
    {
        var loader = Order.Select(name => Entry(folder, name)).FirstOrDefault(entry => entry is not null);
        if (loader is null)
        {
            return null;
        }

        // shim starts grubx64.efi of its own folder, and mmx64.efi to enrol keys. fbx64.efi stays away: beside a fallback
        // loader it would rather write boot entries and restart than start GRUB.
        var companions = Path.GetFileName(loader).StartsWith("shim", StringComparison.OrdinalIgnoreCase)
            ? ShimCompanions.Where(name => Entry(folder, name) is not null).ToArray()
            : [];
        return new EfiLoader(Path.GetFileName(folder), Path.GetFileName(loader), companions);
    }
}
