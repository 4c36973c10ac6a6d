using LinuxP2V.Engine.Sources.Model;

namespace LinuxP2V.Engine.Sources.Probing;

/// <summary>Volume groups from vgs, lvs and pvs in columns, as every version of LVM 2 prints them.</summary>
internal static class LvmReader
{
    public static IReadOnlyList<VolumeGroupFacts> Read(IEnumerable<string> vgs, IEnumerable<string> lvs, IEnumerable<string> pvs)
    {
        var volumes = Rows(lvs, 5).GroupBy(row => row[0]).ToDictionary(group => group.Key, group => group.ToList());
        var physical = Rows(pvs, 2).ToLookup(row => row[1], row => row[0]);
        var groups = new List<VolumeGroupFacts>();
        foreach (var row in Rows(vgs, 4))
        {
            groups.Add(
                new VolumeGroupFacts
                {
                    Name = row[0],
                    ExtentSizeBytes = Bytes(row[1]),
                    SizeBytes = Bytes(row[2]),
                    FreeBytes = Bytes(row[3]),
                    PhysicalVolumes = [.. physical[row[0]].Where(path => path.Length > 0 && path[0] == '/')],
                    LogicalVolumes = volumes.TryGetValue(row[0], out var rows)
                        ? [.. rows.GroupBy(volume => volume[1]).Select(segments => ToVolume(row[0], [.. segments]))]
                        : [],
                }
            );
        }

        return groups;
    }

    /// <summary>lvs prints a row for each segment of a volume.</summary>
    private static LogicalVolumeFacts ToVolume(string group, List<string[]> segments)
    {
        var layout = segments.Select(segment => segment[3]).FirstOrDefault(type => type != "linear") ?? "linear";
        // A classic snapshot is linear to look at; its first attribute tells.
        if (segments[0][4].StartsWith("s", StringComparison.OrdinalIgnoreCase))
            layout = "snapshot";

        return new LogicalVolumeFacts(segments[0][1], MapperPath(group, segments[0][1]), Bytes(segments[0][2]), layout);
    }

    /// <summary>Device mapper doubles the dashes within a name.</summary>
    public static string MapperPath(string group, string volume) => $"/dev/mapper/{group.Replace("-", "--")}-{volume.Replace("-", "--")}";

    private static IEnumerable<string[]> Rows(IEnumerable<string> lines, int columns) =>
        lines
            .Select(line => line.Trim().Split('|').Select(cell => cell.Trim()).ToArray())
            .Where(row => row.Length == columns && row[0].Length > 0);

    /// <summary>"4194304", "4194304B" of an old version, or with decimals.</summary>
    private static long Bytes(string text) => ProbeText.Number(text.TrimEnd('B', 'b').Split('.')[0]) ?? 0;
}
