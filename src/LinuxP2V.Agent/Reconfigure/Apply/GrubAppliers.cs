using LinuxP2V.Agent.Reconfigure.Tree;
using LinuxP2V.Agent.Storage;
using LinuxP2V.Guest.BootLoaders;
using LinuxP2V.Guest.Planning;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Reconfigure.Apply;

internal sealed class GrubMenuApplier : ChangeApplier<GrubMenuBuild>
{
    private const string OsProber = "/etc/grub.d/30_os-prober";

    protected override async Task<GuestChange?> ApplyAsync(
        GrubMenuBuild change,
        ReconfigureContext context,
        CancellationToken cancellationToken
    )
    {
        await context.Originals.KeepAsync(context.Files.Tree.Resolve(change.Path), cancellationToken);
        Directory.CreateDirectory(Path.GetDirectoryName(context.Files.Host(change.Path))!);
        // os-prober would list the helper and its disks; a file that cannot be run is passed over.
        var prober = context.Files.Tree.FileExists(OsProber) ? context.Files.Host(OsProber) : null;
        if (prober is not null)
            await Mounts.MountFileAsync("/dev/null", prober, cancellationToken);

        try
        {
            (await context.Chroot.RunAsync(change.Program, ["-o", change.Path], cancellationToken)).OrThrow(
                ErrorIds.ReconfigurationFailed,
                $"{change.Program} could not make {change.Path} in the copy.",
                "See what the tool said; mend GRUB's configuration on the source, synchronize, and run the reconfiguration again."
            );
        }
        finally
        {
            if (prober is not null)
                await Mounts.UnmountTreeAsync(prober, CancellationToken.None);
        }

        return change;
    }
}

internal sealed class GrubInstallApplier : ChangeApplier<GrubInstall>
{
    protected override async Task<GuestChange?> ApplyAsync(
        GrubInstall change,
        ReconfigureContext context,
        CancellationToken cancellationToken
    )
    {
        var device = context.Target.DiskDevices[change.Disk];
        // The target is named, since a tool that sees EFI firmware would choose that one.
        (await context.Chroot.RunAsync(change.Program, ["--target=i386-pc", "--recheck", device], cancellationToken)).OrThrow(
            ErrorIds.ReconfigurationFailed,
            $"{change.Program} could not install GRUB on {device}.",
            "See what the tool said. On a GPT disk GRUB needs a BIOS boot partition of 1 MiB; on MBR the first partition must begin at 1 MiB."
        );
        return change;
    }
}

internal sealed class GrubPackageDiskApplier : ChangeApplier<GrubPackageDisk>
{
    protected override async Task<GuestChange?> ApplyAsync(
        GrubPackageDisk change,
        ReconfigureContext context,
        CancellationToken cancellationToken
    )
    {
        var device = DiskPath.Of(context.Target.DiskDevices[change.Disk]);
        var result = await context.Chroot.RunAsync(
            "debconf-set-selections",
            [],
            cancellationToken,
            $"grub-pc {change.Subject} multiselect {device}\n"
        );
        if (result.Succeeded)
            return change with { What = $"now {device}" };

        context.Warn($"grub-pc's choice of disk could not be set, so its next update may ask for it. {result.LastLines}");
        return null;
    }
}
