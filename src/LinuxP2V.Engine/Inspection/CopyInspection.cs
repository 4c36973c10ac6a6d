using LinuxP2V.Engine.Planning;
using LinuxP2V.Engine.Sources.Model;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Inspection;

/// <summary>Whether the source can be read as the task asks for: from snapshots, by used blocks.</summary>
internal static class CopyInspection
{
    /// <summary>Below this share of the volumes, a source that writes much may fill the snapshots while it is copied.</summary>
    private const double ModestShare = 0.05;

    /// <summary>As the helper has it: volumes that it copies at once, and the least that it makes a snapshot with.</summary>
    private const int VolumesAtOnce = 3;
    private const long LeastSnapshot = 16L << 20;
    private const int LeastShareOfVolume = 200;

    public static IEnumerable<Finding> Inspect(InspectionScope scope) => InspectSnapshots(scope).Concat(InspectBlocks(scope));

    private static IEnumerable<Finding> InspectSnapshots(InspectionScope scope)
    {
        if (!scope.Settings.Copy.Snapshot)
            yield break;

        var live = scope.Volumes.Where(volume => volume.FileSystem != "btrfs" && LogicalVolumeOf(scope, volume) is null).ToList();
        if (live.Count == scope.Volumes.Count && live.Count > 0)
        {
            yield return new Finding(
                FindingSeverity.Warning,
                "SnapshotNotPossible",
                scope.Host,
                $"-Snapshot has nothing to work on: none of the {live.Count} volumes of {scope.Host} is on LVM or "
                    + $"btrfs. All are read as they are.",
                "Leave -Snapshot out, and stop services that write much for the last pass: Complete-P2VConversion -QuiesceService."
            );
        }
        else if (live.Count > 0)
        {
            yield return new Finding(
                FindingSeverity.Information,
                "SnapshotPartial",
                InspectionScope.List(live.Select(volume => volume.MountPoint)),
                $"{live.Count} of {scope.Volumes.Count} volumes are not on LVM or btrfs and are read as they are: "
                    + $"{InspectionScope.List(live.Select(volume => volume.MountPoint))}.",
                "Nothing to do for /boot and the EFI system partition, which hardly change."
            );
        }

        foreach (var group in scope.Facts.VolumeGroups)
        {
            if (InspectGroup(scope, group) is { } finding)
                yield return finding;
        }
    }

    private static Finding? InspectGroup(InspectionScope scope, VolumeGroupFacts group)
    {
        // A snapshot of a thin volume takes its room from the pool.
        var volumes = group
            .LogicalVolumes.Where(volume =>
                volume.Layout != "thin" && scope.Volumes.Any(mount => mount.Device == volume.Path && mount.FileSystem != "btrfs")
            )
            .ToList();
        if (volumes.Count == 0)
            return null;

        var extents = group.ExtentSizeBytes > 0 ? group.FreeBytes / group.ExtentSizeBytes : 0;
        var size = volumes.Sum(volume => volume.SizeBytes);
        var names = InspectionScope.List(volumes.Select(volume => volume.Name));
        var least = Math.Max(LeastSnapshot, volumes.Max(volume => volume.SizeBytes) / LeastShareOfVolume);
        if (LeastRoom(group.FreeBytes, Math.Min(scope.Volumes.Count, VolumesAtOnce)) < least)
        {
            return new Finding(
                FindingSeverity.Error,
                "SnapshotNoRoom",
                group.Name,
                $"The volume group {group.Name} has {extents} free extents ({ByteSize.Format(group.FreeBytes)}); "
                    + $"snapshots of {volumes.Count} volumes ({names}) need at least {ByteSize.Format(least)} each, "
                    + $"{Math.Min(volumes.Count, VolumesAtOnce)} at once.",
                $"Extend the group or free room in it (vgs {group.Name} shows it) and read the source again, or leave -Snapshot out."
            );
        }

        return group.FreeBytes >= size * ModestShare
            ? null
            : new Finding(
                FindingSeverity.Warning,
                "SnapshotLittleRoom",
                group.Name,
                $"The volume group {group.Name} has {ByteSize.Format(group.FreeBytes)} free for snapshots of "
                    + $"{ByteSize.Format(size)} ({names}): once so much has changed while it is copied, the copy ends "
                    + $"with SnapshotOverflow.",
                "Copy at a quiet time, or give the group more room."
            );
    }

    /// <summary>Each snapshot gets its share of what is free when it is made: the last of so many at once the least.</summary>
    private static long LeastRoom(long free, int atOnce)
    {
        var left = (double)free;
        for (var made = 1; made < atOnce; made++)
            left -= left / atOnce;

        return (long)(left / atOnce);
    }

    private static IEnumerable<Finding> InspectBlocks(InspectionScope scope)
    {
        if (scope.Settings.Copy.Mode != CopyMode.Block)
            yield break;

        var files = scope.Volumes.Where(volume => volume.Specification is { } spec && !BlockCopyCheck.CanBeBlocks(spec)).ToList();
        if (files.Count > 0)
        {
            yield return new Finding(
                FindingSeverity.Information,
                "BlockCopyPartial",
                InspectionScope.List(files.Select(volume => volume.MountPoint)),
                $"{files.Count} of {scope.Volumes.Count} volumes are neither ext nor XFS and are copied file by file: "
                    + $"{InspectionScope.List(files.Select(volume => volume.MountPoint))}.",
                "Nothing to do."
            );
        }

        var moving = scope
            .Volumes.Except(files)
            .Where(volume => !IsReadOnly(volume) && !(scope.Settings.Copy.Snapshot && LogicalVolumeOf(scope, volume) is not null))
            .ToList();
        if (moving.Count > 0)
        {
            yield return new Finding(
                FindingSeverity.Error,
                "BlockCopyNotFrozen",
                InspectionScope.List(moving.Select(volume => volume.MountPoint)),
                $"Used blocks can be copied only from a volume that stands still: "
                    + $"{InspectionScope.List(moving.Select(volume => volume.MountPoint))} "
                    + $"{(moving.Count == 1 ? "is" : "are")} mounted for writing"
                    + $"{(scope.Settings.Copy.Snapshot ? " and not on LVM" : "")}.",
                scope.Settings.Copy.Snapshot
                    ? "Leave -CopyMode at Auto, which takes blocks where it can and files elsewhere."
                    : "Add -Snapshot where the volumes are on LVM, or leave -CopyMode at Auto, which takes blocks "
                        + "where it can and files elsewhere."
            );
        }
    }

    private static bool IsReadOnly(MountFacts mount) => mount.Options.Split(',').Contains("ro");

    private static LogicalVolumeFacts? LogicalVolumeOf(InspectionScope scope, MountFacts mount) =>
        scope.Facts.VolumeGroups.SelectMany(group => group.LogicalVolumes).FirstOrDefault(volume => volume.Path == mount.Device);
}
