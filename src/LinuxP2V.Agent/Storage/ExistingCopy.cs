using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Platform;

namespace LinuxP2V.Agent.Storage;

/// <summary>What the disks carry already.</summary>
/// <param name="Journal">Begun by an earlier run; null when there is none.</param>
/// <param name="IsFinished">The finished marker is there: a converted machine.</param>
internal sealed record ExistingCopy(TargetJournal? Journal, bool IsFinished)
{
    /// <summary>
    /// Looks for the journal and the finished marker on every file system of the disks, whatever layout they have.
    /// Leaves nothing mounted or active.
    /// </summary>
    /// <exception cref="AgentException">MountFailed: a file system is in use, so that what is on it cannot be told.</exception>
    public static async Task<ExistingCopy> FindAsync(
        IEnumerable<string> disks,
        StorageSettings settings,
        IEventSink sink,
        CancellationToken cancellationToken
    )
    {
        var devices = disks.SelectMany(WithPartitions).ToList();
        var signatures = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var device in devices)
        {
            if (await SignatureAsync(device, cancellationToken) is { } type)
            {
                signatures[device] = type;
            }
        }

        if (signatures.Count == 0)
        {
            return new ExistingCopy(null, false);
        }

        sink.Debug($"The disks carry {string.Join(", ", signatures.Select(pair => $"{pair.Value} on {pair.Key}"))}.");
        var groups = signatures.ContainsValue("LVM2_member") ? new VolumeGroups(devices) : null;
        try
        {
            foreach (var device in groups is null ? [] : await groups.ActivateAllAsync(cancellationToken))
            {
                if (await SignatureAsync(device, cancellationToken) is { } type)
                {
                    signatures[device] = type;
                }
            }

            return await LookInsideAsync(signatures, settings, cancellationToken);
        }
        finally
        {
            foreach (var name in groups is null ? [] : await groups.ListGroupsAsync(CancellationToken.None))
            {
                await groups!.DeactivateAsync(name, CancellationToken.None);
            }
        }
    }

    private static async Task<ExistingCopy> LookInsideAsync(
        Dictionary<string, string> signatures,
        StorageSettings settings,
        CancellationToken cancellationToken
    )
    {
        var found = new ExistingCopy(null, false);
        var folder = Path.Combine(settings.VolumesRoot, "look");
        foreach (
            var device in signatures
                .Where(pair => pair.Value is "ext2" or "ext3" or "ext4" or "xfs" or "btrfs" or "vfat")
                .Select(pair => pair.Key)
        )
        {
            Directory.CreateDirectory(folder);
            // The kernel mounts nothing read-only that is mounted for writing elsewhere: a whole copy would pass for a half made one.
            await DeviceUse.WaitForEndAsync(device, cancellationToken);
            // A file system that cannot be mounted was left half made: nothing worth keeping is on it.
            if (!(await Tool.RunAsync("mount", ["-o", "ro", device, folder], cancellationToken)).Succeeded)
            {
                continue;
            }

            try
            {
                found = new ExistingCopy(
                    found.Journal ?? Roots(folder).Select(TargetJournal.Open).FirstOrDefault(journal => journal is not null),
                    found.IsFinished || Roots(folder).Any(root => File.Exists(Path.Combine(root, AgentLayoutQueries.FinishedMarker)))
                );
            }
            finally
            {
                await Mounts.UnmountTreeAsync(folder, CancellationToken.None);
            }
        }

        return found;
    }

    /// <summary>The file system's root, and a level below it: btrfs keeps / in a subvolume such as @.</summary>
    private static IEnumerable<string> Roots(string folder) => [folder, .. Directory.EnumerateDirectories(folder, "@*")];

    private static IEnumerable<string> WithPartitions(string disk)
    {
        var name = Path.GetFileName(disk);
        var sysfs = $"/sys/class/block/{name}";
        return Directory.Exists(sysfs)
            ?
            [
                disk,
                .. Directory.EnumerateDirectories(sysfs, name + "*").Select(entry => $"/dev/{Path.GetFileName(entry)}").Where(File.Exists),
            ]
            : [disk];
    }

    private static async Task<string?> SignatureAsync(string device, CancellationToken cancellationToken)
    {
        var result = await Tool.RunAsync("blkid", ["-p", "-s", "TYPE", "-o", "value", device], cancellationToken);
        return result.Output.Trim() is { Length: > 0 } type ? type : null;
    }
}
