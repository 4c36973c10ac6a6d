using LinuxP2V.Guest.Files;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Guest.CommandLine;

/// <summary>A file that holds the kernel's command line, or a part of it.</summary>
/// <param name="Output">Where the changed text goes: a package's own file is not edited but overruled.</param>
/// <param name="IsInMenu">GRUB's menu is made from it.</param>
/// <param name="IsInInitramfs">dracut puts it into the images that it builds.</param>
internal sealed record CommandLinePlace(
    string Path,
    CommandLineFormat Format,
    string Output,
    bool IsInMenu = false,
    bool IsInInitramfs = false
);

/// <summary>Where boot loaders, kernel packages and image builders keep the command line.</summary>
internal static class CommandLinePlaces
{
    private static readonly string[] GrubFolders = ["/boot/grub", "/boot/grub2"];

    private static readonly string[] Extlinux = ["/boot/extlinux/extlinux.conf", "/boot/extlinux.conf", "/boot/syslinux/syslinux.cfg"];

    /// <summary>Those that are there.</summary>
    public static IReadOnlyList<CommandLinePlace> Find(GuestTree files, TargetLayout layout) =>
        [
            .. Grub(files, layout)
                .Concat(Packages(files))
                .Concat(Dracut(files))
                .Concat(Entries(files, layout))
                .Where(place => files.FileExists(place.Path))
                .GroupBy(place => files.Resolve(place.Path))
                .Select(group => group.First()),
        ];

    /// <summary>Folders that an EFI system partition, or the file system of /boot, is mounted at.</summary>
    public static IEnumerable<string> BootFolders(TargetLayout layout) =>
        LayoutQueries.EfiSystemMountPoints.Concat(layout.EfiVolume()?.MountPoint is { } mount ? [mount.TrimEnd('/')] : []).Distinct();

    private static IEnumerable<CommandLinePlace> Grub(GuestTree files, TargetLayout layout)
    {
        foreach (var path in files.Files("/etc/default/grub.d", "*.cfg").Prepend("/etc/default/grub").Append("/etc/sysconfig/grub"))
            yield return Place(path, CommandLineFormat.Shell) with
            {
                IsInMenu = true,
            };

        yield return Place("/etc/tuned/bootcmdline", CommandLineFormat.Shell) with
        {
            IsInMenu = true,
        };
        var menus = BootFolders(layout).SelectMany(mount => files.Folders($"{mount}/EFI")).Concat(GrubFolders).ToList();
        foreach (var path in menus.Select(folder => $"{folder}/grubenv"))
            yield return Place(path, CommandLineFormat.GrubEnvironment);

        foreach (var path in menus.Select(folder => $"{folder}/custom.cfg"))
            yield return Place(path, CommandLineFormat.GrubScript);

        // What packages put there makes entries by programs; an administrator writes them down.
        foreach (var path in files.Files("/etc/grub.d", "*custom*").Where(path => !path.EndsWith("~", StringComparison.Ordinal)))
            yield return Place(path, CommandLineFormat.GrubScript) with
            {
                IsInMenu = true,
            };
    }

    private static IEnumerable<CommandLinePlace> Packages(GuestTree files)
    {
        foreach (var path in (string[])["/etc/sysconfig/bootloader", "/etc/default/extlinux", "/etc/default/u-boot"])
            yield return Place(path, CommandLineFormat.Shell);

        foreach (var path in Extlinux)
            yield return Place(path, CommandLineFormat.Extlinux);

        yield return Place("/etc/kernel/cmdline", CommandLineFormat.Words);
        foreach (var path in files.Files("/etc/kernel/cmdline.d", "*.conf"))
            yield return Place(path, CommandLineFormat.Words);

        // A file of the same name below /etc goes before the package's own.
        foreach (var path in files.Files("/usr/lib/kernel/cmdline.d", "*.conf").Prepend("/usr/lib/kernel/cmdline"))
        {
            var own = "/etc" + path["/usr/lib".Length..];
            if (!files.FileExists(own))
                yield return Place(path, CommandLineFormat.Words) with
                {
                    Output = own,
                };
        }

        foreach (var path in files.Files("/etc/kernel/uki.conf.d", "*.conf").Prepend("/etc/kernel/uki.conf"))
            yield return Place(path, CommandLineFormat.UnifiedImage);
    }

    private static IEnumerable<CommandLinePlace> Dracut(GuestTree files)
    {
        foreach (var path in files.Files("/etc/cmdline.d", "*.conf").Prepend("/etc/cmdline"))
            yield return Place(path, CommandLineFormat.Words) with
            {
                IsInInitramfs = true,
            };

        foreach (var path in files.Files("/etc/dracut.conf.d", "*.conf").Prepend("/etc/dracut.conf"))
            yield return Place(path, CommandLineFormat.Dracut) with
            {
                IsInInitramfs = true,
            };
    }

    private static IEnumerable<CommandLinePlace> Entries(GuestTree files, TargetLayout layout) =>
        BootFolders(layout)
            .SelectMany(folder => files.Files($"{folder}/loader/entries", "*.conf"))
            .Select(path => Place(path, CommandLineFormat.Entry));

    private static CommandLinePlace Place(string path, CommandLineFormat format) => new(path, format, path);
}
