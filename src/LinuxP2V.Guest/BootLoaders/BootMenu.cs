using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Planning;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Guest.BootLoaders;

/// <summary>What the VM's firmware and boot loader find to start.</summary>
/// <param name="Place">The menu, or the folder of entries.</param>
/// <param name="Entries">Null where there is no menu, or none that is understood.</param>
/// <param name="Problem">Why there is none; null where there is one.</param>
/// <param name="IsFatal">Nothing could start because of it.</param>
internal sealed record BootMenu(string Place, BootEntries? Entries, string? Problem = null, bool IsFatal = false)
{
    public static BootMenu Find(GuestTree files, GuestTarget target) =>
        target.Layout.Firmware == Firmware.Bios
            ? OfGrub(files, GrubMenuFile.OfBios(files, GrubPrograms.Installer(files)), Firmware.Bios)
            : OfEfi(files, target);

    private static BootMenu OfEfi(GuestTree files, GuestTarget target)
    {
        if (target.Layout.EfiVolume() is not { MountPoint: { } mount })
            return Fatal("EFI system partition", "There is no EFI system partition to start from.");

        var partition = EfiPartition.Read(files, target.Layout, mount, target.Options.BootedLoader);
        if (partition.Fallback is null)
            return Fatal(mount, $"The EFI system partition ({mount}) has no {EfiLoaders.FallbackFile}, which the VM's firmware starts.");

        if (partition is { IsGrub: true, IsGrubOfEntries: false })
            return OfGrub(files, GrubMenuFile.OfEfi(files, target.Layout, partition.GrubFolder), Firmware.Uefi);

        if (partition is { IsSystemdBoot: false, IsGrubOfEntries: false })
            return new BootMenu(mount, null, $"What the loader {partition.Fallback} starts cannot be understood.");

        // Entries may also lie on a partition of their own at /boot.
        string[] mounts = target.Layout.VolumeAt("/boot") is not null && mount != "/boot" ? [mount, "/boot"] : [mount];
        return OfEntries(
            $"{mount}/loader/entries",
            partition.IsGrubOfEntries ? GrubOfEntries.Read(files, mounts, partition.GrubFolder) : SystemdBootEntries.Read(files, mounts)
        );
    }

    private static BootMenu OfGrub(GuestTree files, string menu, Firmware firmware) =>
        files.FileExists(menu)
            ? OfEntries(menu, GrubEntries.Read(files, menu, firmware))
            : Fatal(menu, $"There is no menu {menu} for GRUB.");

    private static BootMenu OfEntries(string place, BootEntries entries) =>
        entries.Default is null ? Fatal(place, $"{place} has no entry to start.") : new BootMenu(place, entries);

    private static BootMenu Fatal(string place, string problem) => new(place, null, problem, IsFatal: true);
}
