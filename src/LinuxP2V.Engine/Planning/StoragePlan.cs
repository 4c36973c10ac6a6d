using LinuxP2V.Engine.Sources.Model;
using LinuxP2V.Engine.Tasks;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Planning;

/// <summary>All disks of the copy, in order, and what lies where.</summary>
internal sealed class StoragePlan
{
    private readonly PlanInput input;
    private readonly SourceFacts facts;
    private readonly DeviceGraph graph;
    private readonly PlanFindings findings;
    private readonly IReadOnlyList<PlannedVolume> all;

    /// <summary>Those that have a place of their own: not the further subvolumes of a btrfs.</summary>
    private readonly IReadOnlyList<PlannedVolume> volumes;
    private readonly List<PlacementRequest> requests = [];
    private readonly List<PlannedGroup> groups = [];
    private readonly List<ReplacedDevice> replaced = [];

    /// <summary>Source disks that keep only a part of what was on them.</summary>
    private readonly HashSet<BlockDeviceFacts> leftDisks = [];

    private StoragePlan(PlanInput input, DeviceGraph graph, IReadOnlyList<PlannedVolume> volumes, PlanFindings findings)
    {
        this.input = input;
        facts = input.Facts;
        this.graph = graph;
        this.findings = findings;
        all = volumes;
        this.volumes = [.. volumes.Where(volume => volume.Owner is null)];
    }

    public IReadOnlyList<DraftDisk> Disks { get; private set; } = [];

    public IReadOnlyList<ReplacedDevice> Replaced => replaced;

    /// <exception cref="P2VException">PlanNotPossible, VolumeGroupTooSmall.</exception>
    public static StoragePlan Create(PlanInput input, DeviceGraph graph, IReadOnlyList<PlannedVolume> volumes, PlanFindings findings)
    {
        var plan = new StoragePlan(input, graph, volumes, findings);
        plan.CollectDemands(input.Settings.LvmMode);
        plan.MoveBeyondMbr();
        plan.LayOutDisks();
        plan.Resolve();
        return plan;
    }

    /// <summary>Whether the volume's group has a physical volume on the disk.</summary>
    public bool IsOnGroupOf(PlannedVolume volume, DraftDisk disk) =>
        groups.Any(group => group.Facts == volume.Backing.Group && group.PhysicalVolumes.Any(request => request.Disk == disk));

    public IReadOnlyList<TargetVolumeGroup> ToTargetGroups() => [.. groups.Select(group => group.ToTarget())];

    private void CollectDemands(LvmMode lvmMode)
    {
        foreach (var volume in volumes.Where(volume => volume.Backing.Location is not null))
        {
            requests.Add(
                new PlacementRequest
                {
                    Location = volume.Backing.Location,
                    Content = volume.Content,
                    // A RAID can be larger than the member in whose place it goes; a LUKS volume is smaller than its partition.
                    Size = volume.IsResized
                        ? ByteSize.RoundUp(volume.TargetSize, ByteSize.MiB)
                        : Math.Max(volume.Backing.Location!.SizeBytes, volume.SourceSize),
                    IsResized = volume.IsResized,
                    Volume = volume,
                }
            );
        }

        // In the order of the source's groups, so that the same source always gives the same plan.
        foreach (var group in facts.VolumeGroups)
        {
            var members = volumes.Where(volume => volume.Backing.Group == group).ToList();
            if (members.Count == 0)
                continue;

            if (lvmMode == LvmMode.Basic)
            {
                requests.Add(BasicLvmPlanner.Flatten(group, members, graph));
            }
            else
            {
                RequireOwnName(group);
                var planned = VolumeGroupPlanner.Keep(group, members, graph);
                groups.Add(planned);
                requests.AddRange(planned.PhysicalVolumes);
            }
        }

        if (
            requests
                .Where(request => request.Location is not null)
                .GroupBy(request => request.Location!.Key, StringComparer.Ordinal)
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

    /// <summary>LVM takes a second group of a name apart only by its UUID, which the copy does not keep.</summary>
    private void RequireOwnName(VolumeGroupFacts group)
    {
        if (groups.Any(planned => planned.Facts.Name == group.Name))
        {
            throw new P2VException(
                ErrorIds.PlanNotPossible,
                $"Volumes of two volume groups called {group.Name} are in use; the VM cannot have both.",
                $"Give one of them another name on the source ('vgrename UUID NEWNAME', vgs -o +vg_uuid shows the "
                    + $"UUIDs), or leave its volumes out with -ExcludeVolume.",
                group.Name
            );
        }
    }

    /// <summary>What no MBR of a virtual disk can hold gets a GPT disk of its own.</summary>
    private void MoveBeyondMbr()
    {
        foreach (var request in requests.Where(request => DiskLayout.IsBeyondMbr(graph, request)).ToList())
        {
            var place = request.Location!;
            var name = request.Volume?.Id ?? $"the physical volume {place.Key}";
            // GRUB's boot code would be alone on the first disk.
            if (facts.Hardware.Firmware == Firmware.Bios && IsBootPlace(request))
                continue;

            request.Location = null;
            leftDisks.Add(place.Disk);
            findings.Inform(
                "PartitionTableChanged",
                request.Volume?.Id ?? place.Key,
                $"{name} ({ByteSize.Format(request.Size)}) goes to a disk of its own with a GPT: the MBR of "
                    + $"{place.Table!.Path} reaches 2 TB only in the sectors of 512 bytes that a virtual disk has.",
                "Nothing to do."
            );
        }
    }

    private void LayOutDisks()
    {
        var bootDisk = FindBootDisk();
        var drafts = new List<DraftDisk>();
        foreach (var disk in facts.BlockDevices.Where(device => device.Kind == BlockDeviceKind.Disk))
        {
            var onDisk = requests.Where(request => request.Location?.Disk == disk).ToList();
            if (onDisk.Count == 0 && disk != bootDisk)
                continue;

            var draft = DiskLayout.Create(
                graph,
                disk,
                onDisk,
                new DiskNeeds(NeedsBiosBoot(disk, bootDisk, onDisk), IsTrimmed: leftDisks.Contains(disk))
            );
            draft.IsBootDisk = disk == bootDisk;
            drafts.Add(draft);
            if (draft.HasAddedBiosBoot)
            {
                findings.Inform(
                    "BiosBootPartitionAdded",
                    disk.Path,
                    $"{disk.Path} has a GPT without a BIOS boot partition, which GRUB needs to be installed for BIOS: "
                        + $"the VM's disk gets one before the first MiB.",
                    "Nothing to do."
                );
            }
        }

        drafts.AddRange(
            requests
                .Where(request => request.Location is null)
                .Select(request =>
                    request.Split.Count > 0
                        ? DiskLayout.CreateSplit(request, 0, bootDisk is null && NeedsBootCode && IsBootPlace(request))
                        : DiskLayout.CreateOwn(request)
                )
        );
        if (!drafts.Any(draft => draft.IsBootDisk))
            DiskOf(BootVolume()).IsBootDisk = true;

        // A BIOS boots the first disk, whatever the source's order was.
        Disks = [.. drafts.OrderBy(draft => !draft.IsBootDisk)];
        for (var number = 0; number < Disks.Count; number++)
            Disks[number].Number = number;
    }

    /// <summary>GRUB is installed for BIOS.</summary>
    private bool NeedsBootCode => facts.Hardware.Firmware == Firmware.Bios && !input.Settings.SkipReconfiguration;

    private bool NeedsBiosBoot(BlockDeviceFacts disk, BlockDeviceFacts? bootDisk, List<PlacementRequest> onDisk) =>
        NeedsBootCode && (disk == bootDisk || (bootDisk is null && onDisk.Any(IsBootPlace)));

    /// <summary>Where the boot volume comes to lie.</summary>
    private bool IsBootPlace(PlacementRequest request)
    {
        var boot = BootVolume();
        return request.Volume == boot
            || request.Split.Contains(boot)
            || groups.Any(group => group.Volumes.Contains(boot) && group.PhysicalVolumes[0] == request);
    }

    /// <summary>Null: the one that /boot comes to lie on.</summary>
    private BlockDeviceFacts? FindBootDisk()
    {
        if (facts.Hardware.Firmware == Firmware.Uefi)
            return volumes.First(volume => volume.IsEfiSystem).Backing.Location?.Disk;

        var used = requests.Select(request => request.Location?.Disk).ToList();
        var told = facts.Boot.BootDisk is { } name ? graph.Find(name) : null;
        if (told is not null && told.Kind is BlockDeviceKind.Disk or BlockDeviceKind.Multipath or BlockDeviceKind.Raid)
        {
            var disk = graph.FindBacking(told).Location?.Disk;
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

    private PlannedVolume BootVolume()
    {
        var volume = all.FirstOrDefault(volume => volume.Id == "/boot") ?? all.First(volume => volume.Id == "/");
        return volume.Owner ?? volume;
    }

    private DraftDisk DiskOf(PlannedVolume volume) =>
        (
            requests.FirstOrDefault(request => request.Volume == volume || request.Split.Contains(volume))
            ?? groups.First(group => group.Volumes.Contains(volume)).PhysicalVolumes[0]
        ).Disk!;

    private void Resolve()
    {
        foreach (var volume in volumes)
        {
            var draft = DiskOf(volume);
            draft.UsedBytes += volume.UsedBytes;
            var request = requests.FirstOrDefault(candidate => candidate.Volume == volume);
            var isSplit = requests.Any(candidate => candidate.Split.Contains(volume));
            volume.Reference =
                request is not null ? request.Reference
                : isSplit ? DeviceReference.OnDisk(draft.Number, volume.SplitPartition)
                : DeviceReference.OnVolumeGroup(volume.Backing.Group!.Name, volume.Backing.LogicalVolume!.Name);

            var isRenumbered =
                request?.Partition is { } number
                && (request.Location is null || graph.PartitionFactsOf(volume.Backing.Location!.Partition!)?.Number != number);
            if (isSplit || isRenumbered)
                NoteReplaced(volume.SourceDevice, volume.Id);

            foreach (var layer in volume.Backing.Layers)
                NoteReplaced(layer.Path, volume.Id);
        }

        foreach (var volume in all.Where(volume => volume.Owner is not null))
            volume.Reference = volume.Owner!.Reference;

        foreach (var group in groups)
        {
            foreach (var layer in group.Layers)
                NoteReplaced(layer.Path, group.Volumes[0].Id);
        }

        foreach (var group in facts.VolumeGroups.Where(group => groups.All(planned => planned.Facts != group)))
        {
            if (volumes.FirstOrDefault(volume => volume.Backing.Group == group) is not { } first)
                continue;

            foreach (var layer in group.PhysicalVolumes.SelectMany(path => graph.FindPhysicalVolume(group, path).Layers))
                NoteReplaced(layer.Path, first.Id);
        }
    }

    private void NoteReplaced(string device, string volumeId)
    {
        if (replaced.All(known => known.SourceDevice != device))
            replaced.Add(new ReplacedDevice(device, volumeId));
    }
}
