using System.Text;
using LinuxP2V.Agent.Streams;
using LinuxP2V.Agent.Volumes;

namespace LinuxP2V.Agent.Listing;

/// <summary>
/// File systems with data that are mounted inside a volume and are no volumes of the conversion, as they were left out or
/// mounted since the source was read: a list of files does not enter them.
/// </summary>
internal static class OtherMounts
{
    private const int MostNames = 5;

    /// <summary>File systems without a block device that hold data of this machine.</summary>
    private static readonly HashSet<string> PooledTypes = ["btrfs", "zfs", "bcachefs"];

    /// <summary>Images of what is elsewhere: in files of a volume, as snaps are, or on a disc.</summary>
    private static readonly HashSet<string> ImageTypes = ["squashfs", "erofs", "cramfs", "iso9660", "udf"];

    /// <returns>What is not copied and not compared, a sentence; null where there is nothing of the kind.</returns>
    /// <exception cref="Events.AgentException">SourceConnectionLost.</exception>
    public static async Task<string?> DescribeAsync(VolumeWork work, CancellationToken cancellationToken)
    {
        var answer = await work.Streams.AskAsync("cat /proc/self/mountinfo", cancellationToken);
        if (answer.Output.Length == 0)
            return $"{work.Streams.Source.Name} does not tell what is mounted inside {work.Volume.Id}: it may not be copied.";

        var found = Find(answer.Output, work.Volume.MountPoint!, work.OtherMountPoints);
        return found.Count == 0
            ? null
            : $"These file systems are mounted inside {work.Volume.Id} and do not belong to this conversion: "
                + $"{string.Join(", ", found.Take(MostNames))}{(found.Count > MostNames ? $" and {found.Count - MostNames} more" : "")}.";
    }

    /// <param name="mountInfo">/proc/self/mountinfo of the source.</param>
    /// <param name="volume">Where the volume is mounted.</param>
    /// <param name="others">Mount points of the conversion's other volumes.</param>
    /// <returns>Each as people read it: its mount point, and what is mounted there.</returns>
    public static IReadOnlyList<string> Find(string mountInfo, string volume, IReadOnlySet<string> others)
    {
        // The last mount at a place hides the others.
        var mounts = mountInfo
            .Split('\n')
            .Select(Mount.Parse)
            .OfType<Mount>()
            .GroupBy(mount => mount.Point, StringComparer.Ordinal)
            .Select(same => same.Last())
            .ToList();
        var known = mounts.Where(mount => mount.Point == volume || others.Contains(mount.Point)).ToList();
        return
        [
            .. mounts
                .Where(mount => mount.HoldsData && !known.Any(mount.IsPartOf) && IsDirectlyIn(mount.Point, volume, others))
                .DistinctBy(mount => (mount.Number, mount.Root))
                .Select(mount => PrintedName.ForPeople(Encoding.UTF8.GetBytes($"{mount.Point} ({mount.Type} on {mount.Source})"))),
        ];
    }

    /// <summary>Not inside another volume, whose own list tells of it.</summary>
    private static bool IsDirectlyIn(string point, string volume, IReadOnlySet<string> others) =>
        IsBelow(point, volume) && !others.Any(other => IsBelow(other, volume) && (other == point || IsBelow(point, other)));

    private static bool IsBelow(string path, string folder) =>
        path.StartsWith(folder.TrimEnd('/') + "/", StringComparison.Ordinal) && path != folder;

    /// <param name="Number">major:minor of the device.</param>
    /// <param name="Root">What of the file system is seen here.</param>
    private sealed record Mount(string Number, string Root, string Point, string Type, string Source)
    {
        private const string LoopPrefix = "7:";
        private const string NoDevicePrefix = "0:";

        public bool HoldsData =>
            // The data of a loop device is a file of a volume.
            !Number.StartsWith(LoopPrefix, StringComparison.Ordinal)
            && !Source.StartsWith("/dev/loop", StringComparison.Ordinal)
            && !ImageTypes.Contains(Type)
            && (PooledTypes.Contains(Type) || !Number.StartsWith(NoDevicePrefix, StringComparison.Ordinal));

        /// <summary>It shows nothing that the other mount does not show, as a bind mount does.</summary>
        public bool IsPartOf(Mount other) =>
            Number == other.Number
            && (Type != "btrfs" ? other.Root == "/" || Root == other.Root : Root == other.Root || IsBelow(Root, other.Root));

        public static Mount? Parse(string line)
        {
            var words = line.Split(' ');
            var dash = Array.IndexOf(words, "-");
            return dash < 6 || words.Length < dash + 3
                ? null
                : new Mount(words[2], Text(words[3]), Text(words[4]), words[dash + 1], Text(words[dash + 2]));
        }

        /// <summary>The kernel writes blanks and the like as octal numbers, and all else as it is.</summary>
        private static string Text(string word) =>
            Encoding.UTF8.GetString(PrintedName.ToBytes(Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(word))));
    }
}
