using LinuxP2V.Engine.Sources.Model;
using LinuxP2V.Engine.Tasks;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Planning;

/// <summary>All disks of the copy, in order, and what lies where.</summary>
internal sealed class StoragePlan
{
    private readonly SourceFacts facts;
    private readonly DeviceGraph graph;
    private readonly IReadOnlyList<PlannedVolume> volumes;
    private readonly List<Demand> demands = [];
    private readonly List<PlannedGroup> groups = [];
    private readonly List<ReplacedDevice> replaced = [];

    private StoragePlan(SourceFacts facts, DeviceGraph graph, IReadOnlyList<PlannedVolume> volumes)
    {
        this.facts = facts;
        this.graph = graph;
        this.volumes = volumes;
    }

    public IReadOnlyList<DraftDisk> Disks { get; private set; } = [];

    public IReadOnlyList<ReplacedDevice> Replaced => replaced;

    /// <exception cref="P2VException">PlanNotPossible, VolumeGroupTooSmall.</exception>
    public static StoragePlan Create(SourceFacts facts, DeviceGraph graph, IReadOnlyList<PlannedVolume> volumes, LvmMode lvmMode)
    {
        var plan = new StoragePlan(facts, graph, volumes);
        plan.CollectDemands(lvmMode);
        plan.LayOutDisks();
        plan.Resolve();
        return plan;
    }

    public IReadOnlyList<TargetVolumeGroup> ToTargetGroups() => [.. groups.Select(group => group.ToTarget())];

    private void CollectDemands(LvmMode lvmMode)
    {
        foreach (var volume in volumes.Where(volume => volume.Home.Slot is not null))
        {
            demands.Add(
                new Demand
                {
                    Slot = volume.Home.Slot,
                    Content = volume.Content,
                    // A RAID can be larger than the member in whose place it goes; a LUKS volume is smaller than its partition.
                    Size = volume.IsResized
                        ? ByteSize.RoundUp(volume.TargetSize, ByteSize.MiB)
                        : Math.Max(volume.Home.Slot!.SizeBytes, volume.SourceSize),
                    IsResized = volume.IsResized,
                    Volume = volume,
                }
            );
        }

        // In the order of the source's groups, so that the same source always gives the same plan.
        foreach (var group in facts.VolumeGroups)
        {
            var members = volumes.Where(volume => volume.Home.Group == group).ToList();
            if (members.Count == 0)
                continue;

            if (lvmMode == LvmMode.Basic)
            {
                demands.Add(BasicLvmPlanner.Flatten(group, members, graph));
            }
            else
            {
                var planned = VolumeGroupPlanner.Keep(group, members, graph);
                groups.Add(planned);
                demands.AddRange(planned.PhysicalVolumes);
            }
        }

        if (
            demands
                .Where(demand => demand.Slot is not null)
                .GroupBy(demand => demand.Slot!.Key, StringComparer.Ordinal)
                .FirstOrDefault(same => same.Count() > 1) is
            { } twice
        )
        {
            throw new P2VException(
                ErrorIds.PlanNotPossible,
                $"Two volumes would come to lie on {twice.Key}: the source's RAID or multipath devices overlap.",
                "Leave one of them out with -ExcludeVolume."
            );
        }
    }

    private void LayOutDisks()
    {
        var bootDisk = FindBootDisk();
        var drafts = new List<DraftDisk>();
        foreach (var disk in facts.BlockDevices.Where(device => device.Kind == BlockDeviceKind.Disk))
        {
            var onDisk = demands.Where(demand => demand.Slot?.Disk == disk).ToList();
            if (onDisk.Count == 0 && disk != bootDisk)
                continue;

            var draft = DiskLayout.Create(graph, disk, onDisk);
            draft.IsBootDisk = disk == bootDisk;
            drafts.Add(draft);
        }

        drafts.AddRange(demands.Where(demand => demand.Slot is null).Select(demand => DiskLayout.CreateSplit(demand, 0)));
        if (!drafts.Any(draft => draft.IsBootDisk))
            DiskOf(BootVolume()).IsBootDisk = true;

        // A BIOS boots the first disk, whatever the source's order was.
        Disks = [.. drafts.OrderBy(draft => !draft.IsBootDisk)];
        for (var number = 0; number < Disks.Count; number++)
            Disks[number].Number = number;
    }

    /// <summary>Null: the one that /boot comes to lie on.</summary>
    private BlockDeviceFacts? FindBootDisk()
    {
        if (facts.Hardware.Firmware == Firmware.Uefi)
            return volumes.First(volume => volume.IsEfiSystem).Home.Slot?.Disk;

        var used = demands.Select(demand => demand.Slot?.Disk).ToList();
        var told = facts.Boot.BootDisk is { } name ? graph.Find(name) : null;
        if (told is not null && told.Kind is BlockDeviceKind.Disk or BlockDeviceKind.Multipath or BlockDeviceKind.Raid)
        {
            var disk = graph.FindHome(told).Slot?.Disk;
            // The second half of a mirror carries boot code too, but nothing of it comes along.
            if (disk is not null && (used.Contains(disk) || !IsRaidMember(disk)))
                return disk;
        }

        return used.FirstOrDefault(disk =>
                disk is not null && graph.PartitionsOf(disk).Any(partition => PartitionTypes.IsBiosBoot(partition.Partition?.Type))
            )
            ?? used.FirstOrDefault(disk =>
                disk is not null && graph.PartitionsOf(disk).Any(partition => partition.Partition is { IsActive: true })
            );
    }

    private bool IsRaidMember(BlockDeviceFacts disk) =>
        facts.BlockDevices.Any(device =>
            device.Kind == BlockDeviceKind.Raid
            && device.Parents.Any(member => member == disk.Name || graph.PartitionsOf(disk).Any(partition => partition.Name == member))
        );

    private PlannedVolume BootVolume() =>
        volumes.FirstOrDefault(volume => volume.Id == "/boot") ?? volumes.First(volume => volume.Id == "/");

    private DraftDisk DiskOf(PlannedVolume volume) =>
        (
            demands.FirstOrDefault(demand => demand.Volume == volume || demand.Split.Contains(volume))
            ?? groups.First(group => group.Volumes.Contains(volume)).PhysicalVolumes[0]
        ).Disk!;

    private void Resolve()
    {
        foreach (var volume in volumes)
        {
            var draft = DiskOf(volume);
            draft.UsedBytes += volume.Mount?.UsedBytes ?? 0;
            var demand = demands.FirstOrDefault(candidate => candidate.Volume == volume);
            var isSplit = demands.Any(candidate => candidate.Split.Contains(volume));
            volume.Reference =
                demand is not null ? demand.Reference
                : isSplit ? DeviceReference.OnDisk(draft.Number, volume.SplitPartition)
                : DeviceReference.OnVolumeGroup(volume.Home.Group!.Name, volume.Home.LogicalVolume!.Name);

            var isRenumbered = demand?.Partition is { } number && graph.PartitionFactsOf(volume.Home.Slot!.Partition!)?.Number != number;
            if (isSplit || isRenumbered)
                NoteReplaced(volume.SourceDevice, volume.Id);

            foreach (var wrapping in volume.Home.Wrappings)
                NoteReplaced(wrapping.Path, volume.Id);
        }

        foreach (var group in groups)
        {
            foreach (var wrapping in group.Wrappings)
                NoteReplaced(wrapping.Path, group.Volumes[0].Id);
        }

        foreach (var group in facts.VolumeGroups.Where(group => groups.All(planned => planned.Facts != group)))
        {
            if (volumes.FirstOrDefault(volume => volume.Home.Group == group) is not { } first)
                continue;

            foreach (var wrapping in group.PhysicalVolumes.SelectMany(path => graph.FindPhysicalVolume(group, path).Wrappings))
                NoteReplaced(wrapping.Path, first.Id);
        }
    }

    private void NoteReplaced(string device, string volumeId)
    {
        if (replaced.All(known => known.SourceDevice != device))
            replaced.Add(new ReplacedDevice(device, volumeId));
    }
}
