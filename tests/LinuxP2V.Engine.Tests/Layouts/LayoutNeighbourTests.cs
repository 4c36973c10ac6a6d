using LinuxP2V.Engine.Sources.Model;
using LinuxP2V.Engine.Tasks;
using LinuxP2V.Engine.Tests.Tasks;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Tests.Layouts;

/// <summary>What stands beside the cases: the same machines with one thing changed.</summary>
public sealed class LayoutNeighbourTests
{
    private const string OfFirst = "000000-0000-0000-0000-0000-0000-000001";
    private const string OfSecond = "000000-0000-0000-0000-0000-0000-000009";

    /// <summary>As the probe asks for it today.</summary>
    private static LayoutCase VgTwiceWithUuids =>
        LayoutCase
            .Load("vg-twice")
            .With("48318382080", $"48318382080|{OfFirst}")
            .With("535797170176", $"535797170176|{OfSecond}")
            .With(
                "|root|53687091200|linear|-wi-ao----",
                $"|root|53687091200|linear|-wi-ao----|{OfFirst}|000000-0000-0000-0000-0000-0000-000007"
            )
            .With(
                "|swap|4294967296|linear|-wi-ao----",
                $"|swap|4294967296|linear|-wi-ao----|{OfFirst}|000000-0000-0000-0000-0000-0000-000014"
            )
            .With(
                "|root|1610612736000|linear|-wi-------",
                $"|root|1610612736000|linear|-wi-------|{OfSecond}|000000-0000-0000-0000-0000-0000-000008"
            )
            .With("/dev/sda1|vg0", $"/dev/sda1|vg0|{OfFirst}")
            .With("/dev/sdb1|vg0", $"/dev/sdb1|vg0|{OfSecond}");

    [Fact]
    public void Groups_of_one_name_are_told_apart_by_UUID_and_without_by_what_is_in_use()
    {
        foreach (var layoutCase in new[] { VgTwiceWithUuids, LayoutCase.Load("vg-twice") })
        {
            Assert.Equal(["/dev/sda1", "/dev/sdb1"], layoutCase.Facts.VolumeGroups.Select(group => Assert.Single(group.PhysicalVolumes)));
            Assert.Equal(
                [53687091200, 1610612736000],
                layoutCase.Facts.VolumeGroups.Select(group => group.LogicalVolumes.Single(volume => volume.Name == "root").SizeBytes)
            );
            var task = layoutCase.Plan();
            LayoutSanity.Check(task);
            Assert.Equal(DeviceReference.OnDisk(0, 1), Assert.Single(Assert.Single(task.Plan.Layout.VolumeGroups).PhysicalVolumes));
        }
    }

    [Fact]
    public void Two_groups_of_one_name_that_are_both_in_use_are_refused()
    {
        var both = VgTwiceWithUuids
            .With("|root|1610612736000|linear|-wi-------", "|archive|1610612736000|linear|-wi-ao----")
            .WithSection(
                "@ block dm-2\ndev=253:2\nsize=3145728000\ndm/name=vg0-archive\n"
                    + "dm/uuid=LVM-0000000000000000000000000000000900000000000000000000000000000008\nslave=sdb1\nE:ID_FS_TYPE=xfs"
            )
            .With("vg0-root rw\n", "vg0-root rw\n22 21 253:2 / /archive rw shared:1 - xfs /dev/mapper/vg0-archive rw\n")
            .WithSection("@ usage /archive\n4096 393216000 390000000 1000 900")
            // Its disk is behind USB.
            .With("usb2/2-1/host6", "ata2/host6");
        var error = Assert.Single(both.Errors());
        Assert.Contains("two volume groups called vg0", error.What, StringComparison.Ordinal);
        Assert.Contains("vgrename", error.Remedy, StringComparison.Ordinal);
        Assert.Single(both.Plan(new TaskSettings { ExcludeVolumes = ["/archive"] }).Plan.Layout.VolumeGroups);
    }

    [Fact]
    public void Hardware_areas_of_eMMC_and_NVMe_are_no_disks()
    {
        var emmc = LayoutCase.Load("emmc").WithSection("@ block mmcblk0rpmb\ndev=179:24\nsize=8192");
        Assert.All(
            emmc.Facts.BlockDevices.Where(device => device.Name is "mmcblk0boot0" or "mmcblk0boot1" or "mmcblk0rpmb"),
            device => Assert.Equal((BlockDeviceKind.Other, null), (device.Kind, device.Partition))
        );
        Assert.Equal(["mmcblk0p1", "mmcblk0p2"], Names(emmc, BlockDeviceKind.Partition));
        Assert.Equal(["mmcblk0"], Names(emmc, BlockDeviceKind.Disk));
        Assert.Equal(["nvme0n1"], Names(LayoutCase.Load("nvme-mp"), BlockDeviceKind.Disk));
    }

    [Fact]
    public void A_device_that_cannot_be_read_is_named_and_the_rest_is_there()
    {
        var broken = LayoutCase.Load("asm").WithSection("@ block sdd\ndev=8:48\nsize=4194304\n\n@ head sdd\nbase64 ");
        LayoutSanity.Check(broken.Plan());
        Assert.Contains(
            broken.Inspect(),
            finding => finding is { Id: "FactsIncomplete", Subject: "/dev/sdd", Severity: FindingSeverity.Warning }
        );
        // A mount that does not answer.
        var silent = LayoutCase.Load("covered").With("@ usage /data\n4096 51380224 48758784 1000000 900000", "@ usage /data");
        Assert.Contains(silent.Inspect(), finding => finding is { Id: "FactsIncomplete", Subject: "/data" });
        LayoutSanity.Check(silent.Plan());
    }

    [Fact]
    public void Physical_volumes_behind_links_are_found_by_what_lies_on_them()
    {
        var raid = LayoutCase
            .Load("lvm-raid-cache")
            .With("/dev/sda1|vg0", "/dev/disk/by-id/wwn-1-part1|vg0")
            .With("/dev/sdb|vg0", "/dev/disk/by-id/wwn-2|vg0");
        Assert.Equal(["/dev/sda1", "/dev/sdb"], Assert.Single(raid.Facts.VolumeGroups).PhysicalVolumes);
        // One that nothing stands for is refused, not guessed.
        var foreign = LayoutCase.Load("pv-byid").With("slave=sda1", "slave=sdq1");
        Assert.Equal(ErrorIds.PlanNotPossible, foreign.Errors()[0].Id);
        Assert.Contains("wwn-0x5000-part1", foreign.Errors()[0].What, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_a_bcache_the_device_that_holds_the_data_is_taken()
    {
        var small = LayoutCase.Load("bcache");
        Assert.Equal("sda3", small.Facts.BlockDevices.Single(device => device.Name == "bcache0").Parents[0]);
        // A cache that is larger than the data, told by the probe and by its size.
        var large = small.With("size=209715200\nE:ID_FS_TYPE=bcache", "size=4000000000\nE:ID_FS_TYPE=bcache");
        Assert.Equal("sda3", large.Facts.BlockDevices.Single(device => device.Name == "bcache0").Parents[0]);
        var told = small
            .With("size=209715200\nE:ID_FS_TYPE=bcache", "size=1887436800\nE:ID_FS_TYPE=bcache")
            .With("start=4194304\nholder=bcache0", "start=4194304\nholder=bcache0\nbcache=backing");
        Assert.Equal("sda3", told.Facts.BlockDevices.Single(device => device.Name == "bcache0").Parents[0]);
        LayoutSanity.Check(told.Plan());
    }

    [Theory]
    [InlineData("resource r0 {\n    volume 0 {\n        device minor 0;\n        disk \"/dev/vg0/r0\";\n    }\n}")]
    [InlineData("disk {\n size 0s;\n}\n_this_host {\n device /dev/drbd0 minor 0;\n disk \"/dev/vg0/r0\";\n meta-disk internal;\n}")]
    [InlineData("_this_host {\n device\t\t\tminor 0;\n disk\t\t\t\"/dev/mapper/vg0-r0\" _major 253 _minor 1;\n}")]
    public void A_replicated_device_goes_to_where_its_data_lies(string show)
    {
        var task = LayoutCase.Load("drbd").WithSection($"@ drbd\n{show}").Plan();
        LayoutSanity.Check(task);
        Assert.Equal(DeviceReference.OnVolumeGroup("vg0", "r0"), task.Volume("/srv/mysql").Device);
        Assert.Contains(new ReplacedDevice("/dev/drbd0", "/srv/mysql"), task.Plan.Replaced);
        Assert.DoesNotContain(task.Plan.Skipped, skipped => skipped.Device == "/dev/mapper/vg0-r0");
    }

    [Fact]
    public void Groups_that_lie_on_files_are_left_to_the_files_and_half_of_one_is_refused()
    {
        var loop = LayoutCase
            .Load("covered")
            .With("21 1 8:2 / /", "21 1 8:2 / /")
            .WithSection("@ block loop5\ndev=7:5\nsize=2097152\nloop/backing_file=/srv/pv.img\nE:ID_FS_TYPE=LVM2_member")
            .WithSection(
                "@ block dm-9\ndev=253:9\nsize=1048576\ndm/name=lab-lv\n"
                    + "dm/uuid=LVM-0000000000000000000000000000000300000000000000000000000000000003\nslave=loop5\nE:ID_FS_TYPE=ext4"
            )
            .WithSection("@ vgs\n  lab|4194304|1069547520|0")
            .WithSection("@ lvs\n  lab|lv|536870912|linear|-wi-ao----")
            .WithSection("@ pvs\n  /dev/loop5|lab")
            .With("22 1 8:3", "30 21 253:9 / /lab rw - ext4 /dev/mapper/lab-lv rw\n22 1 8:3")
            .WithSection("@ usage /lab\n4096 131072 100000 1000 900");
        Assert.Contains(
            loop.Plan().Plan.Skipped,
            skipped => skipped.MountPoint == "/lab" && skipped.Reason.StartsWith("file mounted", StringComparison.Ordinal)
        );
        var half = loop.With("slave=loop5", "slave=loop5\nslave=sdb").With("/dev/loop5|lab", "/dev/loop5|lab\n  /dev/sdb|lab");
        Assert.Contains(half.Errors(), error => error.Subject == "/lab" && error.What.Contains("/srv/pv.img", StringComparison.Ordinal));
        Assert.Empty(half.Errors(new TaskSettings { ExcludeVolumes = ["/lab"] }));
    }

    [Theory]
    [InlineData("docker")]
    [InlineData("systemd-nspawn")]
    public void A_container_that_says_so_is_refused_with_that_alone(string kind)
    {
        var error = Assert.Single(LayoutCase.Load("lxc").WithSection($"@ container\n{kind}").Errors());
        Assert.Equal(ErrorIds.SourceNotConvertible, error.Id);
        Assert.Contains($"a container ({kind})", error.What, StringComparison.Ordinal);
        // A machine whose probe found nothing of that sort is one of its own.
        Assert.Empty(LayoutCase.Load("cciss").WithSection("@ container").Errors());
    }

    [Fact]
    public void A_machine_without_a_mounted_boot_folder_is_no_container()
    {
        var unmounted = LayoutCase
            .Load("cciss")
            .With("image=/boot/vmlinuz-6.1.0-1-amd64\n", "")
            .With("initramfs=/boot/initrd.img-6.1.0-1-amd64\n", "")
            .With("/boot/grub/grub.cfg", "");
        Assert.Equal([ErrorIds.BootLoaderNotSupported, ErrorIds.BootFolderEmpty], unmounted.Errors().Select(error => error.Id));
        Assert.Empty(unmounted.Errors(new TaskSettings { SkipReconfiguration = true }));
    }

    [Fact]
    public void A_kernel_that_depmod_never_saw_is_refused_and_one_that_boots_by_itself_is_not()
    {
        var sound = LayoutCase.Load("cciss");
        var unlisted = sound.With("image=/boot/vmlinuz", "lacks=modules.dep\nimage=/boot/vmlinuz");
        Assert.Equal(ErrorIds.KernelModulesNotListed, Assert.Single(unlisted.Errors()).Id);
        Assert.Contains("depmod -a 6.1.0-1-amd64", unlisted.Errors()[0].Remedy, StringComparison.Ordinal);

        // Without an initramfs today, and with the VM's controller in the kernel: no tool is needed.
        var builtIn = LayoutCase
            .Load("arch-mkinitcpio")
            .With("initramfs=/boot/initrd.img-6.1.0-1-amd64\n", "")
            .With("module=k/nvme.ko\n", "module=k/nvme.ko\nlist=modules.builtin\nmodule=kernel/drivers/scsi/vmw_pvscsi.ko\n")
            .With("mkinitcpio\n", "");
        Assert.Empty(builtIn.Errors());
        Assert.Single(builtIn.With("list=modules.builtin\n", "").Errors(), error => error.Id == ErrorIds.ReconfigurationToolMissing);
    }

    [Fact]
    public void A_mount_point_with_control_characters_is_refused_by_a_readable_name_and_can_be_left_out()
    {
        var hostile = LayoutCase.Load("covered").With("/data", "/da\u001b[31mta");
        var error = Assert.Single(hostile.Errors());
        Assert.Equal((ErrorIds.PlanNotPossible, "/da\\x1b[31mta"), (error.Id, error.Subject));
        Assert.Contains("/da\\x1b[31mta", error.What, StringComparison.Ordinal);
        Assert.Contains("-ExcludeVolume", error.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void The_kernel_that_will_boot_is_judged_not_the_one_that_an_update_removed()
    {
        var updated = LayoutCase.Load("cciss").With("@ kernel 6.1.0-1-amd64", "@ kernel 6.1.0-2-amd64");
        Assert.Empty(updated.Errors());
        Assert.Contains(updated.Inspect(), finding => finding is { Id: "KernelMissing", Severity: FindingSeverity.Warning });
        var poor = updated.With("module=kernel/drivers/net/vmxnet3/vmxnet3.ko\n", "");
        Assert.Equal(ErrorIds.NoVmDrivers, poor.Errors()[0].Id);
        Assert.Contains("6.1.0-2-amd64", poor.Errors()[0].What, StringComparison.Ordinal);
    }

    [Fact]
    public void All_errors_are_told_at_once()
    {
        var many = LayoutCase
            .Load("sles-mkinitrd")
            .With("/boot/grub/grub.cfg", "/etc/lilo.conf")
            .With("- ext4 /dev/sda1 rw", "- jfs /dev/sda1 rw")
            .With("E:ID_FS_TYPE=ext4", "E:ID_FS_TYPE=jfs");
        Assert.Equal(
            [ErrorIds.BootLoaderNotSupported, ErrorIds.ReconfigurationToolMissing, ErrorIds.FileSystemNotSupported],
            many.Errors().Select(error => error.Id)
        );
        var refusal = Assert.Throws<P2VException>(() => many.Plan());
        Assert.Equal(ErrorIds.BootLoaderNotSupported, refusal.ErrorId);
        Assert.Contains("mkinitrd", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("is jfs", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_disk_that_a_program_has_open_is_named()
    {
        var spare = LayoutCase.Load("cciss").WithSection("@ block sdb\ndev=8:16\nsize=1048576000");
        Assert.DoesNotContain(spare.Inspect(), finding => finding.Id == "RawVolumeNotCopied");
        var used = spare.WithSection("@ open-devices\n/dev/null\n/dev/sdb\n/dev/pts/0");
        Assert.Equal("/dev/sdb", Assert.Single(used.Inspect(), finding => finding.Id == "RawVolumeNotCopied").Subject);
        Assert.Contains(used.Plan().Plan.Skipped, skipped => skipped is { Device: "/dev/sdb", Reason: "in use without a file system" });
        Assert.DoesNotContain(
            used.Inspect(new TaskSettings { ExcludeVolumes = ["/dev/sdb"] }),
            finding => finding.Id == "RawVolumeNotCopied"
        );
    }

    [Fact]
    public void A_pool_for_data_alone_can_be_left_out()
    {
        var data = LayoutCase
            .Load("clone-attached")
            .With("21 1 8:2 / /", "22 21 0:70 / /tank rw - zfs tank rw\n23 21 0:71 / /tank/home rw - zfs tank/home rw\n21 1 8:2 / /");
        Assert.Equal(["/tank", "/tank/home"], data.Errors().Select(error => error.Subject));
        Assert.Empty(data.Errors(new TaskSettings { ExcludeVolumes = ["/tank*"] }));
    }

    [Fact]
    public void A_large_volume_on_a_4Kn_disk_with_a_GPT_and_a_small_one_with_an_MBR_keep_their_tables()
    {
        var gpt = LayoutCase
            .Load("4kn")
            .With(
                "E:ID_PART_TABLE_TYPE=dos\nE:ID_PART_TABLE_UUID=deadbeef",
                "E:ID_PART_TABLE_TYPE=gpt\nE:ID_PART_TABLE_UUID=00000009-0000-4000-8000-000000000009"
            )
            .With("E:ID_PART_ENTRY_TYPE=0x83", "E:ID_PART_ENTRY_TYPE=0fc63daf-8483-4772-8e79-3d69d8477de4");
        Assert.Equal([PartitionTableKind.Gpt, PartitionTableKind.Gpt], gpt.Plan().Plan.Layout.Disks.Select(disk => disk.PartitionTable));
        Assert.DoesNotContain(gpt.Inspect(), finding => finding.Id == "PartitionTableChanged");
        var small = LayoutCase
            .Load("4kn")
            .With("size=16777216000", "size=2097152000")
            .With("size=16775118848", "size=2095104000")
            .With("4096 2094530560 1045954560", "4096 200000000 190000000");
        Assert.Equal([PartitionTableKind.Gpt, PartitionTableKind.Mbr], small.Plan().Plan.Layout.Disks.Select(disk => disk.PartitionTable));
    }

    [Fact]
    public void Groups_on_what_an_MBR_cannot_hold_get_a_disk_of_their_own_and_the_boot_volume_is_refused()
    {
        var lvm = LayoutCase
            .Load("raid5-mbr")
            .With("E:ID_FS_TYPE=xfs\nE:ID_FS_UUID=0000000a-0000-4000-8000-00000000000a", "E:ID_FS_TYPE=LVM2_member")
            .WithSection(
                "@ block dm-0\ndev=253:0\nsize=12000000000\ndm/name=vg-root\n"
                    + "dm/uuid=LVM-0000000000000000000000000000000300000000000000000000000000000003\nslave=md1\nE:ID_FS_TYPE=xfs"
            )
            .WithSection("@ vgs\n  vg|4194304|6410234494976|0")
            .WithSection("@ lvs\n  vg|root|6144000000000|linear|-wi-ao----")
            .WithSection("@ pvs\n  /dev/md1|vg")
            .With("22 1 9:1 / /", "22 1 253:0 / /")
            .With("- xfs /dev/md1", "- xfs /dev/mapper/vg-root");
        var task = lvm.Plan();
        LayoutSanity.Check(task);
        Assert.Equal([DeviceReference.OnDisk(1, 1)], Assert.Single(task.Plan.Layout.VolumeGroups).PhysicalVolumes);
        Assert.Equal(PartitionTableKind.Gpt, task.Plan.Layout.Disks[1].PartitionTable);

        var alone = LayoutCase.Load("raid5-mbr").With("21 1 9:0 / /boot rw,relatime shared:1 - ext4 /dev/md0 rw\n", "");
        var error = alone.Errors()[0];
        Assert.Equal(ErrorIds.PlanNotPossible, error.Id);
        Assert.Contains("2 TB only", error.What, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Names(LayoutCase layoutCase, BlockDeviceKind kind) =>
        layoutCase.Facts.BlockDevices.Where(device => device.Kind == kind).Select(device => device.Name);
}
