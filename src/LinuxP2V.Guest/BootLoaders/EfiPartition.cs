using LinuxP2V.Guest.Files;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Guest.BootLoaders;

/// <summary>What lies on the EFI system partition, and which of it starts the copy.</summary>
/// <param name="Mount">Its mount point.</param>
/// <param name="Loader">The one that counts; null where there is none but the fallback.</param>
/// <param name="Others">Folders of boot managers that are not known.</param>
/// <param name="Fallback">Path of the fallback loader; null where it is not there.</param>
internal sealed record EfiPartition(
    string Mount,
    IReadOnlyList<EfiLoader> Loaders,
    EfiLoader? Loader,
    IReadOnlyList<string> Others,
    string FallbackFolder,
    string? Fallback
)
{
    /// <summary>The fallback is a copy of another vendor's loader: it has the length of that one and not of ours.</summary>
    public bool IsFallbackOfOther { get; private init; }

    public bool IsGrub { get; private init; }

    /// <summary>Neither this nor GRUB: a fallback loader that tells nothing of itself.</summary>
    public bool IsSystemdBoot { get; private init; }

    /// <summary>Where GRUB looks for its first file.</summary>
    public string GrubFolder => Loader?.Folder ?? FallbackFolder;

    /// <summary>GRUB without a menu, which reads the entries of the EFI system partition itself: SUSE's grub2-bls.</summary>
    public bool IsGrubOfEntries { get; private init; }

    public static EfiPartition Read(GuestTree files, TargetLayout layout, string mount, string? booted)
    {
        var efi = files.FindIgnoringCase(mount, "EFI") ?? $"{mount.TrimEnd('/')}/EFI";
        var loaders = EfiLoaders.Find(files, efi);
        var loader = EfiLoaders.Choose(files, layout, loaders, booted);
        var folder = files.FindIgnoringCase(efi, EfiLoaders.FallbackFolder) ?? $"{efi}/{EfiLoaders.FallbackFolder}";
        var fallback = files.FindIgnoringCase(folder, EfiLoaders.FallbackFile);
        var hasEntries = files.FolderExists($"{mount.TrimEnd('/')}/loader/entries");
        return new EfiPartition(mount, loaders, loader, EfiLoaders.Unknown(files, efi, loaders), folder, fallback)
        {
            IsFallbackOfOther = fallback is not null && loader is not null && IsOther(files, efi, fallback, loader),
            IsGrub = loader?.IsGrub ?? (!hasEntries && GrubMenuFile.IsThere(files, folder)),
            IsGrubOfEntries = loader is { IsGrub: true } && hasEntries && !GrubMenuFile.IsThere(files, loader.Folder),
            IsSystemdBoot = loader is { IsGrub: false } || (loader is null && hasEntries),
        };
    }

    /// <summary>The other one may be of another system, which keeps its program a folder deeper.</summary>
    private static bool IsOther(GuestTree files, string efi, string fallback, EfiLoader loader)
    {
        var length = files.Length(fallback);
        return files.Length($"{loader.Folder}/{loader.File}") != length
            && files
                .Folders(efi)
                .Where(folder => folder != loader.Folder && !fallback.StartsWith($"{folder}/", StringComparison.Ordinal))
                .SelectMany(folder => files.Folders(folder).Prepend(folder))
                .SelectMany(folder => files.Files(folder))
                .Any(path => path.EndsWith(".efi", StringComparison.OrdinalIgnoreCase) && files.Length(path) == length);
    }
}
