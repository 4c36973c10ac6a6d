using LinuxP2V.Engine.Sources.Model;
using LinuxP2V.Engine.Tasks;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;
using static LinuxP2V.Engine.Tests.Tasks.SampleSources;
using static LinuxP2V.Engine.Tests.Tasks.SourceFactsBuilder;

namespace LinuxP2V.Engine.Tests.Tasks;

public class DiskPlanTests
{
    [Fact]
    public void Two_disks_with_LVM_come_back_as_they_are()
    {
        var task = Plan(TwoDiskLvm(), destination: Local);
        var layout = task.Plan.Layout;

        Assert.Equal([8 * GiB, 4 * GiB], layout.Disks.Select(disk => disk.SizeBytes));
        Assert.Equal([true, false], layout.Disks.Select(disk => disk.IsBootDisk));
        Assert.Equal(
            [new DiskAddress(DiskController.Pvscsi, 0, 0), new DiskAddress(DiskController.Pvscsi, 0, 1)],
            layout.Disks.Select(disk => disk.Address)
        );
        Assert.Equal("6f1c0e57-0000-4000-8000-000000000097", layout.Disks[0].Identifier);
        Assert.Equal(
            [(1, MiB, MiB, BiosBoot), (2, 2 * MiB, 512 * MiB, LinuxData), (3, 514 * MiB, (8 * GiB) - (515 * MiB), LinuxLvm)],
            layout.Disks[0].Partitions.Select(partition => (partition.Number, partition.StartBytes, partition.SizeBytes, partition.Type))
        );
        Assert.Equal("aaaaaaaa-0000-4000-8000-000000009702", layout.Disks[0].Partitions[1].Uuid);
        Assert.Equal("part2", layout.Disks[0].Partitions[1].Name);

        Assert.Equal(["vg", "vg2"], layout.VolumeGroups.Select(group => group.Name));
        Assert.Equal([DeviceReference.OnDisk(0, 3)], layout.VolumeGroups[0].PhysicalVolumes);
        Assert.Equal([DeviceReference.OnDisk(1, 1)], layout.VolumeGroups[1].PhysicalVolumes);
        Assert.Equal(
            [new TargetLogicalVolume("root", 6 * GiB), new TargetLogicalVolume("swap", GiB)],
            layout.VolumeGroups[0].LogicalVolumes
        );

        Assert.Equal(["/", "/boot", "/var", "swap:5a5a5a5a-0000-4000-8000-000000000001"], layout.Volumes.Select(volume => volume.Id));
        Assert.Equal(DeviceReference.OnVolumeGroup("vg", "root"), task.Volume("/").Device);
        Assert.Equal(DeviceReference.OnDisk(0, 2), task.Volume("/boot").Device);
        Assert.Equal("/dev/mapper/vg2-var", task.Volume("/var").SourceDevice);
        Assert.Equal(FileSystemKind.Swap, layout.Volumes[3].FileSystem.Kind);
        Assert.Empty(task.Plan.Replaced);
        Assert.Equal((2 * GiB) + (80 * MiB), task.Plan.Machine.Disks[0].UsedBytes);
        Assert.Contains(
            task.Plan.Skipped,
            skipped => skipped is { MountPoint: "/mnt/share", Reason: "network file system (nfs4)", IsSelected: false }
        );
    }

    [Fact]
    public void UEFI_keeps_the_system_partition_and_boots_locally_from_NVMe()
    {
        var task = Plan(UefiPlain(), destination: Local);
        var disk = Assert.Single(task.Plan.Layout.Disks);
        Assert.Equal(new DiskAddress(DiskController.Nvme, 0, 0), disk.Address);
        Assert.Equal(EfiSystem, disk.Partitions[0].Type);
        Assert.Equal(["/", "/boot/efi", "swap:5a5a5a5a-0000-4000-8000-000000000001"], task.Plan.Layout.Volumes.Select(volume => volume.Id));
        Assert.Equal(Firmware.Uefi, task.Plan.Machine.Firmware);
        Assert.Equal(DiskController.Pvscsi, Plan(UefiPlain()).Plan.Layout.Disks[0].Address.Controller);
    }

    [Fact]
    public void A_mirror_becomes_one_plain_disk()
    {
        var task = Plan(Mirror());
        var disk = Assert.Single(task.Plan.Layout.Disks);
        Assert.Equal([BiosBoot, LinuxData, LinuxLvm], disk.Partitions.Select(partition => partition.Type));
        Assert.Equal(8 * GiB, disk.Partitions[2].SizeBytes);
        Assert.Equal(DeviceReference.OnDisk(0, 2), task.Volume("/boot").Device);
        Assert.Equal([DeviceReference.OnDisk(0, 3)], task.Plan.Layout.VolumeGroups[0].PhysicalVolumes);
        Assert.Equal([new ReplacedDevice("/dev/md0", "/boot"), new ReplacedDevice("/dev/md1", "/")], task.Plan.Replaced);
    }

    [Fact]
    public void A_mirror_whose_second_disk_is_told_as_boot_disk_still_becomes_one()
    {
        var source = Mirror();
        source.BootDisk = "sdb";
        Assert.True(Assert.Single(Plan(source).Plan.Layout.Disks).IsBootDisk);
    }

    [Fact]
    public void A_striped_RAID_gets_a_partition_of_its_own_size()
    {
        var source = new SourceFactsBuilder()
            .Disk("sda", 10 * GiB)
            .Partition("sda", 1, MiB, 4 * GiB, LinuxData, "ext4")
            .Partition("sda", 2, (4 * GiB) + MiB, 5 * GiB, LinuxRaid)
            .Disk("sdb", 10 * GiB)
            .Partition("sdb", 1, MiB, 5 * GiB, LinuxRaid)
            .Device("md0", "/dev/md0", BlockDeviceKind.Raid, (10 * GiB) - (4 * MiB), ["sda2", "sdb1"], "ext4", "raid0")
            .Mount("/", "/dev/sda1", FileSystemKind.Ext4, 4 * GiB, GiB)
            .Mount("/data", "/dev/md0", FileSystemKind.Ext4, 10 * GiB, 9 * GiB);
        var disk = Assert.Single(Plan(source).Plan.Layout.Disks);
        Assert.Equal((10 * GiB) - (4 * MiB), disk.Partitions[1].SizeBytes);
        Assert.True(disk.SizeBytes >= disk.Partitions[1].StartBytes + disk.Partitions[1].SizeBytes + (33 * 512));
        Assert.Equal(LinuxData, disk.Partitions[1].Type);
    }

    [Fact]
    public void LUKS_content_comes_back_plain()
    {
        var source = new SourceFactsBuilder()
            .Disk("sda", 10 * GiB)
            .Partition("sda", 1, MiB, GiB, LinuxData, "ext4")
            .Partition("sda", 2, GiB + MiB, 4 * GiB, "ca7d7ccb-63ed-4c53-861c-1742536059cc", "crypto_LUKS")
            .Partition("sda", 3, (5 * GiB) + MiB, 4 * GiB, "ca7d7ccb-63ed-4c53-861c-1742536059cc", "crypto_LUKS")
            .Device("dm-0", "/dev/mapper/sda2_crypt", BlockDeviceKind.Crypt, (4 * GiB) - (16 * MiB), ["sda2"], "LVM2_member", "LUKS2")
            .Device("dm-1", "/dev/mapper/home_crypt", BlockDeviceKind.Crypt, (4 * GiB) - (16 * MiB), ["sda3"], "ext4", "LUKS2")
            .Group("vg", ["/dev/mapper/sda2_crypt"], 1019, ("root", 3 * GiB, "linear"))
            .Mount("/boot", "/dev/sda1", FileSystemKind.Ext4, GiB, 100 * MiB)
            .Mount("/", "/dev/mapper/vg-root", FileSystemKind.Ext4, 3 * GiB, GiB)
            .Mount("/home", "/dev/mapper/home_crypt", FileSystemKind.Ext4, 4 * GiB, GiB);
        var task = Plan(source);
        var disk = Assert.Single(task.Plan.Layout.Disks);
        // GRUB for BIOS needs the last on a GPT disk; this source has none.
        Assert.Equal([LinuxData, LinuxLvm, LinuxData, BiosBoot], disk.Partitions.Select(partition => partition.Type));
        Assert.Equal(DeviceReference.OnDisk(0, 3), task.Volume("/home").Device);
        Assert.Equal(
            [new ReplacedDevice("/dev/mapper/home_crypt", "/home"), new ReplacedDevice("/dev/mapper/sda2_crypt", "/")],
            task.Plan.Replaced
        );
    }

    [Fact]
    public void A_multipath_disk_becomes_a_plain_one()
    {
        var source = new SourceFactsBuilder { BootDisk = "sdb" }
            .Disk("sda", 10 * GiB)
            .Partition("sda", 1, MiB, 9 * GiB, LinuxData)
            .Disk("sdb", 10 * GiB)
            .Partition("sdb", 1, MiB, 9 * GiB, LinuxData)
            .Device("dm-0", "/dev/mapper/mpatha", BlockDeviceKind.Multipath, 10 * GiB, ["sda", "sdb"])
            .Device("dm-1", "/dev/mapper/mpatha-part1", BlockDeviceKind.Partition, 9 * GiB, ["dm-0"], "ext4")
            .Mount("/", "/dev/mapper/mpatha-part1", FileSystemKind.Ext4, 9 * GiB, GiB);
        var task = Plan(source);
        var disk = Assert.Single(task.Plan.Layout.Disks);
        Assert.True(disk.IsBootDisk);
        Assert.Equal((1, MiB, 9 * GiB), (disk.Partitions[0].Number, disk.Partitions[0].StartBytes, disk.Partitions[0].SizeBytes));
        Assert.Equal([new ReplacedDevice("/dev/mapper/mpatha-part1", "/")], task.Plan.Replaced);
    }

    [Fact]
    public void Whole_disks_without_a_table_stay_so()
    {
        var source = new SourceFactsBuilder()
            .Disk("sda", 10 * GiB)
            .Partition("sda", 1, MiB, 9 * GiB, LinuxData, "ext4")
            .Disk("sdb", 5 * GiB, PartitionTableKind.None, "LVM2_member")
            .Disk("sdc", 3 * GiB, PartitionTableKind.None, "xfs")
            .Group("data-vg", ["/dev/sdb"], 1279, ("my-lv", 4 * GiB, "linear"))
            .Mount("/", "/dev/sda1", FileSystemKind.Ext4, 9 * GiB, GiB)
            .Mount("/data", "/dev/mapper/data--vg-my--lv", FileSystemKind.Ext4, 4 * GiB, GiB)
            .Mount("/scratch", "/dev/sdc", FileSystemKind.Xfs, 3 * GiB, GiB);
        var task = Plan(source);
        Assert.Equal(
            [PartitionTableKind.Gpt, PartitionTableKind.None, PartitionTableKind.None],
            task.Plan.Layout.Disks.Select(disk => disk.PartitionTable)
        );
        Assert.Equal([DeviceReference.OnDisk(1)], task.Plan.Layout.VolumeGroups[0].PhysicalVolumes);
        Assert.Equal(DeviceReference.OnDisk(2), task.Volume("/scratch").Device);
        Assert.Equal(DeviceReference.OnVolumeGroup("data-vg", "my-lv"), task.Volume("/data").Device);
    }

    [Fact]
    public void An_extended_partition_spans_its_logical_ones()
    {
        var disk = Assert.Single(Plan(MbrExtended()).Plan.Layout.Disks);
        Assert.Equal("0badcafe", disk.Identifier);
        Assert.Equal([1, 2, 5, 6, 7], disk.Partitions.Select(partition => partition.Number));
        var extended = disk.Partitions[1];
        Assert.Equal("05", extended.Type);
        Assert.Equal((10 * GiB) + MiB, extended.StartBytes);
        Assert.Equal((19 * GiB) + (4 * MiB), extended.StartBytes + extended.SizeBytes);
        Assert.True(disk.Partitions[0].IsActive);
        Assert.All(disk.Partitions, partition => Assert.Null(partition.Uuid));
    }

    [Fact]
    public void A_dropped_logical_partition_renumbers_those_behind_it()
    {
        var task = Plan(MbrExtended(), new TaskSettings { ExcludeVolumes = ["/srv"] });
        Assert.Equal([1, 2, 5, 6], task.Plan.Layout.Disks[0].Partitions.Select(partition => partition.Number));
        Assert.Equal(DeviceReference.OnDisk(0, 6), task.Volume("/home").Device);
        Assert.Equal([new ReplacedDevice("/dev/sda7", "/home")], task.Plan.Replaced);
        Assert.Equal(20 * GiB, task.Plan.Layout.Disks[0].SizeBytes);
    }

    [Fact]
    public void Partitions_at_old_CHS_places_are_aligned_to_a_MiB()
    {
        var source = new SourceFactsBuilder()
            .Disk("sda", 4 * GiB, PartitionTableKind.Mbr)
            .Partition("sda", 1, 63 * 512, GiB, "83", "ext4", isActive: true)
            .Partition("sda", 2, (63 * 512) + GiB, 2 * GiB, "83", "ext4")
            .Mount("/", "/dev/sda1", FileSystemKind.Ext4, GiB, 500 * MiB)
            .Mount("/home", "/dev/sda2", FileSystemKind.Ext4, 2 * GiB, GiB);
        var disk = Assert.Single(Plan(source).Plan.Layout.Disks);
        Assert.Equal([MiB, GiB + MiB], disk.Partitions.Select(partition => partition.StartBytes));
        Assert.Equal(4 * GiB, disk.SizeBytes);
    }

    [Fact]
    public void The_boot_disk_comes_first_whatever_its_place_on_the_source()
    {
        var source = new SourceFactsBuilder { BootDisk = "sdb" }
            .Disk("sda", 5 * GiB)
            .Partition("sda", 1, MiB, 4 * GiB, LinuxData, "ext4")
            .Disk("sdb", 6 * GiB)
            .Partition("sdb", 1, MiB, MiB, BiosBoot)
            .Partition("sdb", 2, 2 * MiB, 5 * GiB, LinuxData, "ext4")
            .Mount("/data", "/dev/sda1", FileSystemKind.Ext4, 4 * GiB, GiB)
            .Mount("/", "/dev/sdb2", FileSystemKind.Ext4, 5 * GiB, GiB);
        var task = Plan(source);
        Assert.Equal([6 * GiB, 5 * GiB], task.Plan.Layout.Disks.Select(disk => disk.SizeBytes));
        Assert.Equal(DeviceReference.OnDisk(0, 2), task.Volume("/").Device);
        Assert.Equal(DeviceReference.OnDisk(1, 1), task.Volume("/data").Device);
    }

    [Fact]
    public void A_device_that_cannot_be_unstacked_is_refused()
    {
        var source = new SourceFactsBuilder()
            .Disk("sda", 5 * GiB)
            .Partition("sda", 1, MiB, 4 * GiB, LinuxData)
            .Device("drbd0", "/dev/drbd0", BlockDeviceKind.Other, GiB, [], "ext4", "drbd")
            .Mount("/", "/dev/sda1", FileSystemKind.Ext4, 4 * GiB, GiB)
            .Mount("/data", "/dev/drbd0", FileSystemKind.Ext4, GiB, MiB);
        var (id, message) = PlanFailure(source);
        Assert.Equal(ErrorIds.PlanNotPossible, id);
        Assert.Contains("/dev/drbd0", message, StringComparison.Ordinal);
    }
}
