using System.Text.RegularExpressions;
using LinuxP2V.Engine.Sources.Model;
using LinuxP2V.Guest.BootLoaders;
using LinuxP2V.Guest.Kernels;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Engine.Sources.Probing;

internal static class BootReader
{
    public static BootFacts Read(ProbeOutput output, BlockDeviceReader devices, IReadOnlyList<MountFacts> mounts)
    {
        var files = output.Lines("boot-files").Where(line => line.Length > 0).ToList();
        var entry = ReadCurrentEntry(output.Lines("efibootmgr"));
        var isUefi = output.Lines("firmware").Contains("uefi");
        var (loader, path) = Recognise(files, entry, isUefi);
        return new BootFacts
        {
            Loader = loader,
            ConfigurationPath = path,
            InitramfsTool = ReadInitramfsTool(output.Lines("initramfs-tools")),
            KernelCommandLine = output.FirstLine("file", "/proc/cmdline"),
            CurrentEfiEntry = entry,
            BootDisk = FindBootDisk(devices, mounts, isUefi),
            BootCodeDisks = devices.BootCodeDisks,
        };
    }

    private static (string? Loader, string? Path) Recognise(List<string> files, string? entry, bool isUefi)
    {
        var grub = files.FirstOrDefault(file => file.EndsWith("/grub.cfg", StringComparison.Ordinal));
        var systemdBoot =
            files.FirstOrDefault(file => file.EndsWith("/loader/loader.conf", StringComparison.Ordinal))
            ?? files.FirstOrDefault(file => file.EndsWith("/systemd-bootx64.efi", StringComparison.Ordinal));
        // Where both are installed, the firmware knows which one it started.
        var startedSystemdBoot =
            isUefi && entry is not null && entry.IndexOf(BootLoaderNames.SystemdBoot, StringComparison.OrdinalIgnoreCase) >= 0;
        if (systemdBoot is not null && (startedSystemdBoot || (grub is null && isUefi)))
            return (BootLoaderNames.SystemdBoot, systemdBoot);
        if (grub is not null)
            return (BootLoaderNames.Grub2, grub);

        // SUSE's grub2-bls has no menu: GRUB reads the entries beside it.
        if (
            isUefi
            && files.FirstOrDefault(file => file.Contains("/loader/entries/")) is { } entries
            && files.Any(file =>
                file.EndsWith("/grub.efi", StringComparison.Ordinal) || file.EndsWith("/grubx64.efi", StringComparison.Ordinal)
            )
        )
            return (BootLoaderNames.Grub2, entries);

        if (
            files.FirstOrDefault(file =>
                file.EndsWith("/menu.lst", StringComparison.Ordinal) || file.EndsWith("/grub.conf", StringComparison.Ordinal)
            ) is
            { } legacy
        )
            return ("grub-legacy", legacy);
        if (
            files.FirstOrDefault(file =>
                file.EndsWith("linux.conf", StringComparison.Ordinal) || file.EndsWith("/syslinux.cfg", StringComparison.Ordinal)
            ) is
            { } extlinux
        )
            return ("extlinux", extlinux);
        return files.FirstOrDefault(file => file.EndsWith("lilo.conf", StringComparison.Ordinal)) is { } lilo
            ? ("lilo", lilo)
            : (null, null);
    }

    private static string? ReadCurrentEntry(IReadOnlyList<string> lines)
    {
        var current = lines.Select(line => Regex.Match(line, "^BootCurrent: *([0-9A-Fa-f]{4})")).FirstOrDefault(match => match.Success);
        return current is null
            ? null
            : lines.FirstOrDefault(line => line.StartsWith("Boot" + current.Groups[1].Value, StringComparison.OrdinalIgnoreCase))?.Trim();
    }

    /// <returns>Where none is there that can be run in the copy, the name of another one.</returns>
    private static string? ReadInitramfsTool(IReadOnlyList<string> tools) =>
        InitramfsTool.Choose(tools.Contains, tools.Contains("preset of mkinitcpio")) is { } kind ? InitramfsTool.NameOf(kind)
        : tools.Contains("mkinitrd") ? "mkinitrd"
        : null;

    private static string? FindBootDisk(BlockDeviceReader devices, IReadOnlyList<MountFacts> mounts, bool isUefi)
    {
        if (isUefi)
        {
            var system = LayoutQueries
                .EfiSystemMountPoints.Select(folder =>
                    mounts.FirstOrDefault(mount => mount.MountPoint == folder && mount.FileSystem == "vfat")
                )
                .FirstOrDefault(mount => mount is not null);
            return system is null ? null : DisksOf(system).FirstOrDefault();
        }

        // With a loader on several disks the firmware's choice is unknown; the one that its files lie on is the likeliest.
        var withCode = devices.BootCodeDisks;
        var home =
            mounts.FirstOrDefault(mount => mount.MountPoint == "/boot" && mount.Class == MountClass.Volume)
            ?? mounts.FirstOrDefault(mount => mount.MountPoint == "/");
        return (home is null ? null : DisksOf(home).FirstOrDefault(withCode.Contains)) ?? (withCode.Count > 0 ? withCode[0] : null);

        IEnumerable<string> DisksOf(MountFacts mount) =>
            devices.ByPath(mount.Device) is { } device ? devices.DisksOf(device).Select(disk => disk.Name) : [];
    }
}
