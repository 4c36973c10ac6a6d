using LinuxP2V.Engine.Sources.Model;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Planning;

/// <summary>A place for content: a whole disk, or one partition of it.</summary>
/// <param name="Disk">A device of kind Disk.</param>
/// <param name="Table">What the partition is cut from: the disk, or an md or multipath device that covers it.</param>
internal sealed record SourceLocation(BlockDeviceFacts Disk, BlockDeviceFacts? Partition, BlockDeviceFacts? Table)
{
    public string Key => Partition?.Name ?? Disk.Name;

    /// <summary>The size that the place has on the source.</summary>
    public long SizeBytes => Partition?.SizeBytes ?? Disk.SizeBytes;
}

/// <param name="Location">Null for a logical volume.</param>
/// <param name="Layers">LUKS, md and multipath devices passed on the way down, which the copy will not have.</param>
internal sealed record Backing(
    SourceLocation? Location,
    VolumeGroupFacts? Group,
    LogicalVolumeFacts? LogicalVolume,
    IReadOnlyList<BlockDeviceFacts> Layers
);

/// <summary>The source's block devices, and what lies on what.</summary>
internal sealed class DeviceGraph
{
    private readonly SourceFacts facts;
    private readonly Dictionary<string, BlockDeviceFacts> byName = new(StringComparer.Ordinal);
    private readonly Dictionary<string, BlockDeviceFacts> byPath = new(StringComparer.Ordinal);

    public DeviceGraph(SourceFacts facts)
    {
        this.facts = facts;
        foreach (var device in facts.BlockDevices)
        {
            byName[device.Name] = device;
            byPath[device.Path] = device;
        }
    }

    /// <param name="path">Any of a device's usual names: /dev/sda1, /dev/vg/root, /dev/mapper/vg-root.</param>
    public BlockDeviceFacts? Find(string path)
    {
        if (
            byPath.TryGetValue(path, out var device)
            || byName.TryGetValue(path.StartsWith("/dev/", StringComparison.Ordinal) ? path.Substring(5) : path, out device)
        )
            return device;

        return FindLogicalVolume(path) is { } found
            ? facts.BlockDevices.FirstOrDefault(candidate => IsNameOf(candidate.Path, found.Group, found.Volume))
            : null;
    }

    /// <summary>All that is below it, itself included, is made of files of other volumes.</summary>
    public bool IsOnLoop(BlockDeviceFacts device)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<BlockDeviceFacts>([device]);
        var isFound = false;
        while (open.Count > 0)
        {
            var current = open.Pop();
            if (!seen.Add(current.Name))
                continue;
            if (current.Kind == BlockDeviceKind.Loop)
                isFound = true;
            else if (current.Parents.Count == 0)
                return false;

            foreach (var parent in current.Parents)
            {
                if (byName.TryGetValue(parent, out var below))
                    open.Push(below);
            }
        }

        return isFound;
    }

    /// <summary>A partition that is seen once more on the RAID or multipath device above its disk.</summary>
    public bool IsMemberPartition(BlockDeviceFacts device) =>
        device.Kind == BlockDeviceKind.Partition
        && facts.BlockDevices.Any(above =>
            above.Kind is BlockDeviceKind.Raid or BlockDeviceKind.Multipath && above.Parents.Contains(FirstParent(device))
        );

    /// <summary>LVM tells that something has the logical volume open.</summary>
    public bool IsOpenVolume(BlockDeviceFacts device) =>
        device.Kind == BlockDeviceKind.LogicalVolume && FindLogicalVolume(device) is { Volume.IsOpen: true };

    /// <summary>Null where <see cref="FindBacking"/> refuses.</summary>
    public Backing? TryFindBacking(BlockDeviceFacts device)
    {
        try
        {
            return FindBacking(device);
        }
        catch (P2VException)
        {
            return null;
        }
    }

    /// <exception cref="P2VException">PlanNotPossible: the storage is stacked in a way that cannot be unstacked.</exception>
    public Backing FindBacking(BlockDeviceFacts device)
    {
        var layers = new List<BlockDeviceFacts>();
        for (var current = device; ; current = Parent(current, device))
        {
            if (current.Kind == BlockDeviceKind.LogicalVolume)
            {
                var (group, volume) =
                    FindLogicalVolume(current)
                    ?? throw Impossible($"{current.Path} is a logical volume, but no volume group lists it.", device);
                return new Backing(null, group, volume, layers);
            }

            if (current.Kind is BlockDeviceKind.Disk or BlockDeviceKind.Partition)
            {
                var location = FindLocation(current, device);
                // A partition of a multipath or md device changes its name as well.
                if (location.Table is not null && location.Table != location.Disk)
                    layers.Add(current);

                return new Backing(location, null, null, layers);
            }

            layers.Add(current);
        }
    }

    /// <summary>The place of a physical volume.</summary>
    public Backing FindPhysicalVolume(VolumeGroupFacts group, string path)
    {
        var device =
            Find(path) ?? throw Impossible($"The physical volume {path} of group {group.Name} is not among the block devices.", null);
        var backing = FindBacking(device);
        return backing.Location is null
            ? throw Impossible(
                $"The physical volume {path} of group {group.Name} lies on a logical volume of group "
                    + $"{backing.Group!.Name}: a group inside a group cannot be rebuilt.",
                device
            )
            : backing;
    }

    /// <summary>The partitions cut from a device, in the order of their start.</summary>
    public IReadOnlyList<BlockDeviceFacts> PartitionsOf(BlockDeviceFacts table) =>
        [
            .. facts
                .BlockDevices.Where(device => device.Kind == BlockDeviceKind.Partition && FirstParent(device) == table.Name)
                .Where(device => PartitionFactsOf(device) is not null)
                .OrderBy(device => PartitionFactsOf(device)!.StartBytes)
                // The extended partition and its first logical one may be told with the same start.
                .ThenBy(device => PartitionFactsOf(device)!.Number),
        ];

    /// <summary>For a partition of a multipath device, which tells none itself, those of the path below.</summary>
    public PartitionFacts? PartitionFactsOf(BlockDeviceFacts partition)
    {
        if (partition.Partition is not null || !byName.TryGetValue(FirstParent(partition), out var parent))
            return partition.Partition;

        var number = new string([.. partition.Path.Reverse().TakeWhile(char.IsDigit).Reverse()]);
        return facts
            .BlockDevices.FirstOrDefault(device =>
                device.Partition is not null
                && device.Parents.Any(parent.Parents.Contains)
                && device.Partition.Number.ToString(System.Globalization.CultureInfo.InvariantCulture) == number
            )
            ?.Partition;
    }

    /// <summary>By its UUIDs, as groups may share a name; in older facts by its name, where the active one counts.</summary>
    private (VolumeGroupFacts Group, LogicalVolumeFacts Volume)? FindLogicalVolume(BlockDeviceFacts device)
    {
        foreach (var group in facts.VolumeGroups.Where(group => group.Uuid is not null))
        {
            if (
                group.LogicalVolumes.FirstOrDefault(volume => $"{group.Uuid}{volume.Uuid}".Replace("-", "") == device.VolumeUuid) is
                { } volume
            )
                return (group, volume);
        }

        return FindLogicalVolume(device.Path);
    }

    private (VolumeGroupFacts Group, LogicalVolumeFacts Volume)? FindLogicalVolume(string path)
    {
        if (FindLogicalVolume(path, volume => volume.IsActive) is { } active)
            return active;

        return FindLogicalVolume(path, _ => true);
    }

    private (VolumeGroupFacts Group, LogicalVolumeFacts Volume)? FindLogicalVolume(string path, Func<LogicalVolumeFacts, bool> isMeant)
    {
        foreach (var group in facts.VolumeGroups)
        {
            foreach (var volume in group.LogicalVolumes.Where(isMeant))
            {
                if (IsNameOf(path, group, volume))
                    return (group, volume);
            }
        }

        return null;
    }

    private static bool IsNameOf(string path, VolumeGroupFacts group, LogicalVolumeFacts volume) =>
        path == volume.Path
        || path == $"/dev/{group.Name}/{volume.Name}"
        || path == $"/dev/mapper/{group.Name.Replace("-", "--")}-{volume.Name.Replace("-", "--")}";

    private static string FirstParent(BlockDeviceFacts device) => device.Parents.Count > 0 ? device.Parents[0] : "";

    private BlockDeviceFacts Parent(BlockDeviceFacts device, BlockDeviceFacts subject)
    {
        var isStackable =
            device.Kind is BlockDeviceKind.Raid or BlockDeviceKind.Crypt or BlockDeviceKind.Multipath
            // Of a bcache the first is the one that holds the data.
            || (device.Kind == BlockDeviceKind.Other && (device.Parents.Count == 1 || device.Detail == "bcache"));
        if (isStackable && device.Parents.Count > 0 && byName.TryGetValue(device.Parents[0], out var parent))
            return parent;

        if (device.Kind == BlockDeviceKind.Loop)
            throw Impossible($"{subject.Path} lies partly on {device.Path}, a device made of the file {device.Detail}.", subject);

        throw Impossible(
            $"{subject.Path} lies on {device.Path}, a device of kind "
                + $"{device.Kind}{(device.Detail is null ? "" : $" ({device.Detail})")} that cannot be rebuilt.",
            subject
        );
    }

    private SourceLocation FindLocation(BlockDeviceFacts device, BlockDeviceFacts subject)
    {
        if (device.Kind == BlockDeviceKind.Disk)
            return new SourceLocation(Canonical(device), null, null);

        if (!byName.TryGetValue(FirstParent(device), out var table))
            throw Impossible($"The disk of partition {device.Path} is not known.", subject);

        if (PartitionFactsOf(device) is null)
            throw Impossible($"Number and start of partition {device.Path} are not known.", subject);

        var below = table;
        while (below.Kind != BlockDeviceKind.Disk)
        {
            below = Parent(below, subject);
            if (below.Kind == BlockDeviceKind.Partition)
                throw Impossible($"{device.Path} is a partition inside the partition {below.Path}.", subject);
        }

        return new SourceLocation(Canonical(below), device, table);
    }

    /// <summary>Of the paths to one multipath disk, the first.</summary>
    private BlockDeviceFacts Canonical(BlockDeviceFacts disk)
    {
        var multipath = facts.BlockDevices.FirstOrDefault(device =>
            device.Kind == BlockDeviceKind.Multipath && device.Parents.Contains(disk.Name)
        );
        return multipath is not null && byName.TryGetValue(multipath.Parents[0], out var first) ? first : disk;
    }

    private static P2VException Impossible(string cause, BlockDeviceFacts? device) =>
        new(ErrorIds.PlanNotPossible, cause, "Leave the volume out with -ExcludeVolume and copy its data by other means.", device?.Path);
}
