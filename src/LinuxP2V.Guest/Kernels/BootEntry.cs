using LinuxP2V.Guest.Files;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Guest.Kernels;

/// <summary>An entry of the Boot Loader Specification.</summary>
/// <param name="Path">Of the entry itself: /boot/loader/entries/0123-5.14.0-1.conf.</param>
/// <param name="Version">Null where the entry does not say.</param>
/// <param name="Kernel">Path in the guest.</param>
/// <param name="Initramfs">Paths in the guest, those of processor microcode left out.</param>
internal sealed record BootEntry(string Path, string? Version, string Kernel, IReadOnlyList<string> Initramfs)
{
    /// <summary>Folders that may hold entries: of the boot partition, which comes first, or of the EFI system partition.</summary>
    internal static readonly IReadOnlyList<string> Roots = [.. LayoutQueries.EfiSystemMountPoints.OrderBy(path => path == "/boot" ? 0 : 1)];

    /// <summary>The name by which loaders choose it: the file's, without .conf.</summary>
    public string Id => Path[(Path.LastIndexOf('/') + 1)..^".conf".Length];

    /// <summary>The folder that holds loader/entries.</summary>
    public string Root => Path[..Path.IndexOf("/loader/entries/", StringComparison.Ordinal)];

    /// <summary>SUSE puts a snapshot's number before the version; the folder of the files has the version alone.</summary>
    public bool Starts(InstalledKernel kernel, GuestTree files) =>
        Version == kernel.Version || Kernel.Contains($"/{kernel.Version}/") || files.Resolve(Kernel) == files.Resolve(kernel.Image);

    public static IReadOnlyList<BootEntry> Find(GuestTree files) =>
        [
            .. Roots
                .SelectMany(root => files.Files($"{root}/loader/entries", "*.conf").Select(path => Parse(files, root, path)))
                .OfType<BootEntry>(),
        ];

    private static BootEntry? Parse(GuestTree files, string root, string path)
    {
        var lines = files
            .ReadText(path)
            .Split('\n')
            .Select(line => line.Trim().Split([' ', '\t'], 2, StringSplitOptions.RemoveEmptyEntries))
            .Where(parts => parts.Length == 2)
            .ToLookup(parts => parts[0], parts => parts[1].Trim());
        if (lines["linux"].FirstOrDefault() is not { } kernel)
            return null;

        var initramfs = lines["initrd"]
            .SelectMany(line => line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
            .Where(word => word[0] != '$' && !word.Contains("ucode"))
            .Select(word => Place(files, root, word));
        return new BootEntry(path, lines["version"].FirstOrDefault(), Place(files, root, kernel), [.. initramfs]);
    }

    /// <summary>A path counts from the partition's own root; one of a /boot that is no partition names it.</summary>
    private static string Place(GuestTree files, string root, string path)
    {
        var below = $"{root}/{path.TrimStart('/')}";
        return !files.FileExists(below) && path.StartsWith("/boot/", StringComparison.Ordinal) ? path : below;
    }
}
