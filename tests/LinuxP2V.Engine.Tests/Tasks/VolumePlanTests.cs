using LinuxP2V.Engine.Planning;
using LinuxP2V.Engine.Sources.Model;
using LinuxP2V.Engine.Tasks;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;
using static LinuxP2V.Engine.Tests.Tasks.SampleSources;
using static LinuxP2V.Engine.Tests.Tasks.SourceFactsBuilder;

namespace LinuxP2V.Engine.Tests.Tasks;

public class VolumePlanTests
{
    [Fact]
    public void Used_blocks_need_the_source_s_size_and_files_do_not()
    {
        var wish = new TaskSettings { Copy = new CopyOptions { Mode = CopyMode.Block } };
        Assert.Equal(CopyMode.Block, Plan(TwoDiskLvm(), wish).Settings.Copy.Mode);
        var (id, message) = PlanFailure(TwoDiskLvm(), wish with { VolumeSizes = new Dictionary<string, long> { ["/"] = 10 * GiB } });
        Assert.Equal(ErrorIds.BlockCopyNotPossible, id);
        Assert.Contains("10 GB", message, StringComparison.Ordinal);
        Assert.Contains("6 GB", message, StringComparison.Ordinal);
        (id, message) = PlanFailure(TwoDiskLvm(), wish with { ExcludePaths = ["/srv/scratch"] });
        Assert.Equal(ErrorIds.BlockCopyNotPossible, id);
        Assert.Contains("/srv/scratch is left out", message, StringComparison.Ordinal);
        Plan(TwoDiskLvm(), wish with { Copy = new CopyOptions(), ExcludePaths = ["/srv/scratch"] });
        // The EFI system partition is copied file by file anyway.
        Plan(UefiPlain(), wish with { VolumeSizes = new Dictionary<string, long> { ["/boot/efi"] = GiB } });
    }

    [Fact]
    public void How_the_data_is_copied_survives_the_task_s_file_and_an_older_file_has_the_defaults()
    {
        var options = new CopyOptions
        {
            StreamCount = 4,
            Compression = CopyCompression.Zstd,
            BandwidthLimitMbps = 12.5,
            LowImpact = true,
            Snapshot = true,
            Mode = CopyMode.File,
        };
        var json = TaskJson.Serialize(Plan(TwoDiskLvm(), new TaskSettings { Copy = options }));
        Assert.Equal(options, TaskJson.Deserialize(json).Settings.Copy);
        var old = System.Text.Json.Nodes.JsonNode.Parse(json)!;
        Assert.True(old["task"]!["settings"]!.AsObject().Remove("copy"));
        Assert.Equal(new CopyOptions(), TaskJson.Deserialize(old.ToJsonString()).Settings.Copy);
    }

    [Fact]
    public void A_grown_logical_volume_grows_its_partition_and_disk()
    {
        var task = Plan(TwoDiskLvm(), Sized("/", 10 * GiB));
        var layout = task.Plan.Layout;
        Assert.Equal(10 * GiB, layout.VolumeGroups[0].LogicalVolumes[0].SizeBytes);
        // 11 GB of volumes and LVM's MB before them.
        var partition = layout.Disks[0].Partitions[2];
        Assert.Equal((11 * GiB) + MiB, partition.SizeBytes);
        Assert.Equal(514 * MiB, partition.StartBytes);
        Assert.Equal((11 * GiB) + (516 * MiB), layout.Disks[0].SizeBytes);
        Assert.Equal(4 * GiB, layout.Disks[1].SizeBytes);
        Assert.Equal(layout.Disks.Select(disk => disk.SizeBytes), task.Plan.Machine.Disks.Select(disk => disk.SizeBytes));
    }

    [Fact]
    public void A_volume_that_fits_into_its_group_s_free_room_changes_no_disk()
    {
        var task = Plan(TwoDiskLvm(), Sized("/", (6 * GiB) + (400 * MiB)));
        Assert.Equal(8 * GiB, task.Plan.Layout.Disks[0].SizeBytes);
    }

    [Fact]
    public void A_shrunk_logical_volume_shrinks_its_partition_and_disk()
    {
        var layout = Plan(TwoDiskLvm(), Sized("/", 4 * GiB)).Plan.Layout;
        Assert.Equal(4 * GiB, layout.VolumeGroups[0].LogicalVolumes[0].SizeBytes);
        Assert.InRange(layout.Disks[0].SizeBytes, (6 * GiB) - (4 * MiB), 6 * GiB);
        var partition = layout.Disks[0].Partitions[2];
        Assert.True(partition.SizeBytes - MiB >= 5 * GiB);
        Assert.True(partition.StartBytes + partition.SizeBytes + (33 * 512) <= layout.Disks[0].SizeBytes);
    }

    [Fact]
    public void A_resized_partition_moves_those_behind_it()
    {
        var layout = Plan(UefiPlain(), Sized("/", 7 * GiB)).Plan.Layout;
        Assert.Equal([MiB, 513 * MiB, (513 * MiB) + (7 * GiB)], layout.Disks[0].Partitions.Select(partition => partition.StartBytes));
        Assert.Equal([512 * MiB, 7 * GiB, GiB], layout.Disks[0].Partitions.Select(partition => partition.SizeBytes));
        Assert.Equal(9 * GiB, layout.Disks[0].SizeBytes);

        var grown = Plan(UefiPlain(), Sized("/", 20 * GiB)).Plan.Layout;
        Assert.Equal(22 * GiB, grown.Disks[0].SizeBytes);
        Assert.Equal((513 * MiB) + (20 * GiB), grown.Disks[0].Partitions[2].StartBytes);
    }

    [Fact]
    public void A_resized_logical_partition_keeps_room_for_the_boot_records()
    {
        var partitions = Plan(MbrExtended(), Sized("/srv", 6 * GiB)).Plan.Layout.Disks[0].Partitions;
        var logical = partitions.Where(partition => partition.Number >= 5).ToList();
        for (var index = 1; index < logical.Count; index++)
            Assert.True(logical[index].StartBytes >= logical[index - 1].StartBytes + logical[index - 1].SizeBytes + MiB);

        var extended = partitions.Single(partition => partition.Type == "05");
        Assert.Equal(logical[^1].StartBytes + logical[^1].SizeBytes, extended.StartBytes + extended.SizeBytes);
        Assert.Equal(logical[0].StartBytes - MiB, extended.StartBytes);
        Assert.Equal(6 * GiB, logical[1].SizeBytes);
    }

    [Theory]
    [InlineData("/", 2 * GiB, "2 GB")]
    [InlineData("/var", GiB, "1 GB")]
    [InlineData("/boot", 150 * MiB, "80 MB")]
    public void A_volume_too_small_for_its_data_is_refused_with_the_numbers(string mountPoint, long size, string number)
    {
        var (id, message) = PlanFailure(TwoDiskLvm(), Sized(mountPoint, size));
        Assert.Equal(ErrorIds.VolumeTooSmall, id);
        Assert.Contains(mountPoint, message, StringComparison.Ordinal);
        Assert.Contains(number, message, StringComparison.Ordinal);
    }

    [Fact]
    public void XFS_has_a_least_size_whatever_it_holds()
    {
        SourceFactsBuilder Source(long size) =>
            new SourceFactsBuilder()
                .Disk("sda", 10 * GiB)
                .Partition("sda", 1, MiB, 6 * GiB, LinuxData, "ext4")
                .Partition("sda", 2, (6 * GiB) + MiB, size, LinuxData, "xfs")
                .Mount("/", "/dev/sda1", FileSystemKind.Ext4, 6 * GiB, GiB)
                .Mount("/srv", "/dev/sda2", FileSystemKind.Xfs, size, MiB);
        var (id, message) = PlanFailure(Source(GiB), Sized("/srv", 200 * MiB));
        Assert.Equal(ErrorIds.VolumeTooSmall, id);
        Assert.Contains("300 MB", message, StringComparison.Ordinal);
        // One that an older mkfs.xfs made smaller grows to what today's makes.
        Assert.Equal(300 * MiB, Plan(Source(100 * MiB)).Plan.Layout.Disks[0].Partitions[1].SizeBytes);
    }

    [Fact]
    public void An_ESP_keeps_room_for_FAT32()
    {
        Assert.Equal(ErrorIds.VolumeTooSmall, PlanFailure(UefiPlain(), Sized("/boot/efi", 32 * MiB)).Id);
        Assert.Equal(64 * MiB, Plan(UefiPlain(), Sized("/boot/efi", 64 * MiB)).Plan.Layout.Disks[0].Partitions[0].SizeBytes);
    }

    [Fact]
    public void A_size_for_what_is_not_there_or_not_copied_is_refused()
    {
        var (id, message) = PlanFailure(TwoDiskLvm(), Sized("/home", GiB));
        Assert.Equal(ErrorIds.VolumeNotFound, id);
        Assert.Contains("/, /boot, /var", message, StringComparison.Ordinal);
        Assert.Equal(ErrorIds.PlanNotPossible, PlanFailure(TwoDiskLvm(), Sized("/var", GiB) with { ExcludeVolumes = ["/var"] }).Id);
        Assert.Equal(ErrorIds.PlanNotPossible, PlanFailure(TwoDiskLvm(), Sized("/var", 0)).Id);
    }

    [Theory]
    [InlineData("/var")]
    [InlineData("/va?")]
    [InlineData("/v[a-c]r/")]
    [InlineData("/dev/mapper/vg2-*")]
    public void An_excluded_volume_takes_its_group_and_disk_along(string pattern)
    {
        var task = Plan(TwoDiskLvm(), new TaskSettings { ExcludeVolumes = [pattern] });
        Assert.Single(task.Plan.Layout.Disks);
        Assert.Equal(["vg"], task.Plan.Layout.VolumeGroups.Select(group => group.Name));
        var skipped = Assert.Single(task.Plan.Skipped, skipped => skipped.IsSelected);
        Assert.Equal(("/var", "/dev/mapper/vg2-var"), (skipped.MountPoint, skipped.Device));
    }

    [Fact]
    public void Excluded_swap_leaves_its_logical_volume_behind()
    {
        var task = Plan(TwoDiskLvm(), new TaskSettings { ExcludeVolumes = ["swap:*"] });
        Assert.Equal(["root"], task.Plan.Layout.VolumeGroups[0].LogicalVolumes.Select(volume => volume.Name));
        Assert.Contains(task.Plan.Skipped, skipped => skipped is { Device: "/dev/mapper/vg-swap", IsSelected: true, Uuid: not null });
    }

    [Fact]
    public void Swap_files_stay_files_and_unmounted_file_systems_are_told()
    {
        var source = TwoDiskLvm()
            .Swap("/swapfile", GiB, isFile: true)
            .Disk("sdc", 5 * GiB)
            .Partition("sdc", 1, MiB, 4 * GiB, LinuxData, "ext4");
        var task = Plan(source);
        Assert.Single(task.Plan.Layout.Volumes, volume => volume.MountPoint is null);
        Assert.Equal(2, task.Plan.Layout.Disks.Count);
        Assert.Contains(
            task.Plan.Skipped,
            skipped => skipped is { Device: "/dev/sdc1", Reason: "ext4 file system that is not mounted", IsSelected: false }
        );
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/boot")]
    [InlineData("*")]
    public void What_the_copy_cannot_boot_without_stays(string pattern) =>
        Assert.Equal(ErrorIds.PlanNotPossible, PlanFailure(TwoDiskLvm(), new TaskSettings { ExcludeVolumes = [pattern] }).Id);

    [Fact]
    public void The_ESP_cannot_be_left_out_and_must_be_mounted()
    {
        Assert.Equal(ErrorIds.PlanNotPossible, PlanFailure(UefiPlain(), new TaskSettings { ExcludeVolumes = ["/boot/efi"] }).Id);
        var facts = UefiPlain().Build();
        var exception = Assert.Throws<P2VException>(() =>
            ConversionPlanner.Plan(Endpoint, facts with { Mounts = [facts.Mounts[0]] }, new TaskSettings(), VSphere)
        );
        Assert.Equal(ErrorIds.EfiSystemPartitionMissing, exception.ErrorId);
        Assert.Contains("not mounted", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pattern_that_meets_nothing_is_refused()
    {
        var (id, message) = PlanFailure(TwoDiskLvm(), new TaskSettings { ExcludeVolumes = ["/scratch", "/var"] });
        Assert.Equal(ErrorIds.VolumeNotFound, id);
        Assert.Contains("/scratch", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Excluded_paths_go_to_the_volume_that_they_lie_on()
    {
        var task = Plan(TwoDiskLvm(), new TaskSettings { ExcludePaths = ["/var/cache//apt/", "/tmp", "/mnt/share/x"] });
        Assert.Equal(["/var/cache/apt"], task.Volume("/var").ExcludedPaths);
        Assert.Equal(["/tmp"], task.Volume("/").ExcludedPaths);
    }

    [Theory]
    [InlineData("var/cache")]
    [InlineData("/srv/../etc")]
    [InlineData("/var")]
    [InlineData("/")]
    [InlineData("/usr/")]
    public void Paths_that_cannot_be_left_out_are_refused(string path) =>
        Assert.Equal(ErrorIds.PlanNotPossible, PlanFailure(TwoDiskLvm(), new TaskSettings { ExcludePaths = [path] }).Id);

    [Fact]
    public void A_file_system_that_cannot_be_made_again_is_refused_unless_left_out()
    {
        var facts = TwoDiskLvm().Build();
        var unsupported = facts with
        {
            Mounts =
            [
                .. facts.Mounts.Select(mount =>
                    mount.MountPoint == "/var" ? mount with { FileSystem = "jfs", Specification = null } : mount
                ),
            ],
        };
        var exception = Assert.Throws<P2VException>(() => ConversionPlanner.Plan(Endpoint, unsupported, new TaskSettings(), VSphere));
        Assert.Equal(ErrorIds.FileSystemNotSupported, exception.ErrorId);
        Assert.Contains("jfs", exception.Message, StringComparison.Ordinal);
        ConversionPlanner.Plan(Endpoint, unsupported, new TaskSettings { ExcludeVolumes = ["/var"] }, VSphere);
    }

    [Fact]
    public void A_btrfs_subvolume_is_kept_and_named()
    {
        var source = new SourceFactsBuilder()
            .Disk("sda", 10 * GiB)
            .Partition("sda", 1, MiB, 9 * GiB, LinuxData, "btrfs")
            .Mount("/", "/dev/sda1", FileSystemKind.Btrfs, 9 * GiB, GiB, "rw,relatime,subvolid=256,subvol=/@");
        var facts = source.Build();
        facts = facts with { Mounts = [facts.Mounts[0] with { Root = "/@", Subvolume = "@" }] };
        var task = ConversionPlanner.Plan(Endpoint, facts, new TaskSettings(), VSphere);
        Assert.Equal(new TargetSubvolume("@"), Assert.Single(task.Plan.Layout.Volumes).Subvolume);
        Assert.EndsWith(",subvol=/@", task.Plan.Layout.Volumes[0].MountOptions, StringComparison.Ordinal);
        var plain = new SourceFactsBuilder()
            .Disk("sda", 10 * GiB)
            .Partition("sda", 1, MiB, 9 * GiB, LinuxData, "btrfs")
            .Mount("/", "/dev/sda1", FileSystemKind.Btrfs, 9 * GiB, GiB, "rw,relatime,subvolid=5,subvol=/");
        Assert.Null(Assert.Single(Plan(plain).Plan.Layout.Volumes).Subvolume);
    }

    [Fact]
    public void Thin_volumes_larger_than_their_group_are_refused_until_made_smaller()
    {
        SourceFactsBuilder Source() =>
            new SourceFactsBuilder()
                .Disk("sda", 10 * GiB)
                .Partition("sda", 1, MiB, 9 * GiB, LinuxLvm, "LVM2_member")
                .Group("vg", ["/dev/sda1"], 2303, ("pool", 8 * GiB, "thin-pool"), ("root", 6 * GiB, "thin"), ("data", 20 * GiB, "thin"))
                .Mount("/", "/dev/vg/root", FileSystemKind.Ext4, 6 * GiB, GiB)
                .Mount("/data", "/dev/mapper/vg-data", FileSystemKind.Ext4, 20 * GiB, GiB);
        var (id, message) = PlanFailure(Source());
        Assert.Equal(ErrorIds.VolumeGroupTooSmall, id);
        Assert.Contains("26 GB", message, StringComparison.Ordinal);
        var task = Plan(Source(), Sized("/data", 2 * GiB));
        Assert.Equal(
            [("root", 6 * GiB), ("data", 2 * GiB)],
            task.Plan.Layout.VolumeGroups[0].LogicalVolumes.Select(volume => (volume.Name, volume.SizeBytes))
        );
    }

    [Fact]
    public void Basic_mode_makes_partitions_in_the_place_of_the_group()
    {
        var task = Plan(TwoDiskLvm(), new TaskSettings { LvmMode = LvmMode.Basic });
        var layout = task.Plan.Layout;
        Assert.Empty(layout.VolumeGroups);
        Assert.Equal([1, 2, 3, 4], layout.Disks[0].Partitions.Select(partition => partition.Number));
        Assert.Equal([6 * GiB, GiB], layout.Disks[0].Partitions.Skip(2).Select(partition => partition.SizeBytes));
        Assert.Equal(
            [LinuxData, "0657fd6d-a4ab-43c4-84e5-0933c84b4f4f"],
            layout.Disks[0].Partitions.Skip(2).Select(partition => partition.Type)
        );
        Assert.Equal((514 * MiB) + (6 * GiB), layout.Disks[0].Partitions[3].StartBytes);
        Assert.Equal(DeviceReference.OnDisk(0, 3), task.Volume("/").Device);
        Assert.Equal(DeviceReference.OnDisk(0, 4), layout.Volumes.Single(volume => volume.MountPoint is null).Device);
        Assert.Equal(DeviceReference.OnDisk(1, 1), task.Volume("/var").Device);
        Assert.Equal(
            ["/dev/mapper/vg-root", "/dev/mapper/vg-swap", "/dev/mapper/vg2-var"],
            task.Plan.Replaced.Select(replaced => replaced.SourceDevice).Order()
        );
        Assert.Equal([8 * GiB, 4 * GiB], layout.Disks.Select(disk => disk.SizeBytes));
    }

    [Fact]
    public void Basic_mode_gives_the_group_of_an_MBR_disk_a_GPT_disk_of_its_own()
    {
        var source = new SourceFactsBuilder()
            .Disk("sda", 10 * GiB, PartitionTableKind.Mbr)
            .Partition("sda", 1, MiB, GiB, "83", "ext4", isActive: true)
            .Partition("sda", 2, GiB + MiB, 8 * GiB, "8e", "LVM2_member")
            .Group("vg", ["/dev/sda2"], 2047, ("root", 4 * GiB, "linear"), ("home", 2 * GiB, "linear"))
            .Mount("/boot", "/dev/sda1", FileSystemKind.Ext4, GiB, 100 * MiB)
            .Mount("/", "/dev/mapper/vg-root", FileSystemKind.Ext4, 4 * GiB, GiB)
            .Mount("/home", "/dev/mapper/vg-home", FileSystemKind.Ext4, 2 * GiB, GiB);
        var task = Plan(source, new TaskSettings { LvmMode = LvmMode.Basic });
        Assert.Equal([PartitionTableKind.Mbr, PartitionTableKind.Gpt], task.Plan.Layout.Disks.Select(disk => disk.PartitionTable));
        Assert.Equal((6 * GiB) + (2 * MiB), task.Plan.Layout.Disks[1].SizeBytes);
        Assert.Equal(DeviceReference.OnDisk(1, 2), task.Volume("/home").Device);
        Assert.True(task.Plan.Layout.Disks[0].IsBootDisk);
    }

    [Fact]
    public void A_root_that_is_on_no_disk_is_refused()
    {
        var source = new SourceFactsBuilder().OtherMount("/", "nas:/root", "nfs", MountClass.Network);
        Assert.Equal(ErrorIds.SourceNotConvertible, PlanFailure(source).Id);
    }

    private static TaskSettings Sized(string mountPoint, long size) =>
        new() { VolumeSizes = new Dictionary<string, long> { [mountPoint] = size } };
}
