using LinuxP2V.Engine.Sources.Model;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Planning;

/// <summary>A volume group that comes back with its name, its copied volumes and its physical volumes.</summary>
internal sealed class PlannedGroup
{
    public required VolumeGroupFacts Facts { get; init; }

    public required IReadOnlyList<PlannedVolume> Volumes { get; init; }

    public required IReadOnlyList<PlacementRequest> PhysicalVolumes { get; init; }

    /// <summary>LUKS, md and multipath devices below the group, which the copy will not have.</summary>
    public required IReadOnlyList<BlockDeviceFacts> Layers { get; init; }

    public TargetVolumeGroup ToTarget() =>
        new()
        {
            Name = Facts.Name,
            ExtentSizeBytes = Facts.ExtentSizeBytes,
            PhysicalVolumes = [.. PhysicalVolumes.Select(request => request.Reference)],
            LogicalVolumes = [.. Volumes.Select(volume => new TargetLogicalVolume(volume.Backing.LogicalVolume!.Name, volume.TargetSize))],
        };
}

internal static class VolumeGroupPlanner
{
    /// <summary>LVM's label and metadata at the head of each physical volume; extents start behind it.</summary>
    private const long Header = ByteSize.MiB;

    /// <exception cref="P2VException">VolumeGroupTooSmall.</exception>
    public static PlannedGroup Keep(VolumeGroupFacts group, IReadOnlyList<PlannedVolume> volumes, DeviceGraph graph)
    {
        var physicalVolumes = group
            .PhysicalVolumes.Select(path => (Backing: graph.FindPhysicalVolume(group, path), Size: graph.Find(path)!.SizeBytes))
            .ToList();
        var requests = physicalVolumes
            .Select(volume => new PlacementRequest
            {
                Location = volume.Backing.Location,
                Content = PartitionContent.PhysicalVolume,
                Size = Math.Max(volume.Backing.Location!.SizeBytes, volume.Size),
            })
            .ToList();

        foreach (var volume in volumes)
            volume.TargetSize = ByteSize.RoundUp(volume.TargetSize, group.ExtentSizeBytes);

        Fit(group, volumes, requests);
        return new PlannedGroup
        {
            Facts = group,
            Volumes = volumes,
            PhysicalVolumes = requests,
            Layers = [.. physicalVolumes.SelectMany(volume => volume.Backing.Layers)],
        };
    }

    private static void Fit(VolumeGroupFacts group, IReadOnlyList<PlannedVolume> volumes, List<PlacementRequest> requests)
    {
        var extent = group.ExtentSizeBytes;
        var capacity = requests.Sum(request => Extents(request.Size, extent));
        var needed = volumes.Sum(volume => volume.TargetSize / extent);
        var isResized = volumes.Any(volume => volume.IsResized);
        var growth = volumes.Where(volume => volume.IsResized).Sum(volume => volume.TargetSize - volume.SourceSize) / extent;
        if (needed > capacity)
        {
            // Older LVM kept a shorter header: a full group may then lack an extent on each physical volume.
            if (!isResized && needed - capacity > requests.Count)
                throw TooSmall(group, volumes, needed * extent, capacity * extent);

            Resize(requests[requests.Count - 1], needed - capacity, extent, isResized);
        }
        else if (growth < 0)
        {
            Shrink(requests, Math.Min(-growth, capacity - needed), extent);
        }
    }

    private static void Shrink(List<PlacementRequest> requests, long extents, long extent)
    {
        for (var index = requests.Count - 1; index >= 0 && extents > 0; index--)
        {
            // One extent stays: the physical volume itself is kept.
            var taken = Math.Min(extents, Extents(requests[index].Size, extent) - 1);
            if (taken > 0)
                Resize(requests[index], -taken, extent, true);

            extents -= taken;
        }
    }

    private static void Resize(PlacementRequest request, long extents, long extent, bool isResized)
    {
        request.Size = ByteSize.RoundUp(Header + ((Extents(request.Size, extent) + extents) * extent), ByteSize.MiB);
        request.IsResized |= isResized;
    }

    private static long Extents(long size, long extent) => Math.Max(0, (size - Header) / extent);

    private static P2VException TooSmall(VolumeGroupFacts group, IReadOnlyList<PlannedVolume> volumes, long needed, long capacity)
    {
        var layouts = volumes.Select(volume => volume.Backing.LogicalVolume!).Where(volume => volume.Layout != "linear").ToList();
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
