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
    private readonly PlanFindings findings;
    private readonly VolumePatterns exclusion;
    private readonly VolumePatterns inclusion;
    private readonly VolumeChecks checks;
    private readonly bool isReconfigured;
    private readonly List<PlannedVolume> volumes = [];
    private readonly List<SkippedVolume> skipped = [];

    private VolumeSelection(PlanInput input, DeviceGraph graph, PlanFindings findings)
    {
        facts = input.Facts;
        this.graph = graph;
        this.findings = findings;
        exclusion = new VolumePatterns(input.Settings.ExcludeVolumes);
        inclusion = new VolumePatterns(input.Settings.IncludeVolumes);
        checks = new VolumeChecks(facts, graph, findings);
        isReconfigured = !input.Settings.SkipReconfiguration;
    }

    /// <summary>Parents before what is mounted inside them, swap last.</summary>
    public IReadOnlyList<PlannedVolume> Volumes { get; private set; } = [];

    public IReadOnlyList<SkippedVolume> Skipped => skipped;

    /// <summary>Nothing was refused.</summary>
    public bool IsPossible { get; private set; } = true;

    private IEnumerable<string> Names => Volumes.Select(volume => volume.Id);

    /// <summary>
    /// What cannot be chosen is among the findings: SourceNotConvertible, PlanNotPossible, VolumeNotFound,
    /// FileSystemNotSupported and others.
    /// </summary>
    public static VolumeSelection Select(PlanInput input, DeviceGraph graph, PlanFindings findings)
    {
        var selection = new VolumeSelection(input, graph, findings);
        selection.SelectMounts();
        selection.SelectSwaps();
        selection.AddNestedSubvolumes();
        selection.Volumes =
        [
            .. selection
                .volumes.OrderBy(volume => volume.IsSwap)
                .ThenBy(volume => PosixPath.Depth(volume.Id))
                .ThenBy(volume => volume.Id, StringComparer.Ordinal),
        ];
        BtrfsSubvolumes.Share(selection.Volumes, input.Facts);
        selection.skipped.AddRange(UnusedDevices.Find(input.Facts, graph, selection.Volumes, selection.exclusion, findings));
        // Without the volumes that were refused there is nothing more to say of them.
        selection.IsPossible &= findings.Try(() => selection.exclusion.RequireAllMatched("-ExcludeVolume", selection.Names));
        selection.IsPossible &= findings.Try(() => selection.inclusion.RequireAllMatched("-IncludeVolume", selection.Names));
        selection.IsPossible = selection.IsPossible && findings.Try(selection.RequireBootable);
        return selection;
    }

    private void SelectMounts()
    {
        // What was mounted last hides what was mounted there before.
        var visible = facts.Mounts.GroupBy(mount => mount.MountPoint, StringComparer.Ordinal).Select(group => group.Last());
        foreach (var mount in visible.Where(mount => !IsPartOfRefusedPool(mount)))
            IsPossible &= findings.Try(() => SelectMount(mount));
    }

    /// <summary>One pool holds many file systems: that of the system stands for all of them.</summary>
    private bool IsPartOfRefusedPool(MountFacts mount)
    {
        var root = facts.Mounts.LastOrDefault(candidate => candidate.MountPoint == "/");
        return mount.FileSystem == "zfs"
            && root is { FileSystem: "zfs" }
            && mount != root
            && mount.Device.Split('/')[0] == root.Device.Split('/')[0];
    }

    private void SelectMount(MountFacts mount)
    {
        var device = mount.Class is MountClass.Volume or MountClass.Removable ? graph.Find(mount.Device) : null;
        var isIncluded = inclusion.Matches(mount.MountPoint, mount.Device, device?.Path);
        // A pattern that means what the kernel makes, such as /d*, is a mistake.
        if (!IsOfKernel(mount) && exclusion.Matches(mount.MountPoint, mount.Device, device?.Path))
        {
            RefuseVital(mount, device);
            skipped.Add(new SkippedVolume(mount.MountPoint, mount.Device, device?.Uuid, "left out by -ExcludeVolume", true));
        }
        else if (mount.Class == MountClass.Volume || (mount.Class == MountClass.Removable && isIncluded))
        {
            volumes.Add(checks.Take(mount, device));
        }
        else if (isIncluded && mount.Class is not (MountClass.Pseudo or MountClass.Bind))
        {
            throw new P2VException(
                ErrorIds.PlanNotPossible,
                $"-IncludeVolume names {mount.MountPoint}, which cannot be copied: {Reason(mount)}.",
                $"Take it out of -IncludeVolume.",
                mount.MountPoint
            );
        }
        else
        {
            skipped.Add(new SkippedVolume(mount.MountPoint, mount.Device, null, Reason(mount), false));
        }
    }

    private static bool IsOfKernel(MountFacts mount) =>
        mount.Class == MountClass.Pseudo && mount.MountPoint.Split('/') is ["", "proc" or "sys" or "dev", ..];

    private void SelectSwaps()
    {
        foreach (var swap in facts.Swaps.Where(swap => !swap.IsFile))
            IsPossible &= findings.Try(() => SelectSwap(swap));
    }

    private void SelectSwap(SwapFacts swap)
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
        else if (graph.IsOnLoop(device))
        {
            skipped.Add(new SkippedVolume(null, swap.Path, swap.Uuid, "swap in a file, which is copied with its volume", false));
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
                    Backing = checks.FindBacking(device, id, isVital: false),
                }
            );
        }
    }

    private void AddNestedSubvolumes()
    {
        foreach (var file in facts.BtrfsFileSystems)
        {
            var views = volumes.Where(volume => volume.Mount?.Device == file.Device).ToList();
            foreach (var nested in BtrfsSubvolumes.FindNested(file, views, facts, findings))
            {
                if (exclusion.Matches(nested.Id))
                    skipped.Add(new SkippedVolume(nested.Id, nested.SourceDevice, null, "left out by -ExcludeVolume", true));
                else
                    volumes.Add(nested);
            }
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
                "Only machines that run from their own disks can be cloned: no live systems, containers or network roots.",
                "/"
            );
        }

        if (facts.Hardware.Firmware == Firmware.Uefi)
            RequireEfiSystem();
    }

    private void RequireEfiSystem()
    {
        var partitions = volumes
            .Where(volume =>
                volume.IsEfiSystem
                || LayoutQueries.EfiSystemMountPoints.Contains(volume.Id) && volume.FileSystem.Kind == FileSystemKind.Vfat
            )
            .ToList();
        if (partitions.Any(volume => LayoutQueries.EfiSystemMountPoints.Contains(volume.Id)) || (partitions.Count > 0 && !isReconfigured))
            return;

        throw partitions.Count == 0
            ? new P2VException(
                ErrorIds.EfiSystemPartitionMissing,
                "The source boots by UEFI, but its EFI system partition is not mounted, so its boot loader cannot be copied.",
                "Mount it at /boot/efi on the source (findmnt, lsblk -f show where it is) and read the source again with Get-P2VSource.",
                "/boot/efi"
            )
            : new P2VException(
                ErrorIds.EfiSystemPartitionMissing,
                $"The EFI system partition {partitions[0].SourceDevice} is mounted at {partitions[0].Id}; its boot "
                    + $"loader can be set up only at {string.Join(", ", LayoutQueries.EfiSystemMountPoints)}.",
                $"Mount it at /boot/efi on the source, change its line in /etc/fstab likewise, and read the source "
                    + $"again with Get-P2VSource.",
                partitions[0].Id
            );
    }

    private static string Reason(MountFacts mount) =>
        mount.Class switch
        {
            MountClass.Pseudo => $"made by the running system ({mount.FileSystem})",
            MountClass.Network => $"network file system ({mount.FileSystem})",
            MountClass.Removable => $"removable medium ({mount.FileSystem})",
            MountClass.Bind => "another view of a volume that is listed already",
            MountClass.Loop => $"file mounted as a device ({mount.FileSystem})",
            MountClass.Covered => $"covered by the later mount at {mount.CoveredBy}",
            _ => mount.FileSystem,
        };
}
