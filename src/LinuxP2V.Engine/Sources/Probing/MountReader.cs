using LinuxP2V.Engine.Sources.Model;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Engine.Sources.Probing;

/// <summary>Mounts and swap: what they are, how full, and how to make them again.</summary>
internal static class MountReader
{
    private static readonly HashSet<string> NetworkTypes =
    [
        "nfs",
        "nfs4",
        "cifs",
        "smb3",
        "smbfs",
        "ncpfs",
        "afs",
        "coda",
        "9p",
        "ceph",
        "glusterfs",
        "lustre",
        "beegfs",
        "gpfs",
        "orangefs",
        "pvfs2",
        "virtiofs",
        "vboxsf",
        "davfs",
        "fuse.sshfs",
        "fuse.glusterfs",
        "fuse.ceph",
        "fuse.davfs2",
        "fuse.s3fs",
        "fuse.rclone",
        "fuse.vmhgfs-fuse",
        "vmhgfs",
        "fuse.mfs",
        "fuse.gcsfuse",
        "fuse.cifs",
        "gfs",
        "gfs2",
        "ocfs2",
    ];

    private static readonly HashSet<string> OpticalTypes = ["iso9660", "udf"];

    /// <summary>No block device, yet data of this machine.</summary>
    private static readonly HashSet<string> PooledTypes = ["zfs", "bcachefs"];

    /// <summary>Where these are is part of the machine, whatever the disk says of itself: hot-plug bays call themselves removable.</summary>
    private static readonly HashSet<string> SystemFolders = ["/", "/boot", "/boot/efi", "/efi", "/usr", "/var", "/home"];

    public static IReadOnlyList<MountFacts> Read(ProbeOutput output, BlockDeviceReader devices)
    {
        var fstab = Fstab.Read(output.File("/etc/fstab"));
        var lines = output.File("/proc/self/mountinfo").Select(MountInfo.Parse).OfType<MountInfo>().ToList();
        // A mount covers an earlier one at the same place: only the last can be read.
        var mounts = lines.GroupBy(mount => mount.Point).Select(group => group.Last()).ToList();
        var entries = mounts.ToDictionary(mount => mount, mount => FindDevice(mount, devices));
        var systemDisks = new HashSet<string>(
            mounts
                .Where(mount => SystemFolders.Contains(mount.Point))
                .Select(mount => entries[mount])
                .OfType<BlockDeviceEntry>()
                .SelectMany(devices.DisksOf)
                .Select(disk => disk.Name)
        );
        var first = ChooseViews(mounts, entries);
        return
        [
            .. mounts.Select(mount =>
                ToFacts(mount, entries[mount], Classify(mount, entries[mount], devices, systemDisks, first), output, devices, fstab)
            ),
        ];
    }

    public static IReadOnlyList<SwapFacts> ReadSwaps(ProbeOutput output, BlockDeviceReader devices)
    {
        var swaps = new List<SwapFacts>();
        foreach (var words in output.File("/proc/swaps").Skip(1).Select(ProbeText.Words).Where(words => words.Length >= 3))
        {
            var path = ProbeText.UnescapeOctal(words[0]);
            if (words[1] == "file")
            {
                swaps.Add(new SwapFacts(path, true, (ProbeText.Number(words[2]) ?? 0) * 1024, null, null));
                continue;
            }

            var entry = devices.ByPath(path);
            // Compressed memory is not storage.
            if (path.StartsWith("/dev/zram", StringComparison.Ordinal))
                continue;

            var content = entry is null ? null : devices.ContentOf(entry);
            swaps.Add(
                new SwapFacts(
                    entry?.Path ?? path,
                    false,
                    entry?.SizeBytes ?? (ProbeText.Number(words[2]) ?? 0) * 1024,
                    content?.Uuid,
                    content?.Label
                )
            );
        }

        return swaps;
    }

    private static BlockDeviceEntry? FindDevice(MountInfo mount, BlockDeviceReader devices) =>
        devices.ByNumber(mount.Number)
        ?? (mount.Source.StartsWith("/dev/", StringComparison.Ordinal) ? devices.ByPath(mount.Source) : null);

    /// <summary>Of several mounts of a device the one that shows most of it: its root before a part, then the shortest place.</summary>
    private static HashSet<MountInfo> ChooseViews(List<MountInfo> mounts, Dictionary<MountInfo, BlockDeviceEntry?> entries) =>
        [
            .. mounts
                .Where(mount => entries[mount] is not null)
                .GroupBy(mount => entries[mount]!.Name)
                .Select(group =>
                    group
                        // btrfs: the system's subvolume is the volume, even where the whole of it is mounted elsewhere.
                        .OrderByDescending(mount => mount.Point == "/")
                        .ThenByDescending(mount => mount.Root == "/")
                        .ThenBy(mount => mount.Point.Length)
                        .First()
                ),
        ];

    private static MountClass Classify(
        MountInfo mount,
        BlockDeviceEntry? entry,
        BlockDeviceReader devices,
        HashSet<string> systemDisks,
        HashSet<MountInfo> views
    )
    {
        if (NetworkTypes.Contains(mount.Type))
            return MountClass.Network;
        if (entry is null)
            return PooledTypes.Contains(mount.Type) || IsUnknownDisk(mount) ? MountClass.Volume : MountClass.Pseudo;
        if (entry.Kind == BlockDeviceKind.Loop)
            return MountClass.Loop;

        var disks = devices.DisksOf(entry).ToList();
        if (
            OpticalTypes.Contains(mount.Type)
            || (disks.Any(disk => disk.IsRemovable) && !disks.Any(disk => systemDisks.Contains(disk.Name)))
        )
            return MountClass.Removable;

        return views.Contains(mount) ? MountClass.Volume : MountClass.Bind;
    }

    /// <summary>On a device that sysfs did not show: better to fail over it than to leave it out unseen.</summary>
    private static bool IsUnknownDisk(MountInfo mount) =>
        !mount.Number.StartsWith("0:", StringComparison.Ordinal) && mount.Source.StartsWith("/dev/", StringComparison.Ordinal);

    private static MountFacts ToFacts(
        MountInfo mount,
        BlockDeviceEntry? entry,
        MountClass mountClass,
        ProbeOutput output,
        BlockDeviceReader devices,
        IReadOnlyList<FstabLine> fstab
    )
    {
        var usage = FileSystemUsage.Read(output.Lines("usage", mount.RawPoint));
        return new MountFacts
        {
            MountPoint = mount.Point,
            Device = entry?.Path ?? mount.Source,
            FileSystem = mount.Type,
            Class = mountClass,
            Options = mount.Options,
            FstabOptions = fstab.LastOrDefault(line => line.MountPoint == mount.Point)?.Options,
            SizeBytes = usage.SizeBytes,
            UsedBytes = usage.UsedBytes,
            UsedInodes = usage.UsedInodes,
            Specification = mountClass == MountClass.Volume ? Specify(mount, entry, output, devices) : null,
        };
    }

    private static FileSystemSpec? Specify(MountInfo mount, BlockDeviceEntry? entry, ProbeOutput output, BlockDeviceReader devices)
    {
        var content = entry is null ? null : devices.ContentOf(entry);
        var specification = content?.Specification ?? BlockDeviceReader.MakeSpecification(mount.Type, content?.Uuid, content?.Label);
        if (specification is { Kind: FileSystemKind.Xfs, Xfs: null })
            return XfsInfo.Read(output.Lines("xfs_info", mount.RawPoint), specification);

        return specification;
    }
}
