using LinuxP2V.Agent.Platform;
using LinuxP2V.Agent.Volumes;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Agent.Listing;

/// <summary>
/// btrfs subvolumes inside a volume that are no volumes of the conversion, as they were left out or made since the source
/// was read: a list of files names the folder and ends there.
/// </summary>
internal static class OtherSubvolumes
{
    private const int MostNames = 5;

    /// <summary>Of the root of each subvolume; other folders have higher numbers.</summary>
    private const ulong RootInode = 256;

    /// <returns>What is not copied and not compared, a sentence; null where there is nothing of the kind.</returns>
    public static string? Describe(VolumeWork work, Manifest manifest)
    {
        if (work.Volume.FileSystem.Kind != FileSystemKind.Btrfs)
            return null;

        var root = work.Volume.MountPoint!.TrimEnd('/');
        var found = Enumerable
            .Range(1, manifest.Count - 1)
            .Where(entry => manifest.TypeOf(entry) == EntryType.Directory && manifest[entry].Inode == RootInode)
            .Select(entry => $"{root}/{manifest.TextOf(entry)}")
            .Where(folder => !work.OtherMountPoints.Contains(folder))
            .ToList();
        return found.Count == 0
            ? null
            : $"These btrfs subvolumes lie inside {work.Volume.Id} and do not belong to this conversion: "
                + $"{string.Join(", ", found.Take(MostNames))}{(found.Count > MostNames ? $" and {found.Count - MostNames} more" : "")}.";
    }
}
