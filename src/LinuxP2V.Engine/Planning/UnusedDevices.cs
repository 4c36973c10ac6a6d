using LinuxP2V.Engine.Sources.Model;
using LinuxP2V.Engine.Tasks;

namespace LinuxP2V.Engine.Planning;

/// <summary>Devices that hold something and are not mounted: file systems, and what programs use without one.</summary>
internal static class UnusedDevices
{
    private static readonly string[] FileSystems =
    [
        "ext2",
        "ext3",
        "ext4",
        "xfs",
        "btrfs",
        "vfat",
        "ntfs",
        "jfs",
        "reiserfs",
        "f2fs",
        "exfat",
        "iso9660",
        "udf",
        "squashfs",
        "swap",
        "zfs_member",
    ];

    /// <summary>Parts of something that is told by another name.</summary>
    private static readonly string[] Members =
    [
        "LVM2_member",
        "linux_raid_member",
        "mpath_member",
        "crypto_LUKS",
        "bcache",
        "vdo",
        "DM_snapshot_cow",
        "isw_raid_member",
        "ddf_raid_member",
        "drbd",
    ];

    /// <summary>Partitions for firmware and other systems are smaller than anything that holds data.</summary>
    private const long Least = 64 * ByteSize.MiB;

    public static IReadOnlyList<SkippedVolume> Find(
        SourceFacts facts,
        DeviceGraph graph,
        IReadOnlyList<PlannedVolume> volumes,
        VolumePatterns exclusion,
        PlanFindings findings
    )
    {
        var known = new HashSet<string>(volumes.Select(volume => volume.Device.Path), StringComparer.Ordinal);
        known.UnionWith(facts.Mounts.Select(mount => graph.Find(mount.Device)?.Path ?? mount.Device));
        known.UnionWith(facts.Swaps.Select(swap => graph.Find(swap.Path)?.Path ?? swap.Path));
        known.UnionWith(facts.BtrfsFileSystems.SelectMany(file => file.Devices));
        var hasChildren = new HashSet<string>(facts.BlockDevices.SelectMany(device => device.Parents), StringComparer.Ordinal);
        var skipped = new List<SkippedVolume>();
        foreach (
            var device in facts.BlockDevices.Where(device =>
                device.Kind is not (BlockDeviceKind.Loop or BlockDeviceKind.Other)
                && !known.Contains(device.Path)
                && !hasChildren.Contains(device.Name)
                && !graph.IsOnLoop(device)
                && !graph.IsMemberPartition(device)
            )
        )
        {
            if (Describe(device, graph) is not { } reason)
                continue;

            var isSelected = exclusion.Matches(device.Path, $"swap:{device.Uuid}");
            skipped.Add(new SkippedVolume(null, device.Path, device.Uuid, reason, isSelected));
            if (!isSelected)
                Tell(device, reason, graph, findings);
        }

        return skipped;
    }

    /// <summary>Null: nothing that an admin would miss.</summary>
    private static string? Describe(BlockDeviceFacts device, DeviceGraph graph)
    {
        if (device.ContentType == "swap")
            return device.IsRemovable ? null : "swap area that is not in use";
        if (FileSystems.Contains(device.ContentType))
            return device.IsRemovable ? null : $"{device.ContentType} file system that is not mounted";
        if (device.ContentType is "jbd" or "xfs_external_log")
            return "log of a file system, whose copy has it inside";
        if (IsRaw(device, graph))
            return device.ContentType is null ? "in use without a file system" : $"{device.ContentType}, in use without a file system";

        return null;
    }

    private static bool IsRaw(BlockDeviceFacts device, DeviceGraph graph)
    {
        if (
            device.SizeBytes < Least && !device.IsOpen
            || device.PartitionTable != Protocol.Layout.PartitionTableKind.None
            || Members.Contains(device.ContentType)
        )
            return false;

        return device.ContentType is not null && !device.IsRemovable || device.IsOpen || graph.IsOpenVolume(device);
    }

    private static void Tell(BlockDeviceFacts device, string reason, DeviceGraph graph, PlanFindings findings)
    {
        if (!IsRaw(device, graph) || FileSystems.Contains(device.ContentType) || device.ContentType is "jbd" or "xfs_external_log")
            return;

        findings.Warn(
            "RawVolumeNotCopied",
            device.Path,
            $"{device.Path} ({ByteSize.Format(device.SizeBytes)}) is {reason}, as databases (Oracle ASM, raw devices) "
                + $"and virtual machines use it; its data is not copied.",
            "Move its data by the means of the program that uses it: a dump, a replica, an export."
        );
    }
}
