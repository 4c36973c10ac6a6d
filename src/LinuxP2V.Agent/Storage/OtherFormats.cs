using System.Globalization;

namespace LinuxP2V.Agent.Storage;

/// <summary>The commands for btrfs, FAT and swap.</summary>
internal static class OtherFormats
{
    /// <param name="featureList">What <c>mkfs.btrfs -O list-all</c> prints: a feature a line, its defaults marked.</param>
    public static FormatCommand Btrfs(FormatJob job, string featureList)
    {
        var arguments = new List<string> { "-q", "-f" };
        Add(arguments, "-U", job.Spec.Uuid);
        Add(arguments, "-L", job.Spec.Label);
        var ignored = new List<string>();
        if (job.Spec.BtrfsFeatures.Count > 0)
        {
            var lines = featureList
                .Split('\n')
                .Select(line => line.Trim())
                .Where(line => line.Contains('-', StringComparison.Ordinal))
                .ToList();
            var known = lines.Select(NameOf).ToHashSet(StringComparer.Ordinal);
            var defaults = lines.Where(line => line.Contains("default", StringComparison.Ordinal)).Select(NameOf);
            ignored.AddRange(job.Spec.BtrfsFeatures.Where(feature => !known.Contains(feature)));
            Add(
                arguments,
                "-O",
                string.Join(
                    ',',
                    job.Spec.BtrfsFeatures.Where(known.Contains)
                        .Concat(defaults.Except(job.Spec.BtrfsFeatures).Select(feature => "^" + feature))
                )
            );
        }

        return new FormatCommand("mkfs.btrfs", [.. arguments, job.Device], ignored);

        static string NameOf(string line) => line.Split(' ', 2)[0];
    }

    public static FormatCommand Vfat(FormatJob job)
    {
        var arguments = new List<string>();
        Add(arguments, "-F", job.Spec.FatBits?.ToString(CultureInfo.InvariantCulture));
        Add(arguments, "-i", job.Spec.Uuid?.Replace("-", "", StringComparison.Ordinal));
        Add(arguments, "-n", job.Spec.Label);
        return new FormatCommand("mkfs.vfat", [.. arguments, job.Device], []);
    }

    public static FormatCommand Swap(FormatJob job)
    {
        var arguments = new List<string> { "-f" };
        Add(arguments, "-U", job.Spec.Uuid);
        Add(arguments, "-L", job.Spec.Label);
        return new FormatCommand("mkswap", [.. arguments, job.Device], []);
    }

    private static void Add(List<string> arguments, string option, string? value)
    {
        if (value is { Length: > 0 })
        {
            arguments.AddRange([option, value]);
        }
    }
}
