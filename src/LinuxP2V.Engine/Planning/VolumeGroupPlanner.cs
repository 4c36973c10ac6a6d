using LinuxP2V.Engine.Sources.Model;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Planning;

/// <summary>A volume group that comes back with its name, its copied volumes and its physical volumes.</summary>
internal sealed class PlannedGroup
{
    public required VolumeGroupFacts Facts { get; init; }

    public required IReadOnlyList<PlannedVolume> Volumes { get; init; }

    public required IReadOnlyList<Demand> PhysicalVolumes { get; init; }

    /// <summary>LUKS, md and multipath devices below the group, which the copy will not have.</summary>
    public required IReadOnlyList<BlockDeviceFacts> Wrappings { get; init; }

    public TargetVolumeGroup ToTarget() =>
        new()
        {
            Name = Facts.Name,
            ExtentSizeBytes = Facts.ExtentSizeBytes,
            PhysicalVolumes = [.. PhysicalVolumes.Select(demand => demand.Reference)],
            LogicalVolumes = [.. Volumes.Select(volume => new TargetLogicalVolume(volume.Home.LogicalVolume!.Name, volume.TargetSize))],
        };
}

internal static class VolumeGroupPlanner
{
    /// <summary>LVM's label and metadata at the head of each physical volume; extents start behind it.</summary>
    private const long Header = ByteSize.MiB;

    /// <exception cref="P2VException">VolumeGroupTooSmall.</exception>
    public static PlannedGroup Keep(VolumeGroupFacts group, IReadOnlyList<PlannedVolume> volumes, DeviceGraph graph)
    {
        var homes = group
            .PhysicalVolumes.Select(path => (Home: graph.FindPhysicalVolume(group, path), Size: graph.Find(path)!.SizeBytes))
            .ToList();
        var demands = homes
            .Select(home => new Demand
            {
                Slot = home.Home.Slot,
                Content = PartitionContent.PhysicalVolume,
                Size = Math.Max(home.Home.Slot!.SizeBytes, home.Size),
            })
            .ToList();

        foreach (var volume in volumes)
            volume.TargetSize = ByteSize.RoundUp(volume.TargetSize, group.ExtentSizeBytes);

        Fit(group, volumes, demands);
        return new PlannedGroup
        {
            Facts = group,
            Volumes = volumes,
            PhysicalVolumes = demands,
            Wrappings = [.. homes.SelectMany(home => home.Home.Wrappings)],
        };
    }

    private static void Fit(VolumeGroupFacts group, IReadOnlyList<PlannedVolume> volumes, List<Demand> demands)
    {
        var extent = group.ExtentSizeBytes;
        var capacity = demands.Sum(demand => Extents(demand.Size, extent));
        var needed = volumes.Sum(volume => volume.TargetSize / extent);
        var isResized = volumes.Any(volume => volume.IsResized);
        var growth = volumes.Where(volume => volume.IsResized).Sum(volume => volume.TargetSize - volume.SourceSize) / extent;
        if (needed > capacity)
        {
            // Older LVM kept a shorter header: a full group may then lack an extent on each physical volume.
            if (!isResized && needed - capacity > demands.Count)
                throw TooSmall(group, volumes, needed * extent, capacity * extent);

            Resize(demands[demands.Count - 1], needed - capacity, extent, isResized);
        }
        else if (growth < 0)
        {
            Shrink(demands, Math.Min(-growth, capacity - needed), extent);
        }
    }

    private static void Shrink(List<Demand> demands, long extents, long extent)
    {
        for (var index = demands.Count - 1; index >= 0 && extents > 0; index--)
        {
            // One extent stays: the physical volume itself is kept.
            var taken = Math.Min(extents, Extents(demands[index].Size, extent) - 1);
            if (taken > 0)
                Resize(demands[index], -taken, extent, true);

            extents -= taken;
        }
    }

    private static void Resize(Demand demand, long extents, long extent, bool isResized)
    {
        demand.Size = ByteSize.RoundUp(Header + ((Extents(demand.Size, extent) + extents) * extent), ByteSize.MiB);
        demand.IsResized |= isResized;
    }

    private static long Extents(long size, long extent) => Math.Max(0, (size - Header) / extent);

    private static P2VException TooSmall(VolumeGroupFacts group, IReadOnlyList<PlannedVolume> volumes, long needed, long capacity)
    {
        var layouts = volumes.Select(volume => volume.Home.LogicalVolume!).Where(volume => volume.Layout != "linear").ToList();
        var why =
            layouts.Count == 0
                ? ""
                : $" {string.Join(", ", layouts.Select(volume => $"{volume.Name} ({volume.Layout})"))} come back as linear volumes.";
        return new P2VException(
            ErrorIds.VolumeGroupTooSmall,
            $"Volume group {group.Name} has room for {ByteSize.Format(capacity)}, but its volumes take "
                + $"{ByteSize.Format(needed)} (and hold {ByteSize.Format(volumes.Sum(volume => volume.UsedBytes))}).{why}",
            "Make volumes smaller with -VolumeSize, leave some out with -ExcludeVolume, or make them partitions with -LvmMode Basic.",
            group.Name
        );
    }
}
