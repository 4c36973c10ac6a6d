using LinuxP2V.Engine.Sources.Model;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Engine.Planning;

/// <summary>
/// btrfs: several volumes are subvolumes of one file system. It is made once, has room for all of them, and on one device
/// whatever the source has.
/// </summary>
internal static class BtrfsSubvolumes
{
    /// <summary>The file system's features, less the one that only several devices need.</summary>
    public static FileSystemSpec Specify(MountFacts mount, SourceFacts facts) =>
        mount.Specification is { Kind: FileSystemKind.Btrfs } btrfs && DevicesOf(mount, facts).Count > 1
            ? btrfs with
            {
                BtrfsFeatures = [.. btrfs.BtrfsFeatures.Where(feature => feature != "raid56")],
            }
            : mount.Specification!;

    public static TargetSubvolume Describe(MountFacts mount, SourceFacts facts) =>
        new(mount.Subvolume!) { IsDefault = FactsOf(mount, facts)?.DefaultSubvolume == mount.Subvolume };

    public static IReadOnlyList<string> DevicesOf(MountFacts mount, SourceFacts facts) => FactsOf(mount, facts)?.Devices ?? [mount.Device];

    /// <summary>
    /// fstab's options; of btrfs with what is mounted in truth, as a subvolume may be named by a number or be the
    /// default.
    /// </summary>
    public static string? MountOptions(PlannedVolume volume)
    {
        if (volume.FileSystem.Kind != FileSystemKind.Btrfs)
            return volume.Mount?.FstabOptions;

        var compression = MountOptionText.Compression(volume.Mount!.Options);
        var options = (volume.Mount.FstabOptions ?? "defaults")
            .Split(',')
            .Where(option =>
                !option.StartsWith("subvol", StringComparison.Ordinal) && !option.StartsWith("compress", StringComparison.Ordinal)
            );
        return string.Join(
            ",",
            options
                .Concat(compression is null ? [] : [compression])
                .Concat(volume.Subvolume is null ? [] : [$"subvol=/{volume.Subvolume.Path}"])
        );
    }

    /// <summary>Makes the volumes of one file system share the place of its first one.</summary>
    public static void Share(IReadOnlyList<PlannedVolume> volumes, SourceFacts facts)
    {
        var files = volumes
            .Where(volume => volume.FileSystem.Kind == FileSystemKind.Btrfs)
            .GroupBy(volume => volume.Device.Name, StringComparer.Ordinal);
        foreach (var file in files)
        {
            var first = file.OrderByDescending(volume => volume.Id == "/").First();
            first.FileSystemUsedBytes = facts.Mounts.Where(mount => mount.Device == first.Mount!.Device).Max(mount => mount.UsedBytes);
            // A file system over several devices is larger than the one that it is mounted from.
            first.FileSystemSize = file.Max(volume => volume.Mount!.SizeBytes);
            foreach (var volume in file.Where(volume => volume != first))
                volume.Owner = first;
        }
    }

    /// <summary>
    /// Subvolumes that are seen as a folder of a mounted one: a list of that one's files ends at them. Snapshots are not
    /// among them, each would take its full size again.
    /// </summary>
    public static IEnumerable<PlannedVolume> FindNested(
        BtrfsFacts file,
        IReadOnlyList<PlannedVolume> views,
        SourceFacts facts,
        PlanFindings findings
    )
    {
        if (views.Count == 0)
            yield break;

        var mounted = new HashSet<string>(
            facts.Mounts.Where(mount => mount.Device == file.Device).Select(mount => mount.Subvolume ?? ""),
            StringComparer.Ordinal
        );
        var others = (file.Subvolumes ?? []).Where(subvolume => !mounted.Contains(subvolume.Path)).ToList();
        var unseen = new List<string>();
        foreach (
            var subvolume in others.Where(subvolume => !subvolume.IsSnapshot).OrderBy(subvolume => subvolume.Path, StringComparer.Ordinal)
        )
        {
            var above = views
                .Where(view => view.Subvolume is null || subvolume.Path.StartsWith(view.Subvolume.Path + "/", StringComparison.Ordinal))
                .OrderByDescending(view => view.Subvolume?.Path.Length ?? 0)
                .FirstOrDefault();
            // A snapshot's own subvolumes are empty folders in it.
            var isInSnapshot = others.Any(other =>
                other.IsSnapshot && subvolume.Path.StartsWith(other.Path + "/", StringComparison.Ordinal)
            );
            if (above is null || isInSnapshot)
                unseen.Add(subvolume.Path);
            else
                yield return Nest(subvolume.Path, above, file);
        }

        Tell(file, views, others.Where(subvolume => subvolume.IsSnapshot).Select(subvolume => subvolume.Path).ToList(), unseen, findings);
    }

    private static PlannedVolume Nest(string path, PlannedVolume above, BtrfsFacts file)
    {
        var below = above.Subvolume is null ? path : path.Substring(above.Subvolume.Path.Length + 1);
        return new PlannedVolume
        {
            Id = above.Id.TrimEnd('/') + "/" + below,
            Mount = above.Mount! with
            {
                MountPoint = above.Id.TrimEnd('/') + "/" + below,
                Subvolume = path,
                FstabOptions = null,
                UsedBytes = 0,
                UsedInodes = 0,
            },
            FileSystem = above.FileSystem,
            SourceDevice = above.SourceDevice,
            Device = above.Device,
            Backing = above.Backing,
            Subvolume = new TargetSubvolume(path) { IsNested = true, IsDefault = file.DefaultSubvolume == path },
        };
    }

    private static void Tell(
        BtrfsFacts file,
        IReadOnlyList<PlannedVolume> views,
        List<string> snapshots,
        List<string> unseen,
        PlanFindings findings
    )
    {
        var point = views[0].Id;
        if (file.Subvolumes is null)
        {
            findings.Warn(
                "BtrfsSubvolumesUnknown",
                point,
                $"{point} is btrfs, and the source has no tool 'btrfs' that lists its subvolumes: one that is not "
                    + $"mounted by itself, but only seen as a folder, is not copied.",
                "Install btrfs-progs on the source and read it again."
            );
        }

        if (snapshots.Count > 0)
        {
            findings.Inform(
                "BtrfsSnapshotsNotCopied",
                point,
                $"{snapshots.Count} snapshots in the btrfs of {point} are not copied, as each would take its full "
                    + $"size: {Shorten(snapshots)}.",
                "Nothing to do, unless you want to go back to one of them in the VM."
            );
        }

        if (unseen.Count > 0)
        {
            findings.Warn(
                "BtrfsSubvolumeNotMounted",
                point,
                $"{unseen.Count} subvolumes in the btrfs of {point} are not mounted, nor part of what is, and are not "
                    + $"copied: {Shorten(unseen)}.",
                "Mount on the source what you need of them, and read it again."
            );
        }

        if (file.Devices.Count > 1)
        {
            findings.Inform(
                "BtrfsDevicesJoined",
                point,
                $"The btrfs of {point} lies on {file.Devices.Count} devices ({string.Join(", ", file.Devices)}); its "
                    + $"copy of {ByteSize.Format(views.Max(view => view.Mount!.SizeBytes))} has one.",
                "Nothing to do: the datastore below the VM has its own redundancy."
            );
        }
    }

    private static string Shorten(List<string> names) =>
        names.Count <= 5 ? string.Join(", ", names) : $"{string.Join(", ", names.Take(5))} and {names.Count - 5} more";

    private static BtrfsFacts? FactsOf(MountFacts mount, SourceFacts facts) =>
        facts.BtrfsFileSystems.FirstOrDefault(file => file.Device == mount.Device);
}
