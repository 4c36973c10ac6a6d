using LinuxP2V.Guest.BootLoaders;
using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Planning;

namespace LinuxP2V.Guest.Checks;

/// <summary>What the boot loader starts by itself.</summary>
/// <param name="Name">Of its entry, as the menu shows it.</param>
/// <param name="File">The menu or entry file that says so.</param>
/// <param name="Kernel">Path in the guest; null for a unified kernel image.</param>
/// <param name="Initramfs">Paths in the guest; the kernel gets them one behind the other.</param>
/// <param name="UnifiedImage">Path in the guest of a unified kernel image; null for any other entry.</param>
/// <param name="Words">The kernel's command line; empty for a unified kernel image.</param>
public sealed record BootStart(
    string Name,
    string File,
    string? Kernel,
    IReadOnlyList<string> Initramfs,
    string? UnifiedImage,
    string Words
)
{
    /// <returns>Null where the menu, or its default entry, is not there or not understood.</returns>
    public static BootStart? Find(IGuestStore store, GuestTarget target) => Find(new GuestTree(store), target);

    internal static BootStart? Find(GuestTree files, GuestTarget target)
    {
        if (BootMenu.Find(files, target).Entries?.Default is not { } entry)
            return null;

        var paths = new GrubPaths(files, target.Layout);
        var kernel = entry.Kernel is { } named ? paths.Find(named, entry.Device) : null;
        return kernel is null && entry.UnifiedImage is null
            ? null
            : new BootStart(
                entry.Name,
                entry.File,
                kernel,
                [.. entry.Initrds.Select(initrd => paths.Find(initrd, entry.Device)).OfType<string>()],
                entry.UnifiedImage,
                entry.Words
            );
    }
}
