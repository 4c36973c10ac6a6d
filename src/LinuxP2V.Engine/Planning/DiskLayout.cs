using LinuxP2V.Engine.Sources.Model;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Planning;

/// <param name="BiosBoot">GRUB will be installed on it for BIOS.</param>
/// <param name="IsTrimmed">Much of what was on it goes elsewhere: it ends behind its last partition.</param>
internal sealed record DiskNeeds(bool BiosBoot, bool IsTrimmed);

/// <summary>Lays one source disk out anew: the same table and partitions, less what is not copied, with new sizes moved along.</summary>
internal sealed class DiskLayout
{
    /// <summary>The second GPT header and its entries, in the sectors of a virtual disk.</summary>
    private const long GptBackup = 33 * 512;

    private const long MbrReach = 2 * ByteSize.TiB;

    /// <summary>Between two logical partitions lies the next one's own boot record.</summary>
    private const long LogicalGap = ByteSize.MiB;

    /// <summary>GPT's first header and entries end here.</summary>
    private const long BiosBootStart = 34 * 512;

    private readonly DeviceGraph graph;
    private readonly BlockDeviceFacts table;
    private readonly PartitionTableKind kind;
    private readonly Dictionary<string, PlacementRequest> requests;
    private readonly DiskNeeds needs;
    private readonly List<TargetPartition> partitions = [];
    private readonly List<(PlacementRequest PlacementRequest, int Number)> places = [];
    private bool hasAddedBiosBoot;
    private long shift;
    private long sourceEnd;
    private long targetEnd;
    private int nextNumber;
    private int nextLogical = 5;

    private DiskLayout(DeviceGraph graph, BlockDeviceFacts table, IEnumerable<PlacementRequest> requests, DiskNeeds needs)
    {
        this.graph = graph;
        this.table = table;
        this.requests = requests.ToDictionary(request => request.Location!.Key, StringComparer.Ordinal);
        this.needs = needs;
        kind = KindOf(graph, table);
    }

    public static PartitionTableKind KindOf(DeviceGraph graph, BlockDeviceFacts table)
    {
        if (table.PartitionTable != PartitionTableKind.None)
            return table.PartitionTable;

        // Of md and multipath devices the table is not told; the partitions give it away.
        var type = graph
            .PartitionsOf(table)
            .Select(partition => graph.PartitionFactsOf(partition)!.Type)
            .FirstOrDefault(text => text is not null);
        return type is { Length: <= 2 } ? PartitionTableKind.Mbr : PartitionTableKind.Gpt;
    }

    /// <param name="requests">All on one disk. May be empty for a disk that only carries boot code.</param>
    /// <exception cref="P2VException">PlanNotPossible.</exception>
    public static DraftDisk Create(DeviceGraph graph, BlockDeviceFacts disk, IReadOnlyList<PlacementRequest> requests, DiskNeeds needs)
    {
        if (requests.FirstOrDefault(request => request.Location!.Partition is null) is { } whole)
            return requests.Count == 1 ? Whole(disk, whole, needs) : throw Stacked(disk);

        var tables = requests.Select(request => request.Location!.Table!).Distinct().ToList();
        return tables.Count switch
        {
            0 => new DiskLayout(graph, disk, requests, needs).LayOut(),
            1 => new DiskLayout(graph, tables[0], requests, needs).LayOut(),
            _ => throw Stacked(disk),
        };
    }

    /// <summary>
    /// What an MBR cannot hold in the sectors of a virtual disk: a RAID that is larger than the member in whose place it
    /// goes, or a partition of a disk with sectors of 4096 bytes.
    /// </summary>
    public static bool IsBeyondMbr(DeviceGraph graph, PlacementRequest request) =>
        request is { Location.Table: { } table, Split.Count: 0, IsResized: false }
        && KindOf(graph, table) == PartitionTableKind.Mbr
        && graph.PartitionFactsOf(request.Location.Partition!) is { } place
        && place.StartBytes + request.Size > MbrReach;

    /// <summary>A GPT disk for what the source has not on a disk of its own.</summary>
    public static DraftDisk CreateOwn(PlacementRequest request)
    {
        var size = ByteSize.RoundUp(request.Size, ByteSize.MiB);
        var draft = new DraftDisk
        {
            Table = PartitionTableKind.Gpt,
            Size = size + (2 * ByteSize.MiB),
            Partitions =
            [
                new TargetPartition
                {
                    Number = 1,
                    StartBytes = ByteSize.MiB,
                    SizeBytes = size,
                    Type = PartitionTypes.For(PartitionTableKind.Gpt, request.Content),
                },
            ],
        };
        request.Disk = draft;
        request.Partition = 1;
        return draft;
    }

    /// <summary>A GPT disk with a partition for each volume: one that the source has not, or a former physical volume.</summary>
    public static DraftDisk CreateSplit(PlacementRequest request, long minimumSize, bool needsBiosBoot)
    {
        var partitions = new List<TargetPartition>();
        var start = ByteSize.MiB;
        foreach (var volume in request.Split)
        {
            partitions.Add(NewPartition(PartitionTableKind.Gpt, partitions.Count + 1, start, volume));
            start += ByteSize.RoundUp(volume.TargetSize, ByteSize.MiB);
        }

        if (needsBiosBoot)
            partitions.Add(BiosBootPartition(partitions.Count + 1));

        var draft = new DraftDisk
        {
            Table = PartitionTableKind.Gpt,
            Size = Math.Max(start + ByteSize.MiB, ByteSize.RoundUp(minimumSize, ByteSize.MiB)),
            Partitions = partitions,
        };
        request.Disk = draft;
        request.Partition = 1;
        return draft;
    }

    private static DraftDisk Whole(BlockDeviceFacts disk, PlacementRequest request, DiskNeeds needs)
    {
        if (request.Split.Count > 0)
            return CreateSplit(request, request.IsResized ? 0 : disk.SizeBytes, needs.BiosBoot);

        var draft = new DraftDisk { Table = PartitionTableKind.None, Size = ByteSize.RoundUp(request.Size, ByteSize.MiB) };
        request.Disk = draft;
        return draft;
    }

    private DraftDisk LayOut()
    {
        var source = graph.PartitionsOf(table);
        nextNumber = source.Select(partition => graph.PartitionFactsOf(partition)!.Number).DefaultIfEmpty(0).Max() + 1;
        foreach (var partition in source)
        {
            var facts = graph.PartitionFactsOf(partition)!;
            if (kind == PartitionTableKind.Mbr && PartitionTypes.IsExtended(facts.Type))
                continue;

            requests.TryGetValue(partition.Name, out var request);
            if (request is not null || PartitionTypes.IsBootArea(facts.Type))
                Place(partition, facts, request);
        }

        AddExtended(source);
        AddBiosBoot(source);
        CheckLimits();
        var draft = new DraftDisk
        {
            Table = kind,
            Identifier = table.TableIdentifier,
            Size = DiskSize(),
            Partitions = [.. partitions.OrderBy(partition => partition.Number)],
            HasAddedBiosBoot = hasAddedBiosBoot,
        };
        foreach (var (request, number) in places)
        {
            request.Disk = draft;
            request.Partition = number;
        }

        return draft;
    }

    private void Place(BlockDeviceFacts partition, PartitionFacts facts, PlacementRequest? request)
    {
        var isLogical = kind == PartitionTableKind.Mbr && facts.Number >= 5;
        var start = Math.Max(Math.Max(facts.StartBytes + shift, isLogical ? targetEnd + LogicalGap : targetEnd), LeastStart(facts));
        // A BIOS boot area fits before the first MiB and would only push everything else along.
        if (!PartitionTypes.IsBiosBoot(facts.Type) || shift != 0)
            start = ByteSize.RoundUp(start, ByteSize.MiB);

        if (request is { Split.Count: > 0 })
        {
            PlaceSplit(request, facts, start);
        }
        else
        {
            var size = request?.Size ?? partition.SizeBytes;
            var number = isLogical ? nextLogical++ : facts.Number;
            partitions.Add(
                new TargetPartition
                {
                    Number = number,
                    StartBytes = start,
                    SizeBytes = size,
                    Type = TypeOf(facts, request),
                    Uuid = kind == PartitionTableKind.Gpt ? facts.Uuid : null,
                    Name = kind == PartitionTableKind.Gpt ? facts.Name : null,
                    IsActive = facts.IsActive,
                }
            );
            targetEnd = start + size;
            if (request is not null)
                places.Add((request, number));
        }

        sourceEnd = facts.StartBytes + partition.SizeBytes;
        shift = targetEnd - sourceEnd;
    }

    /// <summary>Where a BIOS boot partition is added, nothing else begins before the first MiB.</summary>
    private static long LeastStart(PartitionFacts facts) => PartitionTypes.IsBiosBoot(facts.Type) ? BiosBootStart : ByteSize.MiB;

    private void PlaceSplit(PlacementRequest request, PartitionFacts facts, long start)
    {
        places.Add((request, facts.Number));
        foreach (var volume in request.Split)
        {
            var number = volume == request.Split[0] ? facts.Number : nextNumber++;
            partitions.Add(NewPartition(kind, number, start, volume));
            start += ByteSize.RoundUp(volume.TargetSize, ByteSize.MiB);
        }

        targetEnd = start;
    }

    private static TargetPartition NewPartition(PartitionTableKind kind, int number, long start, PlannedVolume volume)
    {
        volume.SplitPartition = number;
        return new TargetPartition
        {
            Number = number,
            StartBytes = start,
            SizeBytes = ByteSize.RoundUp(volume.TargetSize, ByteSize.MiB),
            Type = PartitionTypes.For(kind, volume.Content),
            Name = $"{volume.Backing.Group!.Name}-{volume.Backing.LogicalVolume!.Name}" is { Length: <= 36 } name ? name : null,
        };
    }

    private string TypeOf(PartitionFacts facts, PlacementRequest? request) =>
        facts.Type is { } type && (request is null || !PartitionTypes.IsWrapping(type))
            ? type.ToLowerInvariant()
            : PartitionTypes.For(kind, request?.Content ?? PartitionContent.FileSystem);

    /// <summary>The kernel tells an extended partition as two sectors long: its bounds come from what it holds.</summary>
    private void AddExtended(IReadOnlyList<BlockDeviceFacts> source)
    {
        var logical = partitions.Where(partition => kind == PartitionTableKind.Mbr && partition.Number >= 5).ToList();
        if (logical.Count == 0)
            return;

        var extended = source.Select(graph.PartitionFactsOf).FirstOrDefault(facts => PartitionTypes.IsExtended(facts!.Type));
        var start = logical.Min(partition => partition.StartBytes) - LogicalGap;
        partitions.Add(
            new TargetPartition
            {
                Number =
                    extended?.Number ?? Enumerable.Range(1, 4).First(number => partitions.All(partition => partition.Number != number)),
                StartBytes = start,
                SizeBytes = logical.Max(partition => partition.StartBytes + partition.SizeBytes) - start,
                Type = extended?.Type ?? "05",
            }
        );
    }

    /// <summary>Into the room before the first MiB, which nothing else may have.</summary>
    private void AddBiosBoot(IReadOnlyList<BlockDeviceFacts> source)
    {
        if (
            !needs.BiosBoot
            || kind != PartitionTableKind.Gpt
            || source.Any(partition => PartitionTypes.IsBiosBoot(graph.PartitionFactsOf(partition)!.Type))
        )
            return;

        hasAddedBiosBoot = true;
        partitions.Add(BiosBootPartition(nextNumber++));
    }

    private static TargetPartition BiosBootPartition(int number) =>
        new()
        {
            Number = number,
            StartBytes = BiosBootStart,
            SizeBytes = ByteSize.MiB - BiosBootStart,
            Type = PartitionTypes.BiosBoot,
        };

    private long DiskSize()
    {
        var needed = targetEnd + (kind == PartitionTableKind.Gpt ? GptBackup : 0);
        if (needs.IsTrimmed)
            return ByteSize.RoundUp(needed, ByteSize.MiB) + ByteSize.MiB;

        var size = requests.Values.Any(request => request.IsResized) ? targetEnd + (table.SizeBytes - sourceEnd) : table.SizeBytes;
        return ByteSize.RoundUp(Math.Max(needed, size), ByteSize.MiB);
    }

    private void CheckLimits()
    {
        if (kind == PartitionTableKind.Mbr && targetEnd > MbrReach)
        {
            throw new P2VException(
                ErrorIds.PlanNotPossible,
                $"The partitions of {table.Path} would end at {ByteSize.Format(targetEnd)}, but its MBR partition table reaches 2 TB only.",
                "Give its volumes smaller sizes with -VolumeSize.",
                table.Path
            );
        }
    }

    private static P2VException Stacked(BlockDeviceFacts disk) =>
        new(
            ErrorIds.PlanNotPossible,
            $"{disk.Path} carries volumes both as a whole and by partitions, or by two partition tables.",
            "Leave one of them out with -ExcludeVolume.",
            disk.Path
        );
}
