using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Planning;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Guest.Initramfs;

/// <summary>Kernel, initramfs and command line in one file that the firmware starts: nothing of it is changed.</summary>
internal static class UnifiedImages
{
    /// <returns>Whether there are any.</returns>
    public static bool Report(GuestContext context)
    {
        var images = Find(context.Files);
        if (images.Count == 0)
            return false;

        context.Warn(
            "UnifiedImage",
            images[0],
            $"{string.Join(", ", images)} hold kernel, initramfs and command line in one file, which stays as it is. The one that "
                + "the loader starts by itself is looked into when the copy is there: what it has must serve the VM.",
            "Where it does not, have the source start its kernel and initramfs from files of their own (mkinitcpio: default_image in "
                + "the preset; dracut: uefi=no; kernel-install: layout=bls), then read it again."
        );
        return true;
    }

    private static List<string> Find(GuestTree files) =>
        [
            .. LayoutQueries
                .EfiSystemMountPoints.Select(root => files.FindIgnoringCase(root, "EFI"))
                .OfType<string>()
                .Select(folder => files.FindIgnoringCase(folder, "Linux"))
                .OfType<string>()
                .SelectMany(folder => files.Files(folder, "*.efi")),
        ];
}
