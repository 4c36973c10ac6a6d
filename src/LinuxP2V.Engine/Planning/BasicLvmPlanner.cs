using LinuxP2V.Engine.Sources.Model;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Engine.Planning;

/// <summary>Logical volumes that become partitions: in the place of the group's first physical volume, or on a disk of their own.</summary>
internal static class BasicLvmPlanner
{
    public static Demand Flatten(VolumeGroupFacts group, IReadOnlyList<PlannedVolume> volumes, DeviceGraph graph)
    {
        var slot = graph.FindPhysicalVolume(group, group.PhysicalVolumes[0]).Slot!;
        // An MBR has four partitions at most, and those may be taken.
        var isNewDisk = slot.Table is not null && DiskLayout.KindOf(graph, slot.Table) == PartitionTableKind.Mbr;
        return new Demand
        {
            Slot = isNewDisk ? null : slot,
            Content = PartitionContent.FileSystem,
            Size = volumes.Sum(volume => ByteSize.RoundUp(volume.TargetSize, ByteSize.MiB)),
            IsResized = volumes.Any(volume => volume.IsResized),
            Split = volumes,
        };
    }
}
