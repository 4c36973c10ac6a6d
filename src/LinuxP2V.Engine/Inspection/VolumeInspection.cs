using LinuxP2V.Engine.Sources.Model;

namespace LinuxP2V.Engine.Inspection;

/// <summary>The file systems: what can be copied, what stays behind, what is too full.</summary>
internal static class VolumeInspection
{
    private const long BootNeeds = 50L << 20;
    private const long RootNeeds = 100L << 20;

    public static IEnumerable<Finding> Inspect(InspectionScope scope) =>
        InspectTypes(scope).Concat(InspectSkipped(scope)).Concat(InspectSpace(scope));

    private static IEnumerable<Finding> InspectTypes(InspectionScope scope)
    {
        foreach (var volume in scope.Volumes)
        {
            if (volume.FileSystem is "ext2" or "ext3" or "ext4" or "xfs" or "vfat" or "msdos")
                continue;

            if (volume.FileSystem == "btrfs")
            {
                yield return new Finding(
                    FindingSeverity.Warning,
                    "UnsupportedFileSystem",
                    volume.MountPoint,
                    $"{volume.MountPoint} is btrfs: its files are copied, its snapshots are not, and reflinked files take their full size.",
                    "Give the volume room with -VolumeSize, and test the VM before you rely on it."
                );
                continue;
            }

            yield return new Finding(
                FindingSeverity.Error,
                "UnsupportedFileSystem",
                volume.MountPoint,
                $"{volume.MountPoint} ({ByteSize.Format(volume.UsedBytes)} used on {volume.Device}) is {volume.FileSystem}; ext2, ext3, ext4, xfs and vfat can be copied.",
                $"Leave it out with -ExcludeVolume {volume.MountPoint} and copy its data by other means."
            );
        }

        foreach (
            var part in scope.Facts.Mounts.Where(mount =>
                mount.Class == MountClass.Bind && mount.FileSystem == "btrfs" && !scope.IsExcluded(mount)
            )
        )
        {
            var volume = scope.Volumes.FirstOrDefault(candidate => candidate.Device == part.Device);
            if (volume is null || SubvolumeOf(part) == SubvolumeOf(volume))
                continue;

            yield return new Finding(
                FindingSeverity.Error,
                "BtrfsSubvolumeNotCopied",
                part.MountPoint,
                $"{part.MountPoint} is another subvolume ({SubvolumeOf(part)}) of the btrfs that {volume.MountPoint} is on; only {volume.MountPoint} would be copied.",
                $"Leave it out with -ExcludeVolume {part.MountPoint} and copy its data by other means."
            );
        }
    }

    private static string SubvolumeOf(MountFacts mount) =>
        mount.Options.Split(',').FirstOrDefault(option => option.StartsWith("subvol=", StringComparison.Ordinal))?.Substring(7) ?? "/";

    private static IEnumerable<Finding> InspectSkipped(InspectionScope scope)
    {
        foreach (var mount in scope.Facts.Mounts.Where(mount => !scope.IsExcluded(mount)))
        {
            var (severity, kind, remedy) = mount.Class switch
            {
                MountClass.Network => (
                    FindingSeverity.Information,
                    "a network file system",
                    "Nothing to do: the VM mounts it as the source does, if its network allows."
                ),
                MountClass.Removable => (
                    FindingSeverity.Warning,
                    "on a removable disk",
                    $"Copy what you need of it by other means; take the mount out of fstab if it has to be there for booting."
                ),
                // Images of packages are made anew from files that are copied.
                MountClass.Loop => (
                    FindingSeverity.Information,
                    "a file mounted as a disk",
                    "Nothing to do: the file itself is copied with the volume that it lies on."
                ),
                _ => (FindingSeverity.Information, "", ""),
            };
            if (kind.Length > 0)
            {
                yield return new Finding(
                    severity,
                    "SkippedFileSystem",
                    mount.MountPoint,
                    $"{mount.MountPoint} ({mount.FileSystem} from {mount.Device}) is {kind} and is not copied.",
                    remedy
                );
            }
        }
    }

    private static IEnumerable<Finding> InspectSpace(InspectionScope scope)
    {
        var root = scope.VolumeAt("/");
        if (root is null)
        {
            yield return new Finding(
                FindingSeverity.Error,
                "RootVolumeMissing",
                "/",
                $"{scope.Host} has no root file system on a disk that could be copied, or it is left out.",
                "A machine that runs from the network or from memory cannot be converted; / cannot be left out."
            );
        }

        var boot = scope.VolumeOf("/boot");
        var needs =
            boot is null || boot == root
                ? [(Volume: root, Bytes: RootNeeds)]
                : new[] { (Volume: boot, Bytes: BootNeeds), (Volume: root, Bytes: RootNeeds) };
        foreach (var need in needs)
        {
            if (need.Volume is not { SizeBytes: > 0 } volume)
                continue;

            var size = scope.Settings.VolumeSizes.TryGetValue(volume.MountPoint, out var wanted) ? wanted : volume.SizeBytes;
            var free = size - volume.UsedBytes;
            if (free < need.Bytes)
            {
                yield return new Finding(
                    FindingSeverity.Warning,
                    "LittleFreeSpace",
                    volume.MountPoint,
                    $"{volume.MountPoint} has {ByteSize.Format(Math.Max(0, free))} free of {ByteSize.Format(size)}; the copy needs about {ByteSize.Format(need.Bytes)} there for new initramfs and boot loader files.",
                    $"Give it more with -VolumeSize @{{ '{volume.MountPoint}' = … }} (GB), or remove old kernels from the source."
                );
            }
        }
    }
}
