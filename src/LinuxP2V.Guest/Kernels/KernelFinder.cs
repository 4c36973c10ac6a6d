using LinuxP2V.Guest.Files;

namespace LinuxP2V.Guest.Kernels;

/// <summary>Kernels by their files, not by packages: a package database tells nothing about a self-built one.</summary>
internal static class KernelFinder
{
    private static readonly string[] EntryRoots = ["/boot", "/boot/efi", "/efi"];

    /// <summary>Newest version first.</summary>
    public static IReadOnlyList<InstalledKernel> Find(GuestTree files)
    {
        // Entry folders of the Boot Loader Specification: <machine id>/<version>/linux on /boot or the ESP.
        var entryFolders = EntryRoots.SelectMany(root => files.Folders(root)).ToList();
        var kernels = new List<InstalledKernel>();
        foreach (var folder in files.Folders("/lib/modules"))
        {
            var version = folder[(folder.LastIndexOf('/') + 1)..];
            var own = entryFolders.Select(entry => $"{entry}/{version}").Where(files.FolderExists).ToList();
            string[] images =
            [
                $"/boot/vmlinuz-{version}",
                $"/boot/vmlinux-{version}",
                $"/boot/kernel-{version}",
                .. own.Select(entry => $"{entry}/linux"),
                $"{folder}/vmlinuz",
            ];
            string[] initramfs =
            [
                $"/boot/initrd.img-{version}",
                $"/boot/initramfs-{version}.img",
                $"/boot/initrd-{version}",
                $"/boot/initrd-{version}.img",
                .. own.Select(entry => $"{entry}/initrd"),
                .. own.Select(entry => $"{entry}/initrd.img"),
            ];
            if (images.FirstOrDefault(files.FileExists) is { } image)
            {
                kernels.Add(
                    new InstalledKernel(
                        version,
                        image,
                        initramfs.FirstOrDefault(files.FileExists),
                        Names(files, $"{folder}/modules.dep"),
                        Names(files, $"{folder}/modules.builtin")
                    )
                );
            }
        }

        return [.. kernels.OrderByDescending(kernel => kernel.Version, VersionOrder.Instance)];
    }

    private static HashSet<string> Names(GuestTree files, string path) =>
        new(
            (files.TryReadText(path) ?? "").Split('\n').Select(line => InstalledKernel.ModuleName(line.Split(':')[0])).OfType<string>(),
            StringComparer.Ordinal
        );
}
