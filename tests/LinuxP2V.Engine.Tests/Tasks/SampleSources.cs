using LinuxP2V.Engine.Access;
using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Planning;
using LinuxP2V.Engine.Sources.Model;
using LinuxP2V.Engine.Tasks;
using LinuxP2V.Protocol.Layout;
using static LinuxP2V.Engine.Tests.Tasks.SourceFactsBuilder;

namespace LinuxP2V.Engine.Tests.Tasks;

internal static class SampleSources
{
    public const string BiosBoot = "21686148-6449-6e6f-744e-656564454649";
    public const string EfiSystem = "c12a7328-f81f-11d2-ba4b-00a0c93ec93b";
    public const string LinuxData = "0fc63daf-8483-4772-8e79-3d69d8477de4";
    public const string LinuxLvm = "e6d6d379-f507-44c2-a23c-238f2a3df928";
    public const string LinuxRaid = "a19d880f-05fc-4d3b-a006-743f0f84911e";

    public static readonly DestinationReference VSphere = new("VSphere", "vc01");
    public static readonly DestinationReference Local = new("Local", "/vms");
    public static readonly SourceEndpoint Endpoint = new()
    {
        Host = "web01.example.net",
        User = "root",
        HostKeys = ["ssh-ed25519 AAAA"],
    };

    /// <summary>Debian 12 by BIOS: /boot and a group with root and swap on the first disk, a second group with XFS on the second.</summary>
    public static SourceFactsBuilder TwoDiskLvm() =>
        new SourceFactsBuilder()
            .Disk("sda", 8 * GiB)
            .Partition("sda", 1, MiB, MiB, BiosBoot)
            .Partition("sda", 2, 2 * MiB, 512 * MiB, LinuxData, "ext4")
            .Partition("sda", 3, 514 * MiB, (8 * GiB) - (515 * MiB), LinuxLvm, "LVM2_member")
            .Disk("sdb", 4 * GiB)
            .Partition("sdb", 1, MiB, (4 * GiB) - (2 * MiB), LinuxLvm, "LVM2_member")
            .Group("vg", ["/dev/sda3"], 1918, ("root", 6 * GiB, "linear"), ("swap", GiB, "linear"))
            .Group("vg2", ["/dev/sdb1"], 1023, ("var", 3 * GiB, "linear"))
            .Mount("/var", "/dev/mapper/vg2-var", FileSystemKind.Xfs, 3 * GiB, GiB)
            .Mount("/", "/dev/mapper/vg-root", FileSystemKind.Ext4, 6 * GiB, 2 * GiB)
            .Mount("/boot", "/dev/sda2", FileSystemKind.Ext4, 500 * MiB, 80 * MiB)
            .Swap("/dev/mapper/vg-swap", GiB)
            .OtherMount("/proc", "proc", "proc", MountClass.Pseudo)
            .OtherMount("/mnt/share", "nas:/export", "nfs4", MountClass.Network)
            .Adapter("ens3", "52:54:00:12:34:56");

    /// <summary>UEFI, no LVM.</summary>
    public static SourceFactsBuilder UefiPlain()
    {
        var builder = new SourceFactsBuilder { Firmware = Firmware.Uefi, BootDisk = null }
            .Disk("nvme0n1", 16 * GiB)
            .Partition("nvme0n1", 1, MiB, 512 * MiB, EfiSystem, "vfat")
            .Partition("nvme0n1", 2, 513 * MiB, 14 * GiB, LinuxData, "ext4")
            .Partition("nvme0n1", 3, (513 * MiB) + (14 * GiB), GiB, "0657fd6d-a4ab-43c4-84e5-0933c84b4f4f", "swap")
            .Mount("/", "/dev/nvme0n1p2", FileSystemKind.Ext4, 14 * GiB, 3 * GiB)
            .Mount("/boot/efi", "/dev/nvme0n1p1", FileSystemKind.Vfat, 512 * MiB, 6 * MiB)
            .Swap("/dev/nvme0n1p3", GiB)
            .Adapter("enp1s0", "52:54:00:12:34:57");
        return builder;
    }

    /// <summary>A mirror of two disks: md0 is /boot, md1 a group with the root.</summary>
    public static SourceFactsBuilder Mirror()
    {
        var builder = new SourceFactsBuilder();
        foreach (var disk in new[] { "sda", "sdb" })
        {
            builder
                .Disk(disk, 10 * GiB)
                .Partition(disk, 1, MiB, MiB, BiosBoot)
                .Partition(disk, 2, 2 * MiB, GiB, LinuxRaid, "linux_raid_member")
                .Partition(disk, 3, GiB + (2 * MiB), 8 * GiB, LinuxRaid, "linux_raid_member");
        }

        return builder
            .Device("md0", "/dev/md0", BlockDeviceKind.Raid, GiB - MiB, ["sda2", "sdb2"], "ext4", "raid1")
            .Device("md1", "/dev/md1", BlockDeviceKind.Raid, (8 * GiB) - (8 * MiB), ["sda3", "sdb3"], "LVM2_member", "raid1")
            .Group("vg", ["/dev/md1"], 2045, ("root", 7 * GiB, "linear"))
            .Mount("/", "/dev/mapper/vg-root", FileSystemKind.Ext4, 7 * GiB, GiB)
            .Mount("/boot", "/dev/md0", FileSystemKind.Ext4, GiB, 100 * MiB);
    }

    /// <summary>MBR with an extended partition as Debian's installer makes it, aligned to sectors as it does.</summary>
    public static SourceFactsBuilder MbrExtended() =>
        new SourceFactsBuilder()
            .Disk("sda", 20 * GiB, PartitionTableKind.Mbr)
            .Partition("sda", 1, MiB, 10 * GiB, "83", "ext4", isActive: true)
            // The kernel tells two sectors for the extended partition.
            .Partition("sda", 2, (10 * GiB) + (2 * MiB) - 1024, 1024, "05")
            .Partition("sda", 5, (10 * GiB) + (2 * MiB), GiB, "82", "swap")
            .Partition("sda", 6, (11 * GiB) + (3 * MiB), 4 * GiB, "83", "ext4")
            .Partition("sda", 7, (15 * GiB) + (4 * MiB), 4 * GiB, "83", "ext4")
            .Mount("/", "/dev/sda1", FileSystemKind.Ext4, 10 * GiB, 2 * GiB)
            .Mount("/srv", "/dev/sda6", FileSystemKind.Ext4, 4 * GiB, GiB)
            .Mount("/home", "/dev/sda7", FileSystemKind.Ext4, 4 * GiB, GiB)
            .Swap("/dev/sda5", GiB);

    public static ConversionTask Plan(SourceFactsBuilder source, TaskSettings? settings = null, DestinationReference? destination = null) =>
        ConversionPlanner.Plan(Endpoint, source.Build(), settings ?? new TaskSettings(), destination ?? VSphere);

    /// <summary>The id of the failure that planning ends with, and its text.</summary>
    public static (string Id, string Message) PlanFailure(
        SourceFactsBuilder source,
        TaskSettings? settings = null,
        DestinationReference? destination = null
    )
    {
        var exception = Assert.Throws<P2VException>(() => Plan(source, settings, destination));
        Assert.NotEmpty(exception.Remedy);
        return (exception.ErrorId, exception.Message);
    }

    public static TargetVolume Volume(this ConversionTask task, string id) => task.Plan.Layout.Volumes.Single(volume => volume.Id == id);
}
