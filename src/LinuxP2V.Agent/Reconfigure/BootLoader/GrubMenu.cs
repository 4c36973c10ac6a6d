using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Reconfigure.Tree;
using LinuxP2V.Agent.Storage;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Reconfigure.BootLoader;

/// <summary>Makes GRUB's menu anew with the copy's own tool where the old one does not hold.</summary>
internal static class GrubMenu
{
    private static readonly string[] Programs = ["grub-mkconfig", "grub2-mkconfig"];

    private const string OsProber = "/etc/grub.d/30_os-prober";

    /// <returns>The change, or null when the menu stays.</returns>
    public static PlannedChange? Plan(ReconfigureContext context)
    {
        var program = Programs.FirstOrDefault(name => context.Files.Program(name) is not null);
        var path =
            Candidates(context).FirstOrDefault(context.Files.FileExists)
            ?? (program == "grub2-mkconfig" ? "/boot/grub2/grub.cfg" : "/boot/grub/grub.cfg");
        var why = context.Files.TryReadText(path) is { } text ? GrubMenuText.WhyNot(text, context.Devices) : "there is none";
        why ??= context.MenuReasons.FirstOrDefault();
        if (why is null)
        {
            context.Note($"GRUB's menu {path} stays: all that it names is in the copy.");
            return null;
        }

        if (program is null)
        {
            throw new AgentException(
                ErrorIds.ReconfigurationToolMissing,
                $"GRUB's menu {path} does not hold ({why}), and the copy has no grub-mkconfig to make it anew.",
                "Install GRUB 2's tools on the source (grub2-common or grub2-tools), synchronize, and run the reconfiguration again."
            );
        }

        return new PlannedChange(path, "made anew", why, cancellationToken => MakeAsync(context, program, path, cancellationToken));
    }

    private static IEnumerable<string> Candidates(ReconfigureContext context) =>
        [
            "/boot/grub/grub.cfg",
            "/boot/grub2/grub.cfg",
            // RHEL 7 and 8 keep the menu itself on the ESP; on later ones a stub there leads to /boot.
            .. context
                .Files.Folders("/boot/efi/EFI")
                .Select(folder => $"{folder}/grub.cfg")
                .Where(path => context.Files.FileExists(path) && !IsStub(context.Files.ReadText(path))),
        ];

    public static bool IsStub(string text) => text.Contains("configfile", StringComparison.Ordinal) && text.Length < 1024;

    private static async Task MakeAsync(ReconfigureContext context, string program, string path, CancellationToken cancellationToken)
    {
        await context.Originals.KeepAsync(context.Files.Resolve(path), cancellationToken);
        Directory.CreateDirectory(Path.GetDirectoryName(context.Files.Host(path))!);
        // os-prober would list the helper and its disks; a file that cannot be run is passed over.
        var prober = context.Files.FileExists(OsProber) ? context.Files.Host(OsProber) : null;
        if (prober is not null)
        {
            await Mounts.MountFileAsync("/dev/null", prober, cancellationToken);
        }

        try
        {
            (await context.Chroot.RunAsync(program, ["-o", path], cancellationToken)).OrThrow(
                ErrorIds.ReconfigurationFailed,
                $"{program} could not make {path} in the copy.",
                "See the tool's words; mend GRUB's configuration on the source, synchronize, and run the reconfiguration again."
            );
        }
        finally
        {
            if (prober is not null)
            {
                await Mounts.UnmountTreeAsync(prober, CancellationToken.None);
            }
        }
    }
}
