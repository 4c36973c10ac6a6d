using System.Globalization;
using LinuxP2V.Agent.Reconfigure.Tree;
using LinuxP2V.Agent.Storage;
using LinuxP2V.Guest.BootLoaders;
using LinuxP2V.Guest.Devices;
using LinuxP2V.Guest.Planning;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Reconfigure.Apply;

internal sealed class GrubMenuApplier : ChangeApplier<GrubMenuBuild>
{
    private const string OsProber = "/etc/grub.d/30_os-prober";

    /// <summary>Beside the menu, so that it can be moved to its place.</summary>
    private const string New = ".linuxp2v";

    private static readonly string[] Settled = ["/boot/grub2/grubenv", "/boot/grub/grubenv", "/etc/kernel/cmdline"];

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

        var settled = ReadSettled(context);
        // Red Hat's and Fedora's refuse to write the file beside the loader, which is the menu on a machine of before 2021.
        var output = change.Path.Contains("/EFI/", StringComparison.Ordinal) ? change.Path + New : change.Path;
        try
        {
            (await context.Chroot.RunAsync(change.Program, ["-o", output], cancellationToken)).OrThrow(
                ErrorIds.ReconfigurationFailed,
                $"{change.Program} could not make {change.Path} in the copy.",
                "See what the tool said; mend GRUB's configuration on the source, synchronize, and run the reconfiguration again."
            );
        }
        catch
        {
            // grub-mkconfig itself leaves its work beside the menu.
            if (output != change.Path)
            {
                File.Delete(context.Files.Host(output));
                File.Delete(context.Files.Host(output + ".new"));
            }

            throw;
        }
        finally
        {
            if (prober is not null)
                await Mounts.UnmountTreeAsync(prober, CancellationToken.None);

            PutBack(settled, context);
        }

        if (output != change.Path)
            File.Move(context.Files.Host(output), context.Files.Host(change.Path), overwrite: true);

        return change;
    }

    /// <summary>
    /// Entries, environments and the words for later kernels are right by the plan. The tool of Fedora and of Red Hat 9.0 and
    /// 9.1 writes the words of /etc/default/grub into every entry, that of Red Hat 8 into the environment: what grubby gave a
    /// kernel would be lost.
    /// </summary>
    private static Dictionary<string, byte[]> ReadSettled(ReconfigureContext context) =>
        context
            .Files.Tree.Files("/boot/loader/entries", "*.conf")
            .Concat(Settled.Where(context.Files.Tree.FileExists))
            .ToDictionary(path => path, path => File.ReadAllBytes(context.Files.Host(path)), StringComparer.Ordinal);

    private static void PutBack(Dictionary<string, byte[]> settled, ReconfigureContext context)
    {
        foreach (var (path, content) in settled)
        {
            var place = context.Files.Host(path);
            if (!File.Exists(place) || !File.ReadAllBytes(place).AsSpan().SequenceEqual(content))
            {
                File.WriteAllBytes(place, content);
                context.Note($"{path} keeps its words: the tool that makes GRUB's menu had changed them.");
            }
        }
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
            "See what the tool said. On a GPT disk GRUB needs a BIOS boot partition of 1 MiB; on MBR the first "
                + "partition must begin at 1 MiB."
        );
        return change;
    }
}

internal sealed class GrubEfiInstallApplier : ChangeApplier<GrubEfiInstall>
{
    protected override async Task<GuestChange?> ApplyAsync(
        GrubEfiInstall change,
        ReconfigureContext context,
        CancellationToken cancellationToken
    )
    {
        string[] arguments =
        [
            "--target=x86_64-efi",
            $"--efi-directory={change.EfiMountPoint}",
            change.IsFallback ? "--removable" : $"--bootloader-id={change.Vendor}",
            // Boot entries are written apart, since the firmware may take none.
            "--no-nvram",
            "--recheck",
        ];
        (await context.Chroot.RunAsync(change.Program, arguments, cancellationToken)).OrThrow(
            ErrorIds.ReconfigurationFailed,
            $"{change.Program} could not install GRUB on the EFI system partition.",
            "See what the tool said; mend GRUB's configuration on the source, synchronize, and run the reconfiguration again."
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
        var device = StableDevice.Of(change.Device, context);
        var result = await context.Chroot.RunAsync(
            "debconf-set-selections",
            [],
            cancellationToken,
            $"{change.Package} {change.Question} multiselect {device}\n"
        );
        if (result.Succeeded)
            return change with { What = $"now {device}" };

        context.Warn($"{change.Package}'s choice of disk could not be set, so its next update may ask for it. {result.LastLines}");
        return null;
    }
}

internal sealed class BootDiskRecordApplier : ChangeApplier<BootDiskRecord>
{
    protected override async Task<GuestChange?> ApplyAsync(
        BootDiskRecord change,
        ReconfigureContext context,
        CancellationToken cancellationToken
    )
    {
        var real = context.Files.Tree.Resolve(change.Path);
        await context.Originals.KeepAsync(real, cancellationToken);
        var lines = context
            .Files.Tree.ReadText(real)
            .Split('\n')
            .Select(line => change.Devices.TryGetValue(line.Trim(), out var device) ? StableDevice.Of(device, context) : line);
        await File.WriteAllBytesAsync(context.Files.Host(real), CopyRoot.Bytes.GetBytes(string.Join('\n', lines)), cancellationToken);
        return change with
        {
            What = $"now {string.Join(", ", change.Devices.Values.Distinct().Select(device => StableDevice.Of(device, context)))}",
        };
    }
}

/// <summary>Names of the VM's disks and partitions that hold from boot to boot.</summary>
internal static class StableDevice
{
    public static string Of(DeviceReference reference, ReconfigureContext context)
    {
        var disk = context.Target.DiskDevices[reference.Disk!.Value];
        var stable = DiskPath.Of(disk);
        return reference.Partition is not { } partition ? stable
            : stable == disk ? DiskNames.Partition(disk, partition)
            : string.Create(CultureInfo.InvariantCulture, $"{stable}-part{partition}");
    }
}
