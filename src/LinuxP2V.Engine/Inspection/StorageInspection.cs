using LinuxP2V.Engine.Sources.Model;
using LinuxP2V.Engine.Tasks;

namespace LinuxP2V.Engine.Inspection;

/// <summary>What of the storage below the volumes becomes something plainer.</summary>
internal static class StorageInspection
{
    public static IEnumerable<Finding> Inspect(InspectionScope scope)
    {
        var used = scope.UsedDevices().ToList();
        foreach (var device in used)
        {
            var finding = device.Kind switch
            {
                BlockDeviceKind.Raid => new Finding(
                    FindingSeverity.Information,
                    "MdRaidFlattened",
                    device.Path,
                    $"{device.Path} ({device.Detail ?? "RAID"} of {InspectionScope.List(device.Parents)}, "
                        + $"{ByteSize.Format(device.SizeBytes)}) becomes a plain disk or partition.",
                    "Nothing to do: the datastore below the VM has its own redundancy."
                ),
                BlockDeviceKind.Multipath => new Finding(
                    FindingSeverity.Information,
                    "MultipathFlattened",
                    device.Path,
                    $"{device.Path} ({device.Parents.Count} paths, {ByteSize.Format(device.SizeBytes)}) becomes a plain disk.",
                    "Nothing to do; multipathd may be removed from the VM."
                ),
                BlockDeviceKind.Crypt => new Finding(
                    FindingSeverity.Warning,
                    "LuksFlattened",
                    device.Path,
                    $"{device.Path} is encrypted ({device.Detail}); its copy of {ByteSize.Format(device.SizeBytes)} is not.",
                    "Encrypt the VM or its datastore, if the data has to be."
                ),
                _ => InspectDetail(scope, device),
            };
            if (finding is not null)
                yield return finding;
        }

        foreach (var finding in InspectLvm(scope, used).Concat(InspectNamesakes(scope)).Concat(InspectSwap(scope)))
            yield return finding;
    }

    private static Finding? InspectDetail(InspectionScope scope, BlockDeviceFacts device) =>
        device.Detail switch
        {
            "bcache" => new Finding(
                FindingSeverity.Information,
                "CacheFlattened",
                device.Path,
                $"{device.Path} (bcache over {InspectionScope.List(device.Parents)}, "
                    + $"{ByteSize.Format(device.SizeBytes)}) becomes a plain disk or partition; what caches for it does not come along.",
                "Nothing to do; bcache-tools may be removed from the VM."
            ),
            "drbd" => new Finding(
                FindingSeverity.Warning,
                "ReplicaFlattened",
                device.Path,
                $"{device.Path} is replicated by DRBD ({ByteSize.Format(device.SizeBytes)}); its copy is a plain file "
                    + $"system that is replicated no more.",
                "Switch off DRBD and the cluster manager in the VM, or convert all nodes and set the replication up anew."
            ),
            "vdo" => new Finding(
                FindingSeverity.Warning,
                "DeduplicationFlattened",
                device.Path,
                $"{device.Path} is deduplicated and compressed by VDO on {InspectionScope.List(device.Parents)}; its "
                    + $"copy is plain, of {ByteSize.Format(device.SizeBytes)}, and holds "
                    + $"{ByteSize.Format(scope.Volumes.Where(volume => volume.Device == device.Path).Sum(volume => volume.UsedBytes))}.",
                "Make it smaller with -VolumeSize if its full size is not needed: its data takes its full size in the copy."
            ),
            _ when device is { Kind: BlockDeviceKind.Disk, LogicalSectorBytes: > 512 } => new Finding(
                FindingSeverity.Information,
                "SectorSizeChanged",
                device.Path,
                $"{device.Path} has sectors of {device.LogicalSectorBytes} bytes; a virtual disk has sectors of 512 bytes.",
                "Nothing to do, unless a program writes to the disk past its file systems."
            ),
            _ => null,
        };

    private static string SizeAndPlace(VolumeGroupFacts group) =>
        $"{ByteSize.Format(group.SizeBytes)} on {InspectionScope.List(group.PhysicalVolumes)}";

    private static IEnumerable<Finding> InspectNamesakes(InspectionScope scope) =>
        scope
            .Facts.VolumeGroups.GroupBy(group => group.Name, StringComparer.Ordinal)
            .Where(same => same.Count() > 1)
            .Select(same => new Finding(
                FindingSeverity.Warning,
                "VolumeGroupNameTwice",
                same.Key,
                $"{same.Count()} volume groups are called {same.Key}: "
                    + $"{string.Join("; ", same.Select(SizeAndPlace))}. "
                    + $"Only what is mounted is copied.",
                "Check that the disks of an old system or a backup are not taken for those in use; pvs -o +vg_uuid shows them."
            ));

    private static IEnumerable<Finding> InspectLvm(InspectionScope scope, List<BlockDeviceFacts> used)
    {
        // A pool is never used itself, only through its volumes.
        var volumes = scope
            .Facts.VolumeGroups.SelectMany(group => group.LogicalVolumes.Select(volume => (Group: group, Volume: volume)))
            .Where(pair => used.Any(device => device.Path == pair.Volume.Path));
        foreach (var (group, volume) in volumes)
        {
            if (volume.Layout == "linear" || scope.Settings.LvmMode == LvmMode.Basic)
                continue;

            yield return new Finding(
                volume.Layout is "thin" or "vdo" ? FindingSeverity.Warning : FindingSeverity.Information,
                "LvmLayoutFlattened",
                $"{group.Name}/{volume.Name}",
                $"The logical volume {group.Name}/{volume.Name} ({volume.Layout}, "
                    + $"{ByteSize.Format(volume.SizeBytes)}) becomes a linear one of its full size.",
                volume.Layout is "thin" or "vdo"
                    ? "Make it smaller with -VolumeSize if its full size is not needed; snapshots are not copied."
                    : "Nothing to do."
            );
        }
    }

    private static IEnumerable<Finding> InspectSwap(InspectionScope scope)
    {
        foreach (var swap in scope.Facts.Swaps.Where(swap => swap.IsFile))
        {
            yield return new Finding(
                FindingSeverity.Information,
                "SwapFile",
                swap.Path,
                $"The swap file {swap.Path} ({ByteSize.Format(swap.SizeBytes)}) takes the same room in the copy.",
                "Nothing to do."
            );
        }
    }
}
