using LinuxP2V.Engine.Sources.Model;

namespace LinuxP2V.Engine.Sources.Probing;

/// <summary>LVM may name a physical volume by a link, such as one below /dev/disk/by-id: finds the device that it stands for.</summary>
internal static class PhysicalVolumePaths
{
    public static IReadOnlyList<VolumeGroupFacts> Resolve(IReadOnlyList<VolumeGroupFacts> groups, IReadOnlyList<BlockDeviceFacts> devices)
    {
        var named = new HashSet<string>(groups.SelectMany(group => group.PhysicalVolumes), StringComparer.Ordinal);
        return
        [
            .. groups.Select(group =>
                group.PhysicalVolumes.All(path => IsKnown(path, groups, devices)) ? group : Resolve(group, groups, named, devices)
            ),
        ];
    }

    private static VolumeGroupFacts Resolve(
        VolumeGroupFacts group,
        IReadOnlyList<VolumeGroupFacts> groups,
        HashSet<string> named,
        IReadOnlyList<BlockDeviceFacts> devices
    )
    {
        // The volumes' devices lie on it, straight or over hidden ones of RAID and thin pools.
        var below = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<BlockDeviceFacts>(devices.Where(device => group.LogicalVolumes.Any(volume => volume.Path == device.Path)));
        while (open.Count > 0)
        {
            foreach (var parent in open.Pop().Parents.Where(below.Add))
            {
                if (devices.FirstOrDefault(device => device.Name == parent) is { ContentType: not "LVM2_member" } hidden)
                    open.Push(hidden);
            }
        }

        var candidates = new Queue<string>(
            devices
                .Where(device => device.ContentType == "LVM2_member" && below.Contains(device.Name) && !named.Contains(device.Path))
                .Select(device => device.Path)
        );
        return group with
        {
            PhysicalVolumes =
            [
                .. group.PhysicalVolumes.Select(path =>
                    IsKnown(path, groups, devices) || candidates.Count == 0 ? path : candidates.Dequeue()
                ),
            ],
        };
    }

    /// <summary>A physical volume may be a logical volume of another group, under any of its names.</summary>
    private static bool IsKnown(string path, IReadOnlyList<VolumeGroupFacts> groups, IReadOnlyList<BlockDeviceFacts> devices) =>
        devices.Any(device => device.Path == path || "/dev/" + device.Name == path)
        || groups.Any(group => group.LogicalVolumes.Any(volume => path == volume.Path || path == $"/dev/{group.Name}/{volume.Name}"));
}
