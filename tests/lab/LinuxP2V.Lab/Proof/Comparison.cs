using System.Globalization;

namespace LinuxP2V.Lab.Proof;

/// <param name="IsRight">Equal, or different in the way that it should be.</param>
/// <param name="Verdict">For the table: yes, no, or what was wanted instead.</param>
public sealed record ComparedFact(string Name, string Source, string Copy, bool IsRight, string Verdict);

/// <summary>Source beside copy. Everything must be equal but what the new hardware changes; that must be VMware's.</summary>
public static class Comparison
{
    /// <summary>A file system may set blocks aside at a sparse file's edges; a hole that was filled is far larger.</summary>
    private const long SparseTolerance = 4 << 20;

    public static IReadOnlyList<ComparedFact> Compare(MachineDescription source, MachineDescription copy, VmHardware hardware) =>
        [
            .. source.Facts.Select(fact => Judge(fact.Key, fact.Value, copy[fact.Key] ?? "(missing)", hardware)),
            .. copy
                .Facts.Where(fact => source[fact.Key] is null)
                .Select(fact => new ComparedFact(fact.Key, "(missing)", fact.Value, false, "no")),
        ];

    /// <summary>The first lines in which the lists behind the data set's checksums differ.</summary>
    public static IReadOnlyList<string> DifferentEntries(MachineDescription source, MachineDescription copy, int limit = 20)
    {
        var before = source.Manifest.Split('\n');
        var after = copy.Manifest.Split('\n');
        var beforeSet = before.ToHashSet();
        var afterSet = after.ToHashSet();
        return
        [
            .. before.Where(line => !afterSet.Contains(line)).Select(line => "source: " + line).Take(limit),
            .. after.Where(line => !beforeSet.Contains(line)).Select(line => "copy:   " + line).Take(limit),
        ];
    }

    private static ComparedFact Judge(string name, string source, string copy, VmHardware hardware) =>
        name switch
        {
            "root-driver" => Wanted(name, source, copy, hardware.DiskDrivers.Contains(copy), string.Join(" or ", hardware.DiskDrivers)),
            _ when name.StartsWith("adapter ", StringComparison.Ordinal) && name.EndsWith(" driver", StringComparison.Ordinal) => Wanted(
                name,
                source,
                copy,
                copy == hardware.AdapterDriver,
                hardware.AdapterDriver
            ),
            "sparse-allocated" => Wanted(name, source, copy, IsStillSparse(source, copy), "at most 4 MiB more"),
            "system" => Wanted(name, source, copy, copy == "running", "running"),
            "failed-units" => Wanted(name, source, copy, copy.Length == 0, "none"),
            _ => Equal(name, source, copy),
        };

    private static ComparedFact Wanted(string name, string source, string copy, bool isRight, string wanted) =>
        source == copy && isRight
            ? new ComparedFact(name, source, copy, true, "yes")
            : new ComparedFact(name, source, copy, isRight, isRight ? "as wanted" : $"no: wanted {wanted}");

    private static ComparedFact Equal(string name, string source, string copy) =>
        new(name, source, copy, source == copy, source == copy ? "yes" : "no");

    private static bool IsStillSparse(string source, string copy) =>
        long.TryParse(source, CultureInfo.InvariantCulture, out var before)
        && long.TryParse(copy, CultureInfo.InvariantCulture, out var after)
        && after <= before + SparseTolerance;
}
