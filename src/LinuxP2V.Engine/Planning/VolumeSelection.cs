using LinuxP2V.Engine.Sources.Model;
using LinuxP2V.Engine.Tasks;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Planning;

/// <summary>Which volumes are copied, and why the others are not.</summary>
internal sealed class VolumeSelection
{
    private readonly SourceFacts facts;
    private readonly DeviceGraph graph;
    private readonly VolumeExclusion exclusion;
    private readonly List<PlannedVolume> volumes = [];
    private readonly List<SkippedVolume> skipped = [];

    private VolumeSelection(SourceFacts facts, TaskSettings settings, DeviceGraph graph)
    {
        this.facts = facts;
        this.graph = graph;
        exclusion = new VolumeExclusion(settings.ExcludeVolumes);
    }

    /// <summary>Parents before what is mounted inside them, swap last.</summary>
    public IReadOnlyList<PlannedVolume> Volumes { get; private set; } = [];

    public IReadOnlyList<SkippedVolume> Skipped => skipped;

    /// <exception cref="P2VException">PlanNotPossible, VolumeNotFound, FileSystemNotSupported, SourceNotConvertible.</exception>
    public static VolumeSelection Select(SourceFacts facts, TaskSettings settings, DeviceGraph graph)
    {
        var selection = new VolumeSelection(facts, settings, graph);
        selection.SelectMounts();
        selection.SelectSwaps();
        selection.NoteUnmounted();
        selection.exclusion.RequireAllMatched(selection.volumes.Select(volume => volume.Id));
        selection.RequireBootable();
        selection.Volumes =
        [
            .. selection
                .volumes.OrderBy(volume => volume.IsSwap)
                .ThenBy(volume => PosixPath.Depth(volume.Id))
                .ThenBy(volume => volume.Id, StringComparer.Ordinal),
        ];
        return selection;
    }

    private void SelectMounts()
    {
        // What was mounted last hides what was mounted there before.
        var visible = facts.Mounts.GroupBy(mount => mount.MountPoint, StringComparer.Ordinal).Select(group => group.Last());
        foreach (var mount in visible)
        {
            var device = mount.Class == MountClass.Volume ? graph.Find(mount.Device) : null;
            if (exclusion.Matches(mount.MountPoint, mount.Device, device?.Path))
            {
                RefuseVital(mount, device);
                skipped.Add(new SkippedVolume(mount.MountPoint, mount.Device, device?.Uuid, "left out by -ExcludeVolume", true));
            }
            else if (mount.Class != MountClass.Volume)
            {
                skipped.Add(new SkippedVolume(mount.MountPoint, mount.Device, null, Reason(mount), false));
            }
            else
            {
                volumes.Add(Take(mount, device));
            }
        }
    }

    private PlannedVolume Take(MountFacts mount, BlockDeviceFacts? device)
    {
        if (device is null)
        {
            throw new P2VException(
                ErrorIds.PlanNotPossible,
                $"{mount.MountPoint} is mounted from {mount.Device}, which is not among the source's block devices.",
                $"Leave it out with -ExcludeVolume {mount.MountPoint}.",
                mount.MountPoint
            );
        }

        if (mount.Specification is null)
        {
            throw new P2VException(
                ErrorIds.FileSystemNotSupported,
                $"{mount.MountPoint} ({mount.Device}) is a file system of type {mount.FileSystem}, which LinuxP2V cannot make again.",
                $"Leave it out with -ExcludeVolume {mount.MountPoint} and copy its data by other means.",
                mount.MountPoint
            );
        }

        RefuseSubvolumes(mount);
        return new PlannedVolume
        {
            Id = mount.MountPoint,
            Mount = mount,
            FileSystem = mount.Specification,
            SourceDevice = mount.Device,
            Device = device,
            Home = graph.FindHome(device),
        };
    }

    /// <summary>The layout knows no subvolumes: the copy would boot with rootflags and fstab lines that name none of it.</summary>
    private void RefuseSubvolumes(MountFacts mount)
    {
        if (mount.Specification?.Kind != FileSystemKind.Btrfs)
            return;

        var views = facts.Mounts.Where(other => other.Device == mount.Device && other.FileSystem == mount.FileSystem);
        var subvolume = views.Select(view => Subvolume(view.Options)).FirstOrDefault(name => name is not null);
        if (subvolume is not null)
        {
            throw new P2VException(
                ErrorIds.FileSystemNotSupported,
                $"{mount.MountPoint} ({mount.Device}) is btrfs and uses the subvolume {subvolume}; only btrfs without subvolumes is supported.",
                $"Leave it out with -ExcludeVolume {mount.MountPoint} and copy its data by other means.",
                mount.MountPoint
            );
        }
    }

    private static string? Subvolume(string options)
    {
        const string Name = "subvol=";
        var option = options.Split(',').FirstOrDefault(item => item.StartsWith(Name, StringComparison.Ordinal));
        return option is null || option.Substring(Name.Length) is "/" or "" ? null : option.Substring(Name.Length);
    }

    private void SelectSwaps()
    {
        foreach (var swap in facts.Swaps.Where(swap => !swap.IsFile))
        {
            var id = $"swap:{swap.Uuid ?? swap.Path}";
            var device = graph.Find(swap.Path);
            if (exclusion.Matches(id, swap.Path, device?.Path))
            {
                skipped.Add(new SkippedVolume(null, swap.Path, swap.Uuid, "left out by -ExcludeVolume", true));
            }
            else if (device is null || swap.Path.StartsWith("/dev/zram", StringComparison.Ordinal))
            {
                skipped.Add(new SkippedVolume(null, swap.Path, swap.Uuid, "swap that lies on no disk", false));
            }
            else
            {
                volumes.Add(
                    new PlannedVolume
                    {
                        Id = id,
                        FileSystem = new FileSystemSpec
                        {
                            Kind = FileSystemKind.Swap,
                            Uuid = swap.Uuid,
                            Label = swap.Label,
                        },
                        SourceDevice = swap.Path,
                        Device = device,
                        Home = graph.FindHome(device),
                    }
                );
            }
        }
    }

    private void NoteUnmounted()
    {
        var known = new HashSet<string>(volumes.Select(volume => volume.Device.Path), StringComparer.Ordinal);
        known.UnionWith(facts.Mounts.Select(mount => graph.Find(mount.Device)?.Path ?? mount.Device));
        known.UnionWith(facts.Swaps.Select(swap => graph.Find(swap.Path)?.Path ?? swap.Path));
        var hasChildren = new HashSet<string>(facts.BlockDevices.SelectMany(device => device.Parents), StringComparer.Ordinal);
        var unmounted = facts.BlockDevices.Where(device =>
            device.ContentType
                is "ext2"
                    or "ext3"
                    or "ext4"
                    or "xfs"
                    or "btrfs"
                    or "vfat"
                    or "ntfs"
                    or "jfs"
                    or "reiserfs"
                    or "swap"
                    or "zfs_member"
            && device.Kind != BlockDeviceKind.Loop
            && !device.IsRemovable
            && !known.Contains(device.Path)
            && !hasChildren.Contains(device.Name)
        );
        foreach (var device in unmounted)
        {
            var reason =
                device.ContentType == "swap" ? "swap area that is not in use" : $"{device.ContentType} file system that is not mounted";
            skipped.Add(new SkippedVolume(null, device.Path, device.Uuid, reason, exclusion.Matches(device.Path, $"swap:{device.Uuid}")));
        }
    }

    private void RefuseVital(MountFacts mount, BlockDeviceFacts? device)
    {
        var isEfi =
            facts.Hardware.Firmware == Firmware.Uefi
            && (mount.MountPoint is "/boot/efi" or "/efi" || PartitionTypes.IsEfiSystem(device?.Partition?.Type));
        if (mount.MountPoint is "/" or "/boot" || isEfi)
        {
            throw new P2VException(
                ErrorIds.PlanNotPossible,
                $"{mount.MountPoint} cannot be left out: the copy would not boot without it.",
                "Make the -ExcludeVolume pattern narrower.",
                mount.MountPoint
            );
        }
    }

    private void RequireBootable()
    {
        if (volumes.All(volume => volume.Id != "/"))
        {
            var root = facts.Mounts.LastOrDefault(mount => mount.MountPoint == "/");
            throw new P2VException(
                ErrorIds.SourceNotConvertible,
                root is null
                    ? "The source tells of no root file system."
                    : $"The root file system ({root.Device}, {root.FileSystem}) is not on a local disk.",
                "Only machines that run from their own disks can be cloned: no live systems, containers or network roots."
            );
        }

        if (facts.Hardware.Firmware == Firmware.Uefi && !volumes.Any(volume => volume.IsEfiSystem))
        {
            throw new P2VException(
                ErrorIds.PlanNotPossible,
                "The source boots by UEFI, but its EFI system partition is not mounted, so its boot loader cannot be copied.",
                "Mount it on the source (usually at /boot/efi) and read the source again with Get-P2VSource."
            );
        }
    }

    private static string Reason(MountFacts mount) =>
        mount.Class switch
        {
            MountClass.Pseudo => $"made by the running system ({mount.FileSystem})",
            MountClass.Network => $"network file system ({mount.FileSystem})",
            MountClass.Removable => $"removable medium ({mount.FileSystem})",
            MountClass.Bind => "another view of a volume that is listed already",
            MountClass.Loop => $"file mounted as a device ({mount.FileSystem})",
            _ => mount.FileSystem,
        };
}
