using LinuxP2V.Engine.Sources.Model;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Engine.Planning;

/// <summary>Logical volumes that become partitions: in the place of the group's first physical volume, or on a disk of their own.</summary>
internal static class BasicLvmPlanner
{
    public static PlacementRequest Flatten(VolumeGroupFacts group, IReadOnlyList<PlannedVolume> volumes, DeviceGraph graph)
    {
        var location = graph.FindPhysicalVolume(group, group.PhysicalVolumes[0]).Location!;
        // An MBR has four partitions at most, and those may be taken.
        var isNewDisk = location.Table is not null && DiskLayout.KindOf(graph, location.Table) == PartitionTableKind.Mbr;
        return new PlacementRequest
        {
            Location = isNewDisk ? null : location,
            Content = PartitionContent.FileSystem,
            Size = volumes.Sum(volume => ByteSize.RoundUp(volume.TargetSize, ByteSize.MiB)),
            IsResized = volumes.Any(volume => volume.IsResized),
            Split = volumes,
        };
    }
}
