using System.Globalization;
using System.Text;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Agent.Storage;

/// <summary>The sfdisk script of one disk: exact starts and sizes in sectors, nothing left to its choice but absent ids.</summary>
internal static class SfdiskScript
{
    /// <param name="partitionName">Partition number to device node, which is how sfdisk learns the number.</param>
    public static string Build(TargetDisk disk, int sectorBytes, Func<int, string> partitionName)
    {
        var isGpt = disk.PartitionTable == PartitionTableKind.Gpt;
        var script = new StringBuilder();
        script.Append(CultureInfo.InvariantCulture, $"label: {(isGpt ? "gpt" : "dos")}\n");
        if (disk.Identifier is { Length: > 0 } identifier)
        {
            script.Append(CultureInfo.InvariantCulture, $"label-id: {(isGpt ? identifier : "0x" + identifier)}\n");
        }

        script.Append("unit: sectors\n");
        if (isGpt)
        {
            // The tool's default of 1 MiB would refuse a source's BIOS boot partition at sector 34. GPT's own
            // structures take 2 sectors and 16 KiB.
            script.Append(CultureInfo.InvariantCulture, $"first-lba: {2 + (16384 + sectorBytes - 1) / sectorBytes}\n");
        }

        foreach (var partition in WithExtended(disk, sectorBytes).OrderBy(partition => partition.Number))
        {
            script.Append(
                CultureInfo.InvariantCulture,
                $"{partitionName(partition.Number)} : start={partition.StartBytes / sectorBytes}, "
                    + $"size={partition.SizeBytes / sectorBytes}, type={partition.Type}"
            );
            if (isGpt && partition.Uuid is not null)
            {
                script.Append(CultureInfo.InvariantCulture, $", uuid={partition.Uuid}");
            }

            if (isGpt && partition.Name is { Length: > 0 })
            {
                script.Append(CultureInfo.InvariantCulture, $", name=\"{Escape(partition.Name)}\"");
            }

            if (partition.IsActive)
            {
                script.Append(isGpt ? ", attrs=\"LegacyBIOSBootable\"" : ", bootable");
            }

            script.Append('\n');
        }

        return script.ToString();
    }

    /// <summary>Adds the extended partition that logical ones need where the layout lists only these.</summary>
    private static IEnumerable<TargetPartition> WithExtended(TargetDisk disk, int sectorBytes)
    {
        var logical = disk.Partitions.Where(partition => partition.Number > 4).ToList();
        if (disk.PartitionTable != PartitionTableKind.Mbr || logical.Count == 0 || disk.Partitions.Any(IsExtended))
        {
            return disk.Partitions;
        }

        var primaries = disk.Partitions.Where(partition => partition.Number <= 4).ToList();
        var free = Enumerable.Range(1, 4).Reverse().First(number => primaries.All(partition => partition.Number != number));
        var first = logical.Min(partition => partition.StartBytes);
        var end = logical.Max(partition => partition.StartBytes + partition.SizeBytes);
        var before = primaries
            .Where(partition => partition.StartBytes < first)
            .Select(partition => partition.StartBytes + partition.SizeBytes)
            .DefaultIfEmpty(sectorBytes)
            .Max();
        var start = Math.Max(before, first - (1L << 20));
        return
        [
            .. disk.Partitions,
            new TargetPartition
            {
                Number = free,
                StartBytes = start,
                SizeBytes = end - start,
                Type = "0f",
            },
        ];
    }

    private static bool IsExtended(TargetPartition partition) =>
        partition.Number <= 4 && partition.Type.TrimStart('0').ToUpperInvariant() is "5" or "F" or "85";

    /// <summary>sfdisk reads \xHH inside quotes; other bytes of a name stand for themselves.</summary>
    private static string Escape(string name) =>
        string.Concat(
            name.Select(c =>
                c is '"' or '\\' or '$' or '`' || c < ' ' ? string.Create(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}") : c.ToString()
            )
        );
}
