using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Planning;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Guest.BootLoaders;

/// <summary>GRUB's menu: made anew with the copy's own tool where the old one does not hold.</summary>
internal static class GrubMenu
{
    /// <param name="path">The menu that the loader reads.</param>
    public static void Plan(GuestContext context, string concern, string path)
    {
        ReportCustomEntries(context, path);
        var program = GrubPrograms.MenuMaker(context.Files);
        var why = context.Files.TryReadText(path) is { } text
            ? GrubMenuText.WhyNot(text, context.Devices) ?? WhyNotStarted(context, path)
            : "there is none";
        why ??= context.MenuReasons.FirstOrDefault();
        if (why is null)
        {
            context.Note($"GRUB's menu {path} stays: all that it names is in the copy.");
            return;
        }

        if (program is null)
        {
            context.Fail(
                ErrorIds.ReconfigurationToolMissing,
                path,
                $"GRUB's menu {path} does not hold ({why}), and there is no grub-mkconfig to make it anew.",
                "Install GRUB 2's tools on the source: grub2-common or grub2-tools."
            );
            return;
        }

        context.Run(new GrubMenuBuild(concern, path, program, why));
    }

    /// <summary>
    /// A kernel or initramfs that its default entry names and that is not there. Entries of other files are not made
    /// by it.
    /// </summary>
    private static string? WhyNotStarted(GuestContext context, string path)
    {
        var entry = GrubEntries.Read(context.Files, path, context.Layout.Firmware).Default;
        if (entry?.Kernel is null || entry.File != path)
            return null;

        var paths = new GrubPaths(context.Files, context.Layout);
        var missing = entry
            .Initrds.Prepend(entry.Kernel)
            // What is in /boot was not read where no file of it is known.
            .Where(file =>
                paths.Find(file, entry.Device) is null && paths.Places(file, entry.Device).Any(place => HasFiles(context.Files, place))
            )
            .ToList();
        return missing.Count == 0 ? null : $"its default entry names {string.Join(", ", missing)}, which is not there";
    }

    private static bool HasFiles(GuestTree files, string path) => files.Files(path[..Math.Max(path.LastIndexOf('/'), 1)]).Count > 0;

    /// <summary>
    /// An administrator's own entries come back with each new menu, so they are named; words on them were changed
    /// already.
    /// </summary>
    private static void ReportCustomEntries(GuestContext context, string menu)
    {
        var custom = menu[..menu.LastIndexOf('/')] + "/custom.cfg";
        foreach (var path in context.Files.Files("/etc/grub.d", "*custom*").Append(custom).Where(context.Files.FileExists))
        {
            var text = context.Files.ReadText(path);
            if (text.Contains("menuentry") && GrubMenuText.WhyNot(text, context.Devices) is { } why)
            {
                context.Warn(
                    "CustomBootEntry",
                    path,
                    $"An entry of GRUB's menu that was written by hand does not hold in the VM: {why}.",
                    $"Change or remove the entry in {path} of the copy. Entries that the copy's tools make are not concerned."
                );
            }
        }
    }
}
