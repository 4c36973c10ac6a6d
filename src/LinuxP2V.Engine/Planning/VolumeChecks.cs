using LinuxP2V.Engine.Sources.Model;
using LinuxP2V.Protocol.Messages;
using LinuxP2V.Protocol.Text;

namespace LinuxP2V.Engine.Planning;

/// <summary>Whether one mounted file system can be read whole and made again.</summary>
internal sealed class VolumeChecks(SourceFacts facts, DeviceGraph graph, PlanFindings findings)
{
    /// <summary>Without these the copy does not boot, so that leaving them out is no way to go on.</summary>
    private static readonly string[] Vital = ["/", "/boot", "/usr", "/boot/efi", "/efi"];

    /// <exception cref="P2VException">PlanNotPossible, FileSystemNotSupported, VolumeGroupIncomplete.</exception>
    public PlannedVolume Take(MountFacts mount, BlockDeviceFacts? device)
    {
        RequirePlainName(mount.MountPoint);
        RequireKnownType(mount);
        if (device is null)
        {
            throw new P2VException(
                ErrorIds.PlanNotPossible,
                $"{mount.MountPoint} is mounted from {mount.Device}, which is not among the source's block devices.",
                WithoutIt(mount.MountPoint),
                mount.MountPoint
            );
        }

        RequireWhole(mount);
        RequireOneDevice(mount);
        var backing = FindBacking(device, mount.MountPoint, IsVital(mount.MountPoint));
        RequireComplete(mount, backing);
        NoteLog(mount);
        return new PlannedVolume
        {
            Id = mount.MountPoint,
            Mount = mount,
            FileSystem = BtrfsSubvolumes.Specify(mount, facts),
            SourceDevice = mount.Device,
            Device = device,
            Backing = backing,
            Subvolume = mount.Subvolume is null ? null : BtrfsSubvolumes.Describe(mount, facts),
        };
    }

    /// <summary>The device's place, with a remedy for this volume where there is none.</summary>
    /// <exception cref="P2VException">PlanNotPossible.</exception>
    public Backing FindBacking(BlockDeviceFacts device, string id, bool isVital)
    {
        try
        {
            var backing = graph.FindBacking(device);
            // What its group lies on must have a place as well.
            foreach (var path in backing.Group?.PhysicalVolumes ?? [])
                graph.FindPhysicalVolume(backing.Group!, path);

            return backing;
        }
        catch (P2VException refusal)
        {
            throw new P2VException(
                refusal.ErrorId,
                $"{id} cannot be placed on the VM's disks. {refusal.Message}",
                isVital ? "Move the file system to a plain disk, partition or logical volume on the source first." : WithoutIt(id),
                id,
                refusal
            );
        }
    }

    /// <summary>Events, logs and patterns name a volume by its mount point, as text.</summary>
    private static void RequirePlainName(string mountPoint)
    {
        if (!PlainText.IsPlain(mountPoint))
        {
            throw new P2VException(
                ErrorIds.PlanNotPossible,
                $"The mount point {mountPoint} has control characters in its name, so it cannot be named safely.",
                "Mount the file system elsewhere and read the source again, or leave it out with an -ExcludeVolume pattern that has "
                    + "a ? for each such character.",
                mountPoint
            );
        }
    }

    private static void RequireKnownType(MountFacts mount)
    {
        if (mount.Specification is not null)
            return;

        throw new P2VException(
            ErrorIds.FileSystemNotSupported,
            $"{mount.MountPoint} ({mount.Device}{(mount.UsedBytes > 0 ? $", {ByteSize.Format(mount.UsedBytes)} "
                + $"used" : "")}) is {mount.FileSystem}; ext2, ext3, ext4, xfs, btrfs and vfat can be made again.",
            IsVital(mount.MountPoint)
                ? $"Install a new VM, and move the data into it{(mount.FileSystem == "zfs" ? " with zfs send" : "")}: "
                    + $"the system itself lies on {mount.FileSystem}."
                : $"Leave it out with -ExcludeVolume {mount.MountPoint} and copy its data by other means.",
            mount.MountPoint
        );
    }

    private static void RequireWhole(MountFacts mount)
    {
        var isWhole = mount.FileSystem == "btrfs" ? mount.Root.Trim('/') == (mount.Subvolume ?? "") : mount.Root == "/";
        if (isWhole)
            return;

        throw new P2VException(
            ErrorIds.PlanNotPossible,
            $"Only the folder {mount.Root} of the file system on {mount.Device} is mounted, at {mount.MountPoint}: "
                + $"the rest of it cannot be read, and a copy of the folder alone would not be found where fstab looks for it.",
            IsVital(mount.MountPoint)
                ? "Only machines that run from their own disks can be cloned."
                : $"Mount the whole file system on the source (mount {mount.Device} /mnt) and read the source again, "
                    + $"or leave it out with -ExcludeVolume {mount.MountPoint}.",
            mount.MountPoint
        );
    }

    private static void RequireOneDevice(MountFacts mount)
    {
        if (MountOptionText.ValueOf($"{mount.Options},{mount.FstabOptions}", "rtdev") is { } realtime)
        {
            throw new P2VException(
                ErrorIds.FileSystemNotSupported,
                $"{mount.MountPoint} is XFS with files on a realtime device ({realtime}), which cannot be made again.",
                WithoutIt(mount.MountPoint),
                mount.MountPoint
            );
        }
    }

    private void RequireComplete(MountFacts mount, Backing backing)
    {
        if (backing.Group is not { MissingPhysicalVolumes: > 0 and var missing } group)
            return;

        if (backing.LogicalVolume!.IsPartial)
        {
            throw new P2VException(
                ErrorIds.VolumeGroupIncomplete,
                $"The volume group {group.Name} lacks {missing} of its physical volumes, and some of "
                    + $"{mount.MountPoint} ({group.Name}/{backing.LogicalVolume.Name}) lies there: it cannot be read whole.",
                IsVital(mount.MountPoint)
                    ? $"Bring the disk back (pvs and vgs {group.Name} show what is missing) and read the source again."
                    : $"Bring the disk back (pvs and vgs {group.Name} show what is missing) and read the source "
                        + $"again, or leave the volume out with -ExcludeVolume {mount.MountPoint}.",
                mount.MountPoint
            );
        }

        findings.Warn(
            "VolumeGroupIncomplete",
            group.Name,
            $"The volume group {group.Name} lacks {missing} of its physical volumes. {mount.MountPoint} does not lie there and is copied.",
            $"Look with 'lvs -o +devices {group.Name}' what is lost; 'vgreduce --removemissing {group.Name}' gives it up."
        );
    }

    private void NoteLog(MountFacts mount)
    {
        if (mount.Specification!.HasExternalLog)
        {
            var named = MountOptionText.ValueOf(mount.Options, "logdev") ?? MountOptionText.ValueOf(mount.FstabOptions, "logdev");
            findings.Inform(
                "ExternalLogMerged",
                mount.MountPoint,
                $"{mount.MountPoint} keeps its log on another device{(named is null ? "" : $" ({named})")}; the copy "
                    + $"has it inside, and its files are copied, never its blocks.",
                "Nothing to do: the option that names the device is taken out of the copy's fstab."
            );
        }
    }

    private static bool IsVital(string mountPoint) => Vital.Contains(mountPoint);

    private static string WithoutIt(string id) =>
        IsVital(id)
            ? "Move the system to plain disks first, or install a new VM and move the data into it."
            : $"Leave it out with -ExcludeVolume {id} and copy its data by other means.";
}
