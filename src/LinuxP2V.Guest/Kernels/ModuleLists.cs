using System.Text.RegularExpressions;
using LinuxP2V.Guest.Files;

namespace LinuxP2V.Guest.Kernels;

/// <summary>What a kernel has of drivers, from the lists beside its modules.</summary>
internal static class ModuleLists
{
    /// <summary>Options of the kernel's configuration, and the modules that they build.</summary>
    private static readonly Dictionary<string, string> ModulesOfOptions = new(StringComparer.Ordinal)
    {
        ["VMWARE_PVSCSI"] = "vmw_pvscsi",
        ["FUSION_SPI"] = "mptspi",
        ["FUSION_SAS"] = "mptsas",
        ["SATA_AHCI"] = "ahci",
        ["BLK_DEV_NVME"] = "nvme",
        ["BLK_DEV_SD"] = "sd_mod",
        ["BLK_DEV_DM"] = "dm_mod",
        ["VIRTIO_PCI"] = "virtio_pci",
        ["SCSI_VIRTIO"] = "virtio_scsi",
        ["EXT4_FS"] = "ext4",
        ["EXT3_FS"] = "ext3",
        ["XFS_FS"] = "xfs",
        ["BTRFS_FS"] = "btrfs",
        ["VFAT_FS"] = "vfat",
        ["VMXNET3"] = "vmxnet3",
    };

    private static readonly Regex BuiltInPattern = new(@"^CONFIG_(\w+)=y\r?$", RegexOptions.CultureInvariant | RegexOptions.Multiline);

    /// <summary>Far deeper than the folders of a kernel's modules.</summary>
    private const int MostFolders = 20_000;

    /// <param name="folder">/lib/modules/VERSION</param>
    public static HashSet<string> Loadable(GuestTree files, string folder) =>
        HasIndex(files, folder) ? Names(files, $"{folder}/modules.dep") : Search(files, folder);

    public static bool HasIndex(GuestTree files, string folder) => files.FileExists($"{folder}/modules.dep");

    /// <summary>Kernels before 2.6.33 and some that were built by hand have no list; their configuration tells.</summary>
    public static HashSet<string> BuiltIn(GuestTree files, string folder, string version)
    {
        var names = Names(files, $"{folder}/modules.builtin");
        if (names.Count > 0)
            return names;

        string[] places = [$"/boot/config-{version}", $"{folder}/config"];
        var text = places.Select(files.TryReadText).FirstOrDefault(found => found is not null) ?? "";
        foreach (Match match in BuiltInPattern.Matches(text))
        {
            if (ModulesOfOptions.TryGetValue(match.Groups[1].Value, out var module))
                names.Add(module);
        }

        return names;
    }

    private static HashSet<string> Search(GuestTree files, string folder)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        var pending = new Queue<string>([folder]);
        for (var count = 0; pending.Count > 0 && count < MostFolders; count++)
        {
            var place = pending.Dequeue();
            found.UnionWith(files.Files(place, "*.ko*").Select(InstalledKernel.ModuleName).OfType<string>());
            // The links "build" and "source" lead to the kernel's sources.
            foreach (var inner in files.Folders(place).Where(path => files.Entry(path) is { Kind: EntryKind.Folder }))
                pending.Enqueue(inner);
        }

        return found;
    }

    private static HashSet<string> Names(GuestTree files, string path) =>
        new(
            (files.TryReadText(path) ?? "").Split('\n').Select(line => InstalledKernel.ModuleName(line.Split(':')[0])).OfType<string>(),
            StringComparer.Ordinal
        );
}
