namespace LinuxP2V.Engine.Sources.Probing;

/// <summary>A line of /proc/self/mountinfo.</summary>
/// <param name="Id">Of the mount, and of the mount that it was made in.</param>
/// <param name="Number">major:minor.</param>
/// <param name="Root">What of the file system is seen here.</param>
/// <param name="RawPoint">The mount point with its escapes, as the probe names it.</param>
internal sealed record MountInfo(
    string Id,
    string Parent,
    string Number,
    string Root,
    string RawPoint,
    string Type,
    string Source,
    string Options
)
{
    public string Point { get; } = ProbeText.UnescapeOctal(RawPoint);

    /// <summary>btrfs: the subvolume's path below the file system's top; null for the top itself.</summary>
    public string? Subvolume =>
        Type != "btrfs" ? null
        : Options.Split(',').LastOrDefault(option => option.StartsWith("subvol=", StringComparison.Ordinal)) is { } named
            ? ProbeText.NullIfEmpty(named.Substring("subvol=".Length).Trim('/'))
        // A kernel before 4.2 does not name it.
        : ProbeText.NullIfEmpty(Root.Trim('/'));

    /// <summary>It shows the whole of its file system or subvolume, not a folder of it.</summary>
    public bool IsWhole => Type == "btrfs" ? Root.Trim('/') == (Subvolume ?? "") : Root == "/";

    public static MountInfo? Parse(string line)
    {
        var words = ProbeText.Words(line);
        var dash = Array.IndexOf(words, "-");
        if (dash < 6 || words.Length < dash + 3)
            return null;

        // The file system's own options, subvol among them, come after the dash and may be missing.
        var own = words.Length > dash + 3 ? words[dash + 3] : "";
        var options = words[5].Split(',').Concat(own.Split(',')).Where(option => option.Length > 0).Distinct();
        return new MountInfo(
            words[0],
            words[1],
            words[2],
            ProbeText.UnescapeOctal(words[3]),
            words[4],
            words[dash + 1],
            ProbeText.UnescapeOctal(words[dash + 2]),
            ProbeText.UnescapeOctal(string.Join(",", options))
        );
    }
}

/// <param name="Device">As written: a path, UUID=…, LABEL=….</param>
internal sealed record FstabLine(string Device, string MountPoint, string Type, string Options);

internal static class Fstab
{
    public static IReadOnlyList<FstabLine> Read(IEnumerable<string> lines) =>
        [
            .. lines
                .Select(ProbeText.Words)
                .Where(words => words.Length >= 3 && words[0][0] != '#')
                .Select(words => new FstabLine(
                    ProbeText.UnescapeOctal(words[0]),
                    ProbeText.UnescapeOctal(words[1]),
                    words[2],
                    words.Length > 3 ? words[3] : "defaults"
                )),
        ];
}

internal sealed record FileSystemUsage(long SizeBytes, long UsedBytes, long UsedInodes)
{
    /// <summary><c>stat -f</c>'s numbers in one line, or df in KiB and df in inodes where there is no stat.</summary>
    public static FileSystemUsage Read(IReadOnlyList<string> lines)
    {
        var filled = lines.Where(line => line.Trim().Length > 0).ToList();
        if (
            filled.Count == 1
            && ProbeText.Words(filled[0]).Select(ProbeText.Number).ToList() is { Count: 5 } numbers
            && numbers.All(number => number is not null)
        )
        {
            var block = numbers[0]!.Value;
            return new FileSystemUsage(
                numbers[1]!.Value * block,
                (numbers[1]!.Value - numbers[2]!.Value) * block,
                Math.Max(0, numbers[3]!.Value - numbers[4]!.Value)
            );
        }

        var usage = new FileSystemUsage(0, 0, 0);
        var countsInodes = false;
        foreach (var line in filled)
        {
            var words = ProbeText.Words(line);
            if (words.Length > 0 && words[0] == "Filesystem")
                countsInodes = line.IndexOf("Inodes", StringComparison.Ordinal) >= 0;
            else if (words.Length >= 6 && ProbeText.Number(words[1]) is { } total && ProbeText.Number(words[2]) is { } used)
                usage = countsInodes ? usage with { UsedInodes = used } : usage with { SizeBytes = total * 1024, UsedBytes = used * 1024 };
        }

        return usage;
    }
}
