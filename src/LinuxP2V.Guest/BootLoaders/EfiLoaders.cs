using LinuxP2V.Guest.Files;
using LinuxP2V.Protocol.Layout;

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

    /// <summary>Distributions whose folder is not named like their ID in os-release.</summary>
    private static readonly Dictionary<string, string> Folders = new(StringComparer.Ordinal)
    {
        ["rhel"] = "redhat",
        ["ol"] = "redhat",
        ["amzn"] = "amzn",
        ["linuxmint"] = "ubuntu",
        ["neon"] = "ubuntu",
        ["zorin"] = "ubuntu",
        ["elementary"] = "ubuntu",
        ["opensuse-leap"] = "opensuse",
        ["opensuse-tumbleweed"] = "opensuse",
        ["sles_sap"] = "sles",
    };

    /// <param name="efi">The folder EFI of the mounted partition.</param>
    public static IReadOnlyList<EfiLoader> Find(GuestTree files, string efi) =>
        [
            .. files
                .Folders(efi)
                .Where(folder => !folder.EndsWith("/" + FallbackFolder, StringComparison.OrdinalIgnoreCase))
                .Select(folder => Read(files, folder))
                .OfType<EfiLoader>(),
        ];

    /// <summary>
    /// The one that counts: that the source was started by, else of the distribution that is installed, else one that
    /// leads to a file system of the copy. Old ones of other distributions stay on the partition for years.
    /// </summary>
    /// <param name="booted">As the firmware writes it; null where it is not known.</param>
    /// <returns>Null where there is none.</returns>
    public static EfiLoader? Choose(GuestTree files, TargetLayout layout, IReadOnlyList<EfiLoader> loaders, string? booted) =>
        Booted(files, loaders, booted)
        ?? Distributions(files)
            .Select(name => loaders.FirstOrDefault(loader => IsSame(loader.Vendor, name)))
            .FirstOrDefault(loader => loader is not null)
        ?? loaders.FirstOrDefault(loader => LeadsToCopy(files, layout, loader))
        ?? (loaders is [var first, ..] ? first : null);

    /// <summary>Other boot managers that are there, by the names of their folders.</summary>
    public static IReadOnlyList<string> Unknown(GuestTree files, string efi, IReadOnlyList<EfiLoader> loaders) =>
        [
            .. files
                .Folders(efi)
                .Where(folder =>
                    !folder.EndsWith("/" + FallbackFolder, StringComparison.OrdinalIgnoreCase)
                    && loaders.All(loader => loader.Folder != folder)
                    && files.Files(folder).Any(path => path.EndsWith(".efi", StringComparison.OrdinalIgnoreCase))
                )
                .Select(folder => folder[(folder.LastIndexOf('/') + 1)..]),
        ];

    private static EfiLoader? Booted(GuestTree files, IReadOnlyList<EfiLoader> loaders, string? booted)
    {
        if (booted?.Split('\\', '/').Where(part => part.Length > 0).ToArray() is not [.., var folder, var file])
            return null;

        return loaders.FirstOrDefault(loader => IsSame(loader.Vendor, folder)) is not { } meant ? null
            : IsSame(meant.File, file) ? meant
            : Name(files, meant.Folder, file) is { } name && Order.Contains(name.ToLowerInvariant()) ? WithFile(files, meant.Folder, name)
            : meant;
    }

    private static IEnumerable<string> Distributions(GuestTree files) =>
        ((string[])["ID", "ID_LIKE"])
            .SelectMany(key => (OsRelease.Value(files, key) ?? "").Split([' '], StringSplitOptions.RemoveEmptyEntries))
            .SelectMany(name => Folders.TryGetValue(name, out var folder) ? (string[])[folder, name] : [name]);

    private static bool LeadsToCopy(GuestTree files, TargetLayout layout, EfiLoader loader) =>
        files.FindIgnoringCase(loader.Folder, "grub.cfg") is { } path
        && files.FileExists(path)
        && GrubMenuText.Uuids(files.ReadText(path)).Any(uuid => layout.Volumes.Any(volume => IsSame(volume.FileSystem.Uuid ?? "", uuid)));

    private static EfiLoader? Read(GuestTree files, string folder)
    {
        var loader = Order.Select(name => Name(files, folder, name)).FirstOrDefault(name => name is not null);
        return loader is null ? null : WithFile(files, folder, loader);
    }

    private static EfiLoader WithFile(GuestTree files, string folder, string loader) =>
        new(
            folder,
            loader,
            loader.StartsWith("shim", StringComparison.OrdinalIgnoreCase)
                ? [.. ShimCompanions.Select(name => Name(files, folder, name)).OfType<string>()]
                : []
        );

    private static string? Name(GuestTree files, string folder, string name) =>
        files.FindIgnoringCase(folder, name) is { } path && files.FileExists(path) ? path[(path.LastIndexOf('/') + 1)..] : null;

    private static bool IsSame(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
}
