using System.Text.RegularExpressions;
using LinuxP2V.Engine.Sources.Model;

namespace LinuxP2V.Engine.Sources.Probing;

/// <summary>The mounted btrfs file systems: their devices and what <c>btrfs subvolume list -a</c> tells of their subvolumes.</summary>
internal static class BtrfsReader
{
    /// <summary>
    /// With -a all paths begin at the file system's top; this stands before those that do not lie below the mount point
    /// that was asked about.
    /// </summary>
    private const string Top = "<FS_TREE>/";

    public static IReadOnlyList<BtrfsFacts> Read(
        ProbeOutput output,
        IReadOnlyList<BlockDeviceFacts> devices,
        IReadOnlyList<MountFacts> mounts
    ) =>
        [
            .. mounts
                .Where(mount => mount.FileSystem == "btrfs" && mount.Class is MountClass.Volume or MountClass.Bind or MountClass.Removable)
                .GroupBy(mount => mount.Device, StringComparer.Ordinal)
                .Select(views => Read(output, devices, views.Key, [.. views])),
        ];

    private static BtrfsFacts Read(ProbeOutput output, IReadOnlyList<BlockDeviceFacts> devices, string path, List<MountFacts> views)
    {
        var device = devices.FirstOrDefault(candidate => candidate.Path == path);
        var asked = views.FirstOrDefault(view => output.Has("btrfs-list", Escape(view.MountPoint)));
        var facts = new BtrfsFacts
        {
            Device = path,
            Devices = device?.Uuid is { } uuid
                ?
                [
                    .. devices
                        .Where(candidate => candidate.ContentType == "btrfs" && candidate.Uuid == uuid && IsOwn(device, candidate))
                        .Select(candidate => candidate.Path),
                ]
                : [path],
        };
        if (asked is null)
            return facts;

        var point = Escape(asked.MountPoint);
        var paths = ReadPaths(output.Lines("btrfs-list", point));
        if (paths.Count == 0 && views.Any(view => view.Subvolume is not null))
            return facts;

        var snapshots = new HashSet<string>(ReadPaths(output.Lines("btrfs-snapshots", point)), StringComparer.Ordinal);
        return facts with
        {
            Subvolumes = [.. paths.Select(subvolume => new BtrfsSubvolumeFacts(subvolume, snapshots.Contains(subvolume)))],
            DefaultSubvolume = ReadPaths(output.Lines("btrfs-default", point)).FirstOrDefault(),
        };
    }

    /// <summary>A path of a multipath disk, or a member of a mirror, shows the same file system once more.</summary>
    private static bool IsOwn(BlockDeviceFacts device, BlockDeviceFacts candidate) =>
        candidate == device || !candidate.Parents.Contains(device.Name) && !device.Parents.Contains(candidate.Name);

    private static List<string> ReadPaths(IReadOnlyList<string> lines) =>
        [
            .. lines
                .Select(line => Regex.Match(line, @"^ID \d+ .*?\bpath (.+)$"))
                .Where(match => match.Success)
                .Select(match => match.Groups[1].Value)
                .Select(path => path.StartsWith(Top, StringComparison.Ordinal) ? path.Substring(Top.Length) : path),
        ];

    /// <summary>As mountinfo writes a mount point, which names the probe's sections.</summary>
    private static string Escape(string point) =>
        point.Replace("\\", @"\134").Replace(" ", @"\040").Replace("\t", @"\011").Replace("\n", @"\012");
}
