using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Reconfigure.Tree;
using LinuxP2V.Agent.Storage;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Reconfigure.BootLoader;

/// <summary>GRUB 2 in the boot disk's boot code, put there by the copy's own grub-install.</summary>
internal sealed class GrubBiosStep : IReconfigureStep
{
    private static readonly string[] OtherLoaders =
    [
        "/boot/grub/menu.lst",
        "/boot/grub/grub.conf",
        "/etc/lilo.conf",
        "/boot/extlinux/extlinux.conf",
        "/boot/syslinux/syslinux.cfg",
    ];

    private static readonly string[] Programs = ["grub-install", "grub2-install"];

    private static readonly string[] DeviceMaps = ["/boot/grub/device.map", "/boot/grub2/device.map"];

    public string Concern => "BootLoader";

    public bool Detect(ReconfigureContext context) => context.Layout.Firmware == Firmware.Bios;

    public Task<IReadOnlyList<PlannedChange>> PlanAsync(ReconfigureContext context, CancellationToken cancellationToken)
    {
        var program = Programs.FirstOrDefault(name => context.Files.Program(name) is not null);
        var hasModules = context.Files.FileExists("/usr/lib/grub/i386-pc/boot.img");
        if (program is null || !hasModules)
        {
            var other = OtherLoaders.FirstOrDefault(context.Files.FileExists);
            throw new AgentException(
                ErrorIds.BootLoaderNotSupported,
                program is not null ? "The copy has GRUB 2 but not its files for BIOS (/usr/lib/grub/i386-pc)."
                    : other is not null ? $"The copy boots with another loader than GRUB 2: {other}."
                    : "The copy has no boot loader that is known here.",
                "Install GRUB 2 for BIOS on the source (Debian: grub-pc; Red Hat and SUSE: grub2 with grub2-pc or grub2-i386-pc), synchronize, and run the reconfiguration again."
            );
        }

        var boot = context.Layout.Disks.FirstOrDefault(disk => disk.IsBootDisk) ?? context.Layout.Disks[0];
        var device = context.Target.DiskDevices[boot.Number];
        var changes = new List<PlannedChange>();
        changes.AddRange(DeviceMaps.Where(context.Files.FileExists).Select(path => context.Remove(path, "it numbers the source's disks")));
        if (GrubMenu.Plan(context) is { } menu)
        {
            changes.Add(menu);
        }

        changes.Add(
            new PlannedChange(
                $"disk {boot.Number}",
                $"GRUB's boot code installed by {program}",
                "a copy of files has no boot code",
                token => InstallAsync(context, program, device, token)
            )
        );
        if (context.Files.FileExists("/var/lib/dpkg/info/grub-pc.list") && context.Files.Program("debconf-set-selections") is not null)
        {
            var lasting = DiskPath.Of(device);
            changes.Add(
                new PlannedChange(
                    "grub-pc/install_devices",
                    $"now {lasting}",
                    "the next update of grub-pc would ask for the source's disk",
                    token => SetDebconfAsync(context, lasting, token)
                )
            );
        }

        return Task.FromResult<IReadOnlyList<PlannedChange>>(changes);
    }

    private static async Task InstallAsync(
        ReconfigureContext context,
        string program,
        string device,
        CancellationToken cancellationToken
    ) =>
        // The target is named, since a tool that sees EFI firmware would choose that one.
        (await context.Chroot.RunAsync(program, ["--target=i386-pc", "--recheck", device], cancellationToken)).OrThrow(
            ErrorIds.ReconfigurationFailed,
            $"{program} could not install GRUB on {device}.",
            "See the tool's words. On a GPT disk GRUB needs a BIOS boot partition of 1 MiB; on MBR the first partition must begin at 1 MiB."
        );

    private static async Task SetDebconfAsync(ReconfigureContext context, string device, CancellationToken cancellationToken)
    {
        var result = await context.Chroot.RunAsync(
            "debconf-set-selections",
            [],
            cancellationToken,
            $"grub-pc grub-pc/install_devices multiselect {device}\n"
        );
        if (!result.Succeeded)
        {
            context.Warn($"grub-pc's choice of disk could not be set, so its next update may ask for it. {result.LastLines}");
        }
    }
}
