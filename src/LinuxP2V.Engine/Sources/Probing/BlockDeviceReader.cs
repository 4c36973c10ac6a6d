using System.Globalization;
using LinuxP2V.Engine.Sources.Model;
using LinuxP2V.Guest.FileSystems;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Engine.Sources.Probing;

/// <summary>The machine's block devices, parents before children.</summary>
internal sealed class BlockDeviceReader
{
    private static readonly string[] BootLoaderNames = ["GRUB", "LILO", "SYSLINUX", "EXTLINUX"];

    /// <summary>What the probe prints when it could not look at all programs in time.</summary>
    private const string Untold = "/dev/linuxp2v-untold";

    private readonly List<BlockDeviceEntry> entries;
    private readonly Dictionary<string, PartitionTable> tables = [];
    private readonly Dictionary<string, Dictionary<string, string>> blkid;
    private readonly IReadOnlyDictionary<string, string> replicaDisks;
    private readonly HashSet<string> openPaths;

    /// <param name="problems">Devices that cannot be read are noted in it; the others are there all the same.</param>
    public BlockDeviceReader(ProbeOutput output, ReadingProblems? problems = null)
    {
        problems ??= new ReadingProblems();
        var heads = ReadBytes(output, "head");
        var btrfs = ReadBytes(output, "btrfs");
        entries =
        [
            .. problems
                .ReadEach(
                    output.All("block"),
                    section => section.Argument,
                    section => new BlockDeviceEntry(section, Find(heads, section.Argument), Find(btrfs, section.Argument))
                )
                .Where(entry => entry.SizeBytes > 0 && !entry.Name.StartsWith("ram", StringComparison.Ordinal))
                .GroupBy(entry => entry.Name, StringComparer.Ordinal)
                .Select(same => same.First()),
        ];
        blkid = problems.Read("blkid", () => Blkid.Read(output.Lines("blkid")), []);
        replicaDisks = problems.Read("drbd", () => Drbd.ReadDisks(output.Lines("drbd")), new Dictionary<string, string>());
        openPaths = new HashSet<string>(output.Lines("open-devices"), StringComparer.Ordinal);
        if (openPaths.Contains(Untold))
            problems.Add("/dev", "which devices programs hold open cannot be read");

        foreach (
            var entry in entries.Where(entry => entry.Kind is BlockDeviceKind.Disk or BlockDeviceKind.Raid or BlockDeviceKind.Multipath)
        )
            tables[entry.Name] = problems.Read(entry.Path, () => ReadTable(entry, output), PartitionTable.None);

        foreach (var entry in entries.Where(entry => entry.Kind != BlockDeviceKind.Other && IsUnreadable(heads, entry)))
            problems.Add(entry.Path, "its beginning cannot be read");

        Devices = problems.ReadEach(Sort(), entry => entry.Path, ToFacts);
    }

    public IReadOnlyList<BlockDeviceFacts> Devices { get; }

    public BlockDeviceEntry? ByNumber(string number) => entries.FirstOrDefault(entry => entry.Number == number);

    public BlockDeviceEntry? ByPath(string path) => entries.FirstOrDefault(entry => entry.Path == path || "/dev/" + entry.Name == path);

    /// <summary>Lies on files of other volumes, whatever is between.</summary>
    public bool IsOnLoop(BlockDeviceEntry entry) =>
        DisksOf(entry).ToList() is { Count: > 0 } disks && disks.All(disk => disk.Kind == BlockDeviceKind.Loop);

    public BlockDeviceEntry? ByName(string name) => entries.FirstOrDefault(entry => entry.Name == name);

    /// <summary>The disks that a device lies on, itself if it is one.</summary>
    public IEnumerable<BlockDeviceEntry> DisksOf(BlockDeviceEntry entry)
    {
        var parents = Parents(entry).Select(ByName).OfType<BlockDeviceEntry>().ToList();
        return parents.Count == 0 ? [entry] : parents.SelectMany(DisksOf).Distinct();
    }

    /// <summary>Disks whose first sector holds a boot loader.</summary>
    public IReadOnlyList<string> BootCodeDisks =>
        [
            .. entries
                .Where(entry => entry.Kind is BlockDeviceKind.Disk or BlockDeviceKind.Multipath && entry.Head is not null)
                .Where(entry => BootLoaderNames.Any(name => new ByteReader(entry.Head!).Contains(name, 446)))
                .Select(entry => entry.Name),
        ];

    /// <summary>What is on a device and how to make it again; contents first, then what udev or blkid say.</summary>
    public DeviceContent? ContentOf(BlockDeviceEntry entry)
    {
        var found = Find(blkid, entry.Path) ?? Find(blkid, "/dev/" + entry.Name);
        var type = entry.Udev("FS_TYPE") ?? Find(found, "TYPE");
        var uuid = entry.Udev("FS_UUID") ?? Find(found, "UUID");
        var label = entry.Udev("FS_LABEL_ENC") is { } encoded ? ProbeText.UnescapeHex(encoded) : Find(found, "LABEL");
        // A superblock at a member's end is not seen in its beginning, which may then look like a file system.
        if (entry.Holders.Select(ByName).Any(holder => holder?.Level is not null))
            return new DeviceContent("linux_raid_member", entry.Content?.Type == "linux_raid_member" ? entry.Content.Uuid : uuid, null);
        if (entry.Holders.Select(ByName).Any(holder => holder?.Kind == BlockDeviceKind.Multipath))
            return new DeviceContent("mpath_member", null, null);

        if (entry.Content is { } content)
        {
            // FAT keeps its label in the root folder as well, and that one is the newer.
            return content.Type == "vfat" && label is not null
                ? content with
                {
                    Label = label,
                    Specification = content.Specification! with { Label = label },
                }
                : content;
        }

        return type is null ? null : new DeviceContent(type, uuid, label, MakeSpecification(type, uuid, label));
    }

    /// <summary>The least that can be said of a file system whose superblock was not readable.</summary>
    public static FileSystemSpec? MakeSpecification(string type, string? uuid, string? label)
    {
        FileSystemKind? kind = type switch
        {
            "ext2" => FileSystemKind.Ext2,
            "ext3" => FileSystemKind.Ext3,
            "ext4" => FileSystemKind.Ext4,
            "xfs" => FileSystemKind.Xfs,
            "btrfs" => FileSystemKind.Btrfs,
            "vfat" or "msdos" => FileSystemKind.Vfat,
            "swap" => FileSystemKind.Swap,
            _ => null,
        };
        return kind is null
            ? null
            : new FileSystemSpec
            {
                Kind = kind.Value,
                Uuid = uuid,
                Label = label,
            };
    }

    private static PartitionTable ReadTable(BlockDeviceEntry entry, ProbeOutput output)
    {
        if (entry.Head is not null)
        {
            var links = output
                .All("extended")
                .Select(section => (Words: ProbeText.Words(section.Argument), section.Bytes))
                .Where(link =>
                    link.Words.Length == 2
                    && link.Words[0] == entry.Name
                    && link.Bytes is not null
                    && ProbeText.Number(link.Words[1]) is not null
                )
                .Select(link => new KeyValuePair<long, byte[]>(ProbeText.Number(link.Words[1])!.Value, link.Bytes!))
                .ToList();
            return PartitionTableReader.Read(entry.Head, entry.SectorBytes, links);
        }

        var kind = entry.Udev("PART_TABLE_TYPE") switch
        {
            "gpt" => PartitionTableKind.Gpt,
            "dos" => PartitionTableKind.Mbr,
            _ => PartitionTableKind.None,
        };
        return new PartitionTable(kind, entry.Udev("PART_TABLE_UUID")?.ToLowerInvariant(), []);
    }

    private BlockDeviceFacts ToFacts(BlockDeviceEntry entry)
    {
        var content = ContentOf(entry);
        var table = Find(tables, entry.Name) ?? PartitionTable.None;
        var holdsTable = table.Kind != PartitionTableKind.None;
        return new BlockDeviceFacts
        {
            Name = entry.Name,
            Path = entry.Path,
            // Where its data is kept is known: it is something on top of that, and no disk of its own.
            Kind = entry.IsReplica && Parents(entry).Any() ? BlockDeviceKind.Other : entry.Kind,
            SizeBytes = entry.SizeBytes,
            LogicalSectorBytes = (entry.Disk is null ? entry : ByName(entry.Disk) ?? entry).SectorBytes,
            Parents = [.. Parents(entry)],
            IsRemovable = (entry.Disk is null ? entry : ByName(entry.Disk) ?? entry).IsRemovable,
            Model = entry.Model,
            ContentType = holdsTable ? null : content?.Type,
            Uuid = holdsTable ? null : content?.Uuid,
            Label = holdsTable ? null : content?.Label,
            PartitionTable = table.Kind,
            TableIdentifier = table.Identifier,
            Partition = entry.Kind == BlockDeviceKind.Partition ? ToPartition(entry) : null,
            Detail = entry.Kind switch
            {
                BlockDeviceKind.Raid => entry.Level,
                BlockDeviceKind.Crypt => entry.MapperUuid.Split('-') is { Length: > 1 } parts ? parts[1] : null,
                BlockDeviceKind.Loop => entry.BackingFile,
                _ when entry.IsCache => "bcache",
                _ when entry.IsReplica => "drbd",
                _ when entry.IsHardwareArea => "hardware area",
                _ when entry.MapperUuid.StartsWith("VDO-", StringComparison.Ordinal) => "vdo",
                _ => content?.Detail,
            },
            VolumeUuid = entry.Kind == BlockDeviceKind.LogicalVolume ? entry.MapperUuid.Substring("LVM-".Length) : null,
            IsOpen = openPaths.Contains(entry.Path) || openPaths.Contains("/dev/" + entry.Name),
        };
    }

    private static Dictionary<string, byte[]?> ReadBytes(ProbeOutput output, string name) =>
        output
            .All(name)
            .GroupBy(section => section.Argument, StringComparer.Ordinal)
            .ToDictionary(same => same.Key, same => same.Select(section => section.Bytes).FirstOrDefault(bytes => bytes is not null));

    /// <summary>The probe tried, and got nothing.</summary>
    private static bool IsUnreadable(Dictionary<string, byte[]?> heads, BlockDeviceEntry entry) =>
        heads.TryGetValue(entry.Name, out var head) && head is null;

    private PartitionFacts ToPartition(BlockDeviceEntry entry)
    {
        var number = entry.Ordinal;
        var found = Parents(entry)
            .Select(parent => Find(tables, parent))
            .OfType<PartitionTable>()
            .SelectMany(table => table.Entries)
            .FirstOrDefault(candidate => candidate.Number == number);
        if (found is not null)
            return new PartitionFacts(number, found.StartBytes, found.Type, found.Uuid, found.Name, found.IsActive);

        // The mapper tells no start of a partition; the path below does, by a partition of the same number.
        var twin = entry.Disk is null
            ? Parents(entry)
                .Select(ByName)
                .OfType<BlockDeviceEntry>()
                .SelectMany(device => device.Slaves)
                .SelectMany(path => entries.Where(candidate => candidate.Disk == path && candidate.Ordinal == number))
                .FirstOrDefault()
            : null;
        var type = entry.Udev("PART_ENTRY_TYPE")?.ToLowerInvariant() ?? twin?.Udev("PART_ENTRY_TYPE")?.ToLowerInvariant();
        if (type is not null && type.StartsWith("0x", StringComparison.Ordinal))
            type = type.Substring(2).PadLeft(2, '0');

        var name = entry.Udev("PART_ENTRY_NAME");
        var flags = entry.Udev("PART_ENTRY_FLAGS") ?? "";
        var isActive =
            flags == "0x80"
            || (
                flags.StartsWith("0x", StringComparison.Ordinal)
                && long.TryParse(flags.Substring(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var bits)
                && type?.Length > 2
                && (bits & 4) != 0
            );
        return new PartitionFacts(
            number,
            twin?.StartBytes ?? entry.StartBytes,
            type,
            (entry.Udev("PART_ENTRY_UUID") ?? twin?.Udev("PART_ENTRY_UUID"))?.ToLowerInvariant(),
            name is null ? null : ProbeText.UnescapeHex(name),
            isActive
        );
    }

    /// <summary>What it lies on; of a bcache the device with the data first.</summary>
    private IEnumerable<string> Parents(BlockDeviceEntry entry) =>
        entry.Disk is not null ? [entry.Disk]
        : entry.IsCache
            ? entry
                .Slaves.Select(ByName)
                .OfType<BlockDeviceEntry>()
                .OrderBy(below => RankBelowCache(below, entry))
                .Select(below => below.Name)
        : entry.Slaves.Count == 0 && entry.IsReplica && Find(replicaDisks, entry.Name) is { } disk && ByAnyPath(disk) is { } below
            ? [below.Name]
        : entry.Slaves;

    /// <summary>The cache may be of any size; the device with the data is the smallest that has room for it.</summary>
    private static long RankBelowCache(BlockDeviceEntry below, BlockDeviceEntry cache) =>
        below.IsCacheBacking ? -1
        : below.SizeBytes >= cache.SizeBytes ? below.SizeBytes - cache.SizeBytes
        : long.MaxValue;

    /// <summary>/dev/vg/lv as well.</summary>
    private BlockDeviceEntry? ByAnyPath(string path) =>
        ByPath(path) ?? (path.Split('/') is ["", "dev", var group, var volume] ? ByPath(LvmReader.MapperPath(group, volume)) : null);

    private List<BlockDeviceEntry> Sort()
    {
        var sorted = new List<BlockDeviceEntry>();
        var visited = new HashSet<string>();
        foreach (var entry in entries)
            Visit(entry);

        return sorted;

        void Visit(BlockDeviceEntry entry)
        {
            if (!visited.Add(entry.Name))
                return;

            foreach (var parent in Parents(entry).Select(ByName).OfType<BlockDeviceEntry>().ToList())
                Visit(parent);

            sorted.Add(entry);
        }
    }

    private static TValue? Find<TValue>(IReadOnlyDictionary<string, TValue>? values, string key) =>
        values is not null && values.TryGetValue(key, out var value) ? value : default;
}

/// <summary>blkid's lines, util-linux's as well as busybox's: <c>/dev/sda1: UUID="…" TYPE="…"</c>.</summary>
internal static class Blkid
{
    public static Dictionary<string, Dictionary<string, string>> Read(IEnumerable<string> lines)
    {
        var devices = new Dictionary<string, Dictionary<string, string>>();
        foreach (var line in lines)
        {
            var colon = line.IndexOf(": ", StringComparison.Ordinal);
            if (colon <= 0 || line[0] != '/')
                continue;

            var values = new Dictionary<string, string>();
            var rest = line.Substring(colon + 1);
            foreach (
                System.Text.RegularExpressions.Match match in System.Text.RegularExpressions.Regex.Matches(
                    rest,
                    " ([A-Z_0-9]+)=\"((?:[^\"\\\\]|\\\\.)*)\""
                )
            )
                values[match.Groups[1].Value] = match.Groups[2].Value;

            devices[line.Substring(0, colon)] = values;
        }

        return devices;
    }
}
