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
        foreach (var volumes in scope.Volumes.Where(volume => volume.FileSystem == "btrfs").GroupBy(volume => volume.Device))
        {
            var points = InspectionScope.List(volumes.Select(volume => volume.MountPoint));
            yield return new Finding(
                FindingSeverity.Information,
                "BtrfsCopiedAsFiles",
                volumes.First().MountPoint,
                $"{points} {(volumes.Count() == 1 ? "is" : "are")} btrfs: the files are copied, so that those which "
                    + $"share their data (reflinks, deduplication) take their full size.",
                "Give the file system room with -VolumeSize where much of it is shared."
            );
        }
    }

    private static IEnumerable<Finding> InspectSkipped(InspectionScope scope)
    {
        foreach (var mount in scope.Facts.Mounts.Where(mount => !scope.IsExcluded(mount) && !scope.Volumes.Contains(mount)))
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
                    $"Choose it with -IncludeVolume {mount.MountPoint} if it belongs to the machine: disks in "
                        + $"hot-plug bays call themselves removable. Else take its line out of fstab if the VM has to boot without it."
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
        foreach (var mount in scope.Facts.Mounts.Where(mount => mount.Class == MountClass.Covered && !scope.IsExcluded(mount)))
        {
            yield return new Finding(
                FindingSeverity.Warning,
                "CoveredMount",
                mount.MountPoint,
                $"{mount.MountPoint} ({mount.FileSystem}, {ByteSize.Format(mount.SizeBytes)} on {mount.Device}) is "
                    + $"covered by what was mounted at {mount.CoveredBy} later: nothing of it can be read, and it is not copied.",
                $"Unmount what lies over it, or mount {mount.Device} a second time elsewhere, and read the source again."
            );
        }

        // Without a reconfiguration nothing is added to the copy.
        if (scope.Settings.SkipReconfiguration)
        {
            yield break;
        }

        var root = scope.VolumeAt("/");
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
                    $"{volume.MountPoint} has {ByteSize.Format(Math.Max(0, free))} free of {ByteSize.Format(size)}; "
                        + $"the copy needs about {ByteSize.Format(need.Bytes)} there for new initramfs and boot loader files.",
                    $"Give it more with -VolumeSize @{{ '{volume.MountPoint}' = … }} (GB), or remove old kernels from the source."
                );
            }
        }
    }
}
