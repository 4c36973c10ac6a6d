using LinuxP2V.Engine.Sources.Model;

namespace LinuxP2V.Engine.Sources.Probing;

/// <summary>Volume groups from vgs, lvs and pvs in columns, as every version of LVM 2 prints them.</summary>
internal static class LvmReader
{
    /// <param name="vgs">Name, extent, size, free and, since LinuxP2V asks for it, UUID.</param>
    /// <param name="lvs">Group's name, name, size, type, attributes and, likewise, the UUIDs of group and volume.</param>
    /// <param name="pvs">Path, group's name and, likewise, its UUID.</param>
    /// <param name="devices">Tell groups of one name apart where there are no UUIDs.</param>
    public static IReadOnlyList<VolumeGroupFacts> Read(
        IEnumerable<string> vgs,
        IEnumerable<string> lvs,
        IEnumerable<string> pvs,
        IReadOnlyList<BlockDeviceFacts>? devices = null
    )
    {
        var groups = Rows(vgs, 4, 5).ToList();
        var volumes = Rows(lvs, 5, 7).ToList();
        var physical = Rows(pvs, 2, 3).ToList();
        return
        [
            .. groups
                .GroupBy(row => row[0], StringComparer.Ordinal)
                .SelectMany(named =>
                    named.Count() == 1 || named.All(row => row.Length == 5)
                        ? named.Select(row =>
                            ToGroup(
                                row,
                                volumes.Where(volume => IsOf(row, volume, 0, 5)),
                                physical.Where(member => IsOf(row, member, 1, 2))
                            )
                        )
                        : NamesakeGroups.Tell([.. named], volumes, physical, devices ?? [])
                ),
        ];
    }

    public static VolumeGroupFacts ToGroup(string[] row, IEnumerable<string[]> volumes, IEnumerable<string[]> physical)
    {
        var members = physical.ToList();
        return new VolumeGroupFacts
        {
            Name = row[0],
            Uuid = row.Length == 5 ? ProbeText.NullIfEmpty(row[4]) : null,
            ExtentSizeBytes = Bytes(row[1]),
            SizeBytes = Bytes(row[2]),
            FreeBytes = Bytes(row[3]),
            PhysicalVolumes = [.. members.Select(member => member[0]).Where(path => path[0] == '/')],
            // "[unknown]", "unknown device", "<unknown>": each version has a word of its own.
            MissingPhysicalVolumes = members.Count(member => member[0][0] != '/'),
            LogicalVolumes =
            [
                .. volumes
                    .GroupBy(volume => volume.Length == 7 ? volume[6] : volume[1], StringComparer.Ordinal)
                    .Select(segments => ToVolume(row[0], [.. segments])),
            ],
        };
    }

    /// <summary>"4194304", "4194304B" of an old version, or with decimals.</summary>
    public static long Bytes(string text) => ProbeText.Number(text.TrimEnd('B', 'b').Split('.')[0]) ?? 0;

    /// <summary>Device mapper doubles the dashes within a name.</summary>
    public static string MapperPath(string group, string volume) => $"/dev/mapper/{group.Replace("-", "--")}-{volume.Replace("-", "--")}";

    public static bool IsActive(string[] volume) =>
        Attribute(volume, 4) is 'a' or 's' or 'I' or 'S' or 'm' or 'M' or 'd' or 'i' or 'c' or 'C';

    private static bool IsOf(string[] group, string[] row, int name, int uuid) =>
        group.Length == 5 && row.Length > uuid && row[uuid].Length > 0 ? row[uuid] == group[4] : row[name] == group[0];

    /// <summary>lvs prints a row for each segment of a volume.</summary>
    private static LogicalVolumeFacts ToVolume(string group, List<string[]> segments)
    {
        var first = segments[0];
        var layout = segments.Select(segment => segment[3]).FirstOrDefault(type => type != "linear") ?? "linear";
        // A classic snapshot is linear to look at; its first attribute tells.
        if (Attribute(first, 0) is 's' or 'S')
            layout = "snapshot";

        return new LogicalVolumeFacts(first[1], MapperPath(group, first[1]), Bytes(first[2]), layout)
        {
            Uuid = first.Length == 7 ? ProbeText.NullIfEmpty(first[6]) : null,
            IsActive = IsActive(first),
            IsOpen = Attribute(first, 5) == 'o',
            IsPartial = Attribute(first, 8) == 'p',
        };
    }

    private static char Attribute(string[] volume, int place) => volume[4].Length > place ? volume[4][place] : '-';

    private static IEnumerable<string[]> Rows(IEnumerable<string> lines, params int[] columns) =>
        lines
            .Select(line => line.Trim().Split('|').Select(cell => cell.Trim()).ToArray())
            .Where(row => columns.Contains(row.Length) && row[0].Length > 0);
}
