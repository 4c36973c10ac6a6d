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
                    $"{device.Path} ({device.Detail ?? "RAID"} of {InspectionScope.List(device.Parents)}, {ByteSize.Format(device.SizeBytes)}) becomes a plain disk or partition.",
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
                _ => null,
            };
            if (finding is not null)
                yield return finding;
        }

        foreach (var finding in InspectLvm(scope, used).Concat(InspectSwap(scope)))
            yield return finding;
    }

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
                volume.Layout == "thin" ? FindingSeverity.Warning : FindingSeverity.Information,
                "LvmLayoutFlattened",
                $"{group.Name}/{volume.Name}",
                $"The logical volume {group.Name}/{volume.Name} ({volume.Layout}, {ByteSize.Format(volume.SizeBytes)}) becomes a linear one of its full size.",
                volume.Layout == "thin"
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
