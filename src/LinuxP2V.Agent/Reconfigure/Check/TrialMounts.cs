using LinuxP2V.Agent.Platform;
using LinuxP2V.Agent.Storage;
using LinuxP2V.Guest.Devices;
using LinuxP2V.Guest.Storage;
using LinuxP2V.Protocol.Findings;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Reconfigure.Check;

/// <summary>
/// Mounts each file system of the copy once as its /etc/fstab asks for, read-only: an option that the file system does not
/// have leaves a machine at its emergency shell.
/// </summary>
internal sealed class TrialMounts(StorageSettings settings)
{
    private readonly VolumeMounter mounter = new(settings);
    private readonly string folder = Path.Combine(settings.VolumesRoot, "trial");

    /// <param name="fstab">The copy's, after the reconfiguration.</param>
    /// <returns>An error for each line that cannot be mounted.</returns>
    public async Task<IReadOnlyList<Finding>> RunAsync(
        MountedTarget target,
        DeviceMap devices,
        string fstab,
        CancellationToken cancellationToken
    )
    {
        var findings = new List<Finding>();
        foreach (var entry in FstabEntry.ParseAll(fstab).Where(entry => entry is { IsOnDevice: true, IsSwap: false }))
        {
            if (devices.Resolve(entry.Spec).Volume is { MountPoint: not null } volume && target.VolumePaths.ContainsKey(volume.Id))
            {
                if (await TryAsync(target, volume, entry, cancellationToken) is { } finding)
                    findings.Add(finding);
            }
        }

        return findings;
    }

    /// <summary>A device that is mounted already takes no other options, so all its mounts are put aside meanwhile.</summary>
    private async Task<Finding?> TryAsync(MountedTarget target, TargetVolume volume, FstabEntry entry, CancellationToken cancellationToken)
    {
        var device = target.VolumeDevices[volume.Id];
        var sharing = target
            .Layout.Volumes.Where(other => target.VolumePaths.ContainsKey(other.Id) && target.VolumeDevices[other.Id] == device)
            .ToList();
        foreach (var other in sharing)
            await Mounts.UnmountTreeAsync(target.VolumePaths[other.Id], cancellationToken);

        try
        {
            var result = await MountAsync(volume, device, TrialOptions.Of(entry), cancellationToken);
            if (result.Succeeded)
                return null;

            // Who cannot be mounted without the options either tells nothing of them.
            return (await MountAsync(volume, device, "ro", cancellationToken)).Succeeded ? Refused(entry, result) : NotTried(entry, result);
        }
        finally
        {
            await Mounts.UnmountTreeAsync(folder, CancellationToken.None);
            foreach (var other in sharing)
                await mounter.MountAsync(target.Layout, other, device, CancellationToken.None);
        }
    }

    private Task<ToolResult> MountAsync(TargetVolume volume, string device, string options, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        return Tool.RunAsync(
            "mount",
            ["-t", VolumeMounter.TypeOf(volume.FileSystem.Kind), "-o", options, device, folder],
            cancellationToken
        );
    }

    private static Finding Refused(FstabEntry entry, ToolResult result) =>
        new(
            FindingSeverity.Error,
            ErrorIds.ReconfigurationFailed,
            "/etc/fstab",
            $"{entry.MountPoint} cannot be mounted with the options {string.Join(',', entry.Options)}: {result.LastLines}",
            "Take the option that the copy's file system does not have out of /etc/fstab on the source."
        );

    private static Finding NotTried(FstabEntry entry, ToolResult result) =>
        new(
            FindingSeverity.Warning,
            ErrorIds.MountFailed,
            "/etc/fstab",
            $"The mount options of {entry.MountPoint} ({string.Join(',', entry.Options)}) could not be tried: {result.LastLines}",
            "Look at the VM's first start whether it is mounted."
        );
}
