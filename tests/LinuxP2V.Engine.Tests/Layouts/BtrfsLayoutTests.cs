using LinuxP2V.Engine.Tasks;
using LinuxP2V.Engine.Tests.Tasks;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Tests.Layouts;

/// <summary>Subvolumes: several volumes of one file system, as Ubuntu and SUSE lay them out.</summary>
public sealed class BtrfsLayoutTests
{
    private const string OneLine = "21 1 0:45 /@ / rw,relatime shared:1 - btrfs /dev/sda2 rw,subvolid=256,subvol=/@\n";

    private static LayoutCase Ubuntu =>
        LayoutCase
            .Load("btrfs-one-subvol")
            .With(OneLine, OneLine + "25 21 0:45 /@home /home rw,relatime shared:2 - btrfs /dev/sda2 rw,subvolid=257,subvol=/@home\n")
            .With(
                "/dev/sda2 / btrfs defaults 0 0",
                "/dev/sda2 / btrfs defaults,subvol=@ 0 1\n/dev/sda2 /home btrfs noatime,subvolid=257 0 2"
            )
            .WithSection("@ usage /home\n4096 25952256 20709376 0 0")
            .WithSection("@ btrfs-list /\nID 256 gen 31 top level 5 path <FS_TREE>/@\nID 257 gen 31 top level 5 path <FS_TREE>/@home")
            .WithSection("@ btrfs-snapshots /")
            .WithSection("@ btrfs-default /\nID 5 (FS_TREE)");

    private static LayoutCase Suse =>
        LayoutCase
            .Load("btrfs-one-subvol")
            .With(
                OneLine,
                """
                21 1 0:45 /@/.snapshots/1/snapshot / rw shared:1 - btrfs /dev/sda2 rw,subvolid=266,subvol=/@/.snapshots/1/snapshot
                22 21 0:45 /@/.snapshots /.snapshots rw shared:1 - btrfs /dev/sda2 rw,subvolid=265,subvol=/@/.snapshots
                23 21 0:45 /@/var /var rw shared:1 - btrfs /dev/sda2 rw,subvolid=257,subvol=/@/var

                """
            )
            .With(
                "/dev/sda2 / btrfs defaults 0 0",
                "UUID=x / btrfs defaults 0 0\nUUID=x /var btrfs subvol=/@/var 0 0\nUUID=x /.snapshots btrfs subvol=/@/.snapshots 0 0"
            )
            .WithSection(
                """
                @ btrfs-list /
                ID 256 gen 29 top level 5 path <FS_TREE>/@
                ID 257 gen 93 top level 256 path <FS_TREE>/@/var
                ID 265 gen 93 top level 256 path <FS_TREE>/@/.snapshots
                ID 266 gen 93 top level 265 path <FS_TREE>/@/.snapshots/1/snapshot
                ID 280 gen 50 top level 265 path <FS_TREE>/@/.snapshots/2/snapshot
                ID 281 gen 51 top level 257 path <FS_TREE>/@/var/lib/machines
                ID 282 gen 52 top level 266 path @/.snapshots/1/snapshot/srv/data
                ID 283 gen 53 top level 256 path <FS_TREE>/@/opt
                """
            )
            .WithSection(
                "@ btrfs-snapshots /\nID 266 gen 9 cgen 9 top level 265 otime 2026-01-01 00:00:00 path <FS_TREE>/@/.snapshots/1/snapshot\n"
                    + "ID 280 gen 50 cgen 50 top level 265 otime 2026-01-01 00:00:00 path <FS_TREE>/@/.snapshots/2/snapshot"
            )
            .WithSection("@ btrfs-default /\nID 266 gen 93 top level 265 path @/.snapshots/1/snapshot")
            .WithSection("@ usage /var\n4096 25952256 20709376 0 0")
            .WithSection("@ usage /.snapshots\n4096 25952256 20709376 0 0");

    [Fact]
    public void Ubuntu_s_subvolumes_are_volumes_of_one_file_system()
    {
        var task = Ubuntu.Plan();
        LayoutSanity.Check(task);
        Assert.Equal(["/ @", "/home @home"], task.Plan.Layout.Volumes.Select(volume => $"{volume.Id} {volume.Subvolume!.Path}"));
        Assert.Equal([DeviceReference.OnDisk(0, 2)], task.Plan.Layout.Volumes.Select(volume => volume.Device).Distinct());
        Assert.All(task.Plan.Layout.Volumes, volume => Assert.False(volume.Subvolume!.IsDefault || volume.Subvolume.IsNested));
        // What is mounted, not the number that the copy will not have.
        Assert.Equal(["defaults,subvol=/@", "noatime,subvol=/@home"], task.Plan.Layout.Volumes.Select(volume => volume.MountOptions));
        // Used is told once.
        Assert.Equal([(25952256L - 20709376) * 4096, 0], task.Plan.Layout.Volumes.Select(volume => volume.UsedBytes));
        Assert.Equal(
            ["BtrfsCopiedAsFiles"],
            Ubuntu.Inspect().Select(finding => finding.Id).Where(id => id is not ("LiveCopy" or "DistributionProof"))
        );
    }

    [Fact]
    public void SUSE_s_default_and_nested_subvolumes_come_along_and_snapshots_do_not()
    {
        var task = Suse.Plan();
        LayoutSanity.Check(task);
        Assert.Equal(
            [
                "/ @/.snapshots/1/snapshot default",
                "/.snapshots @/.snapshots",
                "/var @/var",
                "/srv/data @/.snapshots/1/snapshot/srv/data nested",
                "/var/lib/machines @/var/lib/machines nested",
            ],
            task.Plan.Layout.Volumes.Select(Describe)
        );
        Assert.Equal("defaults,subvol=/@/.snapshots/1/snapshot", task.Volume("/").MountOptions);
        var findings = Suse.Inspect();
        Assert.Contains(
            findings,
            finding => finding.Id == "BtrfsSnapshotsNotCopied" && finding.What.Contains("1 snapshots", StringComparison.Ordinal)
        );
        var unseen = Assert.Single(findings, finding => finding.Id == "BtrfsSubvolumeNotMounted");
        Assert.Contains(": @, @/opt.", unseen.What, StringComparison.Ordinal);
    }

    private static string Describe(TargetVolume volume)
    {
        var kind =
            volume.Subvolume!.IsDefault ? "default"
            : volume.Subvolume.IsNested ? "nested"
            : "";
        return $"{volume.Id} {volume.Subvolume.Path} {kind}".TrimEnd();
    }

    [Fact]
    public void A_subvolume_can_be_left_out_and_has_no_size_of_its_own()
    {
        foreach (var pattern in new[] { "/home", "/hom?" })
        {
            var task = Ubuntu.Plan(new TaskSettings { ExcludeVolumes = [pattern] });
            Assert.Equal(["/"], task.Plan.Layout.Volumes.Select(volume => volume.Id));
            Assert.Contains(task.Plan.Skipped, skipped => skipped is { MountPoint: "/home", Device: "/dev/sda2", IsSelected: true });
        }

        Assert.Contains(
            "/var/lib/machines",
            Suse.Plan(new TaskSettings { ExcludeVolumes = ["/var/lib/machines"] })
                .Plan.Skipped.Where(skipped => skipped.IsSelected)
                .Select(skipped => skipped.MountPoint)
        );
        Assert.Equal(ErrorIds.PlanNotPossible, Ubuntu.Errors(new TaskSettings { ExcludeVolumes = ["/dev/sda2"] })[0].Id);
        var error = Ubuntu.Errors(Sized("/home", 10))[0];
        Assert.Contains("is a subvolume (@home) of the btrfs of /", error.What, StringComparison.Ordinal);
        var grown = Ubuntu.Plan(Sized("/", 200)).Plan.Layout.Disks[0];
        Assert.Equal(200L << 30, grown.Partitions.Single(partition => partition.Number == 2).SizeBytes);
        Assert.Equal(ErrorIds.VolumeTooSmall, Ubuntu.Errors(Sized("/", 15))[0].Id);
    }

    [Fact]
    public void Paths_that_are_left_out_go_to_the_subvolume_that_they_lie_on()
    {
        var task = Ubuntu.Plan(new TaskSettings { ExcludePaths = ["/home/alice/tmp", "/var/tmp"] });
        Assert.Equal(["/home/alice/tmp"], task.Volume("/home").ExcludedPaths);
        Assert.Equal(["/var/tmp"], task.Volume("/").ExcludedPaths);
    }

    [Fact]
    public void The_top_may_be_mounted_beside_its_subvolumes()
    {
        var top = Ubuntu.With(OneLine, OneLine + "26 21 0:45 / /mnt/top rw shared:2 - btrfs /dev/sda2 rw,subvolid=5,subvol=/\n");
        var task = top.Plan();
        LayoutSanity.Check(task);
        Assert.Equal(
            ["/ @", "/home @home", "/mnt/top "],
            task.Plan.Layout.Volumes.Select(volume => $"{volume.Id} {volume.Subvolume?.Path}")
        );
        Assert.DoesNotContain("subvol", task.Volume("/mnt/top").MountOptions, StringComparison.Ordinal);
    }

    [Fact]
    public void On_a_logical_volume_its_size_is_the_group_s()
    {
        var lvm = LayoutCase
            .Load("dashes")
            .With("22 1 253:1 / /x rw,relatime shared:1 - ext4", "22 1 0:50 /data /x rw shared:1 - btrfs")
            .With(
                "/dev/mapper/a-b--c rw\n",
                "/dev/mapper/a-b--c rw,subvol=/data\n23 1 0:50 /logs /y rw shared:1 - btrfs /dev/mapper/a-b--c rw,subvol=/logs\n"
            )
            .With("E:ID_FS_TYPE=ext4\nE:ID_FS_UUID=00000004", "E:ID_FS_TYPE=btrfs\nE:ID_FS_UUID=00000004")
            .WithSection("@ usage /y\n4096 4980736 3670016 0 0");
        var task = lvm.Plan();
        LayoutSanity.Check(task);
        Assert.Equal(DeviceReference.OnVolumeGroup("a", "b-c"), task.Volume("/y").Device);
        Assert.Equal(
            ["b-c"],
            task.Plan.Layout.VolumeGroups.Single(group => group.Name == "a").LogicalVolumes.Select(volume => volume.Name)
        );
        // As partitions as well.
        LayoutSanity.Check(lvm.Plan(new TaskSettings { LvmMode = LvmMode.Basic }));
    }

    [Fact]
    public void Of_several_devices_one_has_room_for_all_and_none_is_told_as_unused()
    {
        var task = LayoutCase.Load("btrfs-raid0").Plan();
        Assert.DoesNotContain(task.Plan.Skipped, skipped => skipped.Device == "/dev/sdc");
        // A mirror is no larger than one of its halves.
        var mirror = LayoutCase.Load("btrfs-raid0").With("4096 52428800 13107200", "4096 26214400 13107200");
        Assert.Equal(100L << 30, mirror.Plan().Plan.Layout.Disks[1].SizeBytes);
    }

    private static TaskSettings Sized(string id, long gigabytes) =>
        new() { VolumeSizes = new Dictionary<string, long> { [id] = gigabytes << 30 } };
}
