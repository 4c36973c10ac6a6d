namespace LinuxP2V.Agent.Storage;

/// <summary>The command for btrfs, with the source's features and no other ones.</summary>
internal static class BtrfsFormat
{
    /// <param name="features">What <c>mkfs.btrfs -O list-all</c> prints: a feature a line, its defaults marked.</param>
    /// <param name="runtimeFeatures">
    /// What <c>mkfs.btrfs -R list-all</c> prints: before version 6.3 the free space tree is not among those of -O.
    /// </param>
    public static FormatCommand Build(FormatJob job, string features, string runtimeFeatures)
    {
        var arguments = new List<string> { "-q", "-f" };
        Add(arguments, "-U", job.Spec.Uuid);
        Add(arguments, "-L", job.Spec.Label);
        var wanted = job.Spec.BtrfsFeatures;
        if (wanted.Count == 0)
        {
            return new FormatCommand("mkfs.btrfs", [.. arguments, job.Device]);
        }

        var general = FeatureList.Parse(features);
        var runtime = FeatureList.Parse(runtimeFeatures).Without(general);
        Add(arguments, "-O", general.Choose(wanted));
        Add(arguments, "-R", runtime.Choose(wanted));
        // The feature alone leaves nodes at a size that it does not allow.
        if (wanted.Contains("mixed-bg"))
            arguments.Add("--mixed");

        return new FormatCommand("mkfs.btrfs", [.. arguments, job.Device]) { Expected = wanted };
    }

    private static void Add(List<string> arguments, string option, string? value)
    {
        if (value is { Length: > 0 })
        {
            arguments.AddRange([option, value]);
        }
    }

    private sealed record FeatureList(IReadOnlyList<string> Known, IReadOnlyList<string> Defaults)
    {
        public static FeatureList Parse(string text)
        {
            // "free-space-tree     - free space tree (compat=4.5, safe=4.9, default=5.15)"
            var lines = text.Split('\n').Select(line => line.Split(" - ", 2)).Where(parts => parts.Length == 2).ToList();
            return new FeatureList(
                [.. lines.Select(parts => parts[0].Trim())],
                [.. lines.Where(parts => parts[1].Contains("default", StringComparison.Ordinal)).Select(parts => parts[0].Trim())]
            );
        }

        public FeatureList Without(FeatureList other) => new([.. Known.Except(other.Known)], [.. Defaults.Except(other.Known)]);

        /// <summary>What is wanted, and no default that is not.</summary>
        public string Choose(IReadOnlyList<string> wanted) =>
            string.Join(',', wanted.Where(Known.Contains).Concat(Defaults.Except(wanted).Select(feature => "^" + feature)));
    }
}
