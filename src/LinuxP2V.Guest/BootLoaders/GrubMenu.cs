using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Planning;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Guest.BootLoaders;

/// <summary>GRUB's menu: made anew with the copy's own tool where the old one does not hold.</summary>
internal static class GrubMenu
{
    private const int LongestStub = 1024;

    private static readonly string[] Programs = ["grub-mkconfig", "grub2-mkconfig"];

    public static void Plan(GuestContext context, string concern)
    {
        var program = Programs.FirstOrDefault(name => context.Files.Program(name) is not null);
        var path =
            Candidates(context.Files).FirstOrDefault(context.Files.FileExists)
            ?? (program == "grub2-mkconfig" ? "/boot/grub2/grub.cfg" : "/boot/grub/grub.cfg");
        var why = context.Files.TryReadText(path) is { } text ? GrubMenuText.WhyNot(text, context.Devices) : "there is none";
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

    /// <summary>A small menu beside an EFI loader that leads to the real one in /boot.</summary>
    public static bool IsStub(string text) => text.Contains("configfile") && text.Length < LongestStub;

    private static IEnumerable<string> Candidates(GuestTree files) =>
        [
            "/boot/grub/grub.cfg",
            "/boot/grub2/grub.cfg",
            // RHEL 7 and 8 keep the menu itself on the ESP; on later ones a stub there leads to /boot.
            .. files
                .Folders("/boot/efi/EFI")
                .Select(folder => $"{folder}/grub.cfg")
                .Where(path => files.FileExists(path) && !IsStub(files.ReadText(path))),
        ];
}
