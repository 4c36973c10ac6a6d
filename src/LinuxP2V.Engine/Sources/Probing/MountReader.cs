using LinuxP2V.Engine.Sources.Model;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Engine.Sources.Probing;

/// <summary>Mounts and swap: what they are, how full, and how to make them again.</summary>
internal sealed class MountReader
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

    /// <summary>
    /// Where these are is part of the machine, whatever the disk says of itself: hot-plug bays call themselves
    /// removable.
    /// </summary>
    private static readonly HashSet<string> SystemFolders = ["/", "/boot", "/boot/efi", "/efi", "/usr", "/var", "/home"];

    private readonly ProbeOutput output;
    private readonly BlockDeviceReader devices;
    private readonly ReadingProblems problems;
    private readonly IReadOnlyList<FstabLine> fstab;
    private readonly List<MountInfo> lines;
    private readonly Dictionary<MountInfo, BlockDeviceEntry?> entries;
    private readonly Dictionary<MountInfo, MountInfo> covers;
    private readonly HashSet<MountInfo> views;

    /// <summary>Of several views of a btrfs the one that stands for the file system: it alone tells what is used.</summary>
    private readonly HashSet<MountInfo> firstViews;
    private readonly HashSet<string> systemDisks;

    private MountReader(ProbeOutput output, BlockDeviceReader devices, ReadingProblems problems)
    {
        this.output = output;
        this.devices = devices;
        this.problems = problems;
        fstab = problems.Read("/etc/fstab", () => Fstab.Read(output.File("/etc/fstab")), []);
        lines =
        [
            .. problems
                .ReadEach(output.File("/proc/self/mountinfo").Where(line => line.Length > 0), line => line, MountInfo.Parse)
                .Distinct(),
        ];
        entries = lines.ToDictionary(mount => mount, FindDevice);
        covers = MountCover.Find(lines);
        var visible = lines.Where(mount => !covers.ContainsKey(mount)).ToList();
        views = ChooseViews(visible, mount => $"{entries[mount]!.Name} {mount.Subvolume}");
        firstViews = ChooseViews(visible, mount => entries[mount]!.Name);
        systemDisks =
        [
            .. visible
                .Where(mount => SystemFolders.Contains(mount.Point))
                .Select(mount => entries[mount])
                .OfType<BlockDeviceEntry>()
                .SelectMany(devices.DisksOf)
                .Select(disk => disk.Name),
        ];
    }

    public static IReadOnlyList<MountFacts> Read(ProbeOutput output, BlockDeviceReader devices, ReadingProblems problems)
    {
        var reader = new MountReader(output, devices, problems);
        return problems.ReadEach(reader.lines.Where(reader.IsTold), mount => mount.Point, reader.ToFacts);
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

    private BlockDeviceEntry? FindDevice(MountInfo mount) =>
        devices.ByNumber(mount.Number)
        ?? (mount.Source.StartsWith("/dev/", StringComparison.Ordinal) ? devices.ByPath(mount.Source) : null);

    /// <summary>Of several mounts of one thing the one that shows most of it: all of it before a folder, then the shortest place.</summary>
    private HashSet<MountInfo> ChooseViews(List<MountInfo> visible, Func<MountInfo, string> thing) =>
        [
            .. visible
                .Where(mount => entries[mount] is not null)
                .GroupBy(thing)
                .Select(group =>
                    group
                        // btrfs: the system's subvolume is the volume, even where the whole of it is mounted elsewhere.
                        .OrderByDescending(mount => mount.Point == "/")
                        .ThenByDescending(mount => mount.IsWhole)
                        .ThenByDescending(mount => fstab.Any(line => line.MountPoint == mount.Point))
                        .ThenByDescending(mount => mount.Root == "/")
                        .ThenBy(mount => mount.Point.Length)
                        .First()
                ),
        ];

    /// <summary>Of what is covered only a volume that can be seen nowhere else.</summary>
    private bool IsTold(MountInfo mount) =>
        !covers.ContainsKey(mount)
        || (
            entries[mount] is { } entry
            && ClassOfVolume(mount, entry) == MountClass.Volume
            && !lines.Any(other => entries[other] == entry && !covers.ContainsKey(other))
        );

    private MountClass Classify(MountInfo mount)
    {
        if (covers.ContainsKey(mount))
            return MountClass.Covered;
        if (NetworkTypes.Contains(mount.Type))
            return MountClass.Network;

        return entries[mount] is { } entry ? ClassOfVolume(mount, entry)
            : PooledTypes.Contains(mount.Type) || IsUnknownDisk(mount) ? MountClass.Volume
            : MountClass.Pseudo;
    }

    private MountClass ClassOfVolume(MountInfo mount, BlockDeviceEntry entry)
    {
        if (entry.Kind == BlockDeviceKind.Loop || devices.IsOnLoop(entry))
            return MountClass.Loop;
        if (!covers.ContainsKey(mount) && !views.Contains(mount))
            return MountClass.Bind;

        var disks = devices.DisksOf(entry).ToList();
        return
            OpticalTypes.Contains(mount.Type)
            || (disks.Any(disk => disk.IsRemovable) && !disks.Any(disk => systemDisks.Contains(disk.Name)))
            ? MountClass.Removable
            : MountClass.Volume;
    }

    /// <summary>On a device that sysfs did not show: better to fail over it than to leave it out unseen.</summary>
    private static bool IsUnknownDisk(MountInfo mount) =>
        !mount.Number.StartsWith("0:", StringComparison.Ordinal) && mount.Source.StartsWith("/dev/", StringComparison.Ordinal);

    private MountFacts ToFacts(MountInfo mount)
    {
        var entry = entries[mount];
        var mountClass = Classify(mount);
        var fstabOptions = fstab.LastOrDefault(line => line.MountPoint == mount.Point)?.Options;
        var usage = FileSystemUsage.Read(output.Lines("usage", mount.RawPoint));
        var specification = mountClass is MountClass.Volume or MountClass.Removable ? Specify(mount, entry, fstabOptions) : null;
        if (specification is not null && usage.SizeBytes == 0)
            problems.Add(mount.Point, "how large and how full it is cannot be read");

        var isCounted = mount.Type != "btrfs" || mountClass != MountClass.Volume || firstViews.Contains(mount);
        return new MountFacts
        {
            MountPoint = mount.Point,
            Device = entry?.Path ?? mount.Source,
            FileSystem = mount.Type,
            Class = mountClass,
            Options = mount.Options,
            Root = mount.Root,
            Subvolume = mount.Subvolume,
            CoveredBy = covers.TryGetValue(mount, out var cover) ? cover.Point : null,
            FstabOptions = fstabOptions,
            // Where it is covered its place tells of what lies over it.
            SizeBytes = mountClass == MountClass.Covered ? entry?.SizeBytes ?? 0 : usage.SizeBytes,
            UsedBytes = isCounted && mountClass != MountClass.Covered ? usage.UsedBytes : 0,
            UsedInodes = isCounted && mountClass != MountClass.Covered ? usage.UsedInodes : 0,
            Specification = specification,
        };
    }

    private FileSystemSpec? Specify(MountInfo mount, BlockDeviceEntry? entry, string? fstabOptions)
    {
        var content = entry is null ? null : devices.ContentOf(entry);
        var specification = content?.Specification ?? BlockDeviceReader.MakeSpecification(mount.Type, content?.Uuid, content?.Label);
        if (specification is { Kind: FileSystemKind.Xfs, Xfs: null })
            specification = XfsInfo.Read(output.Lines("xfs_info", mount.RawPoint), specification);

        return specification is not null && MountOptionText.NamesLog($"{mount.Options},{fstabOptions}")
            ? specification with
            {
                HasExternalLog = true,
            }
            : specification;
    }
}
