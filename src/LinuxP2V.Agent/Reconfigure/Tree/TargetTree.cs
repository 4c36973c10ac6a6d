using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Agent.Reconfigure.Confinement;
using LinuxP2V.Agent.Storage;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Agent.Reconfigure.Tree;

/// <summary>
/// The copy put together as it will run, with the devices and file systems that its tools look for, for as long as the
/// reconfiguration lasts. Each program that runs in it gets a /proc of its own.
/// </summary>
internal sealed class TargetTree(string root)
{
    /// <exception cref="AgentException">MountFailed.</exception>
    public async Task AssembleAsync(MountedTarget target, CancellationToken cancellationToken)
    {
        await Mounts.UnmountTreeAsync(root, cancellationToken);
        var files = new CopyRoot(root);
        foreach (
            var volume in target
                .Layout.Volumes.Where(volume => volume.MountPoint is not null && target.VolumePaths.ContainsKey(volume.Id))
                .OrderBy(volume => volume.MountPoint == "/" ? 0 : volume.MountPoint!.Count(c => c == '/'))
        )
        {
            await BindAsync(target.VolumePaths[volume.Id], files.Host(volume.MountPoint!), cancellationToken);
        }

        foreach (var folder in new[] { "dev", "proc", "sys", "run" })
        {
            Directory.CreateDirectory(files.Host(folder));
        }

        await DeviceFolder.MakeAsync(files.Host("/dev"), target, cancellationToken);
        await LinkDevicesAsync(target, files, cancellationToken);
        // Who may write there can have the kernel start a program outside of any confinement.
        await Mounts.MountAsync("sysfs", files.Host("/sys"), ["-t", "sysfs", "-o", "ro,nosuid,nodev,noexec"], cancellationToken);
        // A /run of its own: lvm waits ten seconds for each disk when it sees the socket of a udev that knows none.
        await Mounts.MountAsync("tmpfs", files.Host("/run"), ["-t", "tmpfs", "-o", "mode=755,nosuid,nodev"], cancellationToken);
        Directory.CreateDirectory(files.Host("/run/lock"));
        await FirmwareAsync(target.Layout.Firmware, files, cancellationToken);
    }

    /// <summary>
    /// GRUB's tools write root=UUID= only if /dev/disk/by-uuid has the volume, and without udev nobody made the link:
    /// they would write sdX, which is another disk the next day.
    /// </summary>
    private static async Task LinkDevicesAsync(MountedTarget target, CopyRoot files, CancellationToken cancellationToken)
    {
        var folder = files.Host("/dev/disk");
        await Mounts.MountAsync("tmpfs", folder, ["-t", "tmpfs", "-o", "mode=755,size=1m"], cancellationToken);
        foreach (var device in target.VolumeDevices.Values.Distinct())
        {
            var tags = (await Tool.RunAsync("blkid", ["-p", "-o", "export", device], cancellationToken))
                .Output.Split('\n')
                .Select(line => line.Split('=', 2))
                .Where(parts => parts.Length == 2)
                .ToLookup(parts => parts[0], parts => parts[1]);
            foreach (var (tag, links) in new[] { ("UUID", "by-uuid"), ("PART_ENTRY_UUID", "by-partuuid") })
            {
                if (tags[tag].FirstOrDefault() is { Length: > 0 } value && !value.Contains('/', StringComparison.Ordinal))
                {
                    var link = Path.Combine(folder, links, value);
                    Directory.CreateDirectory(Path.GetDirectoryName(link)!);
                    File.Delete(link);
                    File.CreateSymbolicLink(link, device);
                }
            }
        }
    }

    public Task DisassembleAsync() => Mounts.UnmountTreeAsync(root, CancellationToken.None);

    private static async Task FirmwareAsync(Firmware firmware, CopyRoot files, CancellationToken cancellationToken)
    {
        if (!Directory.Exists("/sys/firmware/efi"))
        {
            return;
        }

        if (firmware == Firmware.Bios)
        {
            // GRUB's tools would see the helper's firmware and write EFI commands into a BIOS machine.
            await Mounts.MountAsync("tmpfs", files.Host("/sys/firmware/efi"), ["-t", "tmpfs", "-o", "size=4k,ro"], cancellationToken);
        }
        else if (Directory.Exists("/sys/firmware/efi/efivars"))
        {
            await Tool.RunAsync("mount", ["-t", "efivarfs", "efivarfs", files.Host("/sys/firmware/efi/efivars")], cancellationToken);
        }
    }

    /// <summary>A device node in the copy's files opens nothing.</summary>
    private static Task BindAsync(string source, string folder, CancellationToken cancellationToken) =>
        Mounts.MountAsync(source, folder, ["--bind", "-o", "nodev"], cancellationToken);
}
