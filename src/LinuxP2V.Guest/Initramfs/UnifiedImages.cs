using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Kernels;
using LinuxP2V.Guest.Planning;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Guest.Initramfs;

/// <summary>Kernel, initramfs and command line in one file that the firmware starts: nothing of it can be changed.</summary>
internal static class UnifiedImages
{
    public static void Check(GuestContext context, InstalledKernel boot)
    {
        var images = Find(context.Files);
        if (images.Count == 0)
            return;

        var what = $"{string.Join(", ", images)} hold kernel, initramfs and command line in one file, which LinuxP2V does not build";
        const string Remedy =
            "Have the source start its kernel and initramfs from files of their own (mkinitcpio: default_image in the "
            + "preset; dracut: uefi=no; "
            + "kernel-install: layout=bls), then read it again.";
        if (boot.Image.StartsWith("/lib/modules/", StringComparison.Ordinal))
        {
            context.Fail(
                ErrorIds.ReconfigurationFailed,
                images[0],
                $"{what}, and there is no other file that a loader could start.",
                Remedy
            );
            return;
        }

        context.Warn(
            "UnifiedImage",
            images[0],
            $"{what}: it has the source's drivers. The VM must start another entry of its loader's menu.",
            Remedy
        );
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
