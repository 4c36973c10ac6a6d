using LinuxP2V.Engine.Tasks;
using LinuxP2V.Engine.Tests.Tasks;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Tests.Layouts;

/// <summary>The right answer for each machine: what is planned, or why not, and what its admin is told.</summary>
public sealed class LayoutCaseTests
{
    private const long GiB = SourceFactsBuilder.GiB;
    private const string BiosBoot = SampleSources.BiosBoot;

    [Fact]
    public void Each_case_has_an_answer() =>
        Assert.Equal(
            LayoutCase.Names,
            Refused.Select(row => (string)row[0]).Concat(Planned.Select(row => (string)row[0])).Distinct().Order(StringComparer.Ordinal)
        );

    /// <summary>Name, error id, a part of the reason, a part of the remedy.</summary>
    public static TheoryData<string, string, string, string> Refused =>
        new()
        {
            { "sles-mkinitrd", ErrorIds.ReconfigurationToolMissing, "mkinitrd", "-SkipReconfiguration" },
            { "grub-legacy", ErrorIds.BootLoaderNotSupported, "/boot/grub/menu.lst", "Install GRUB 2" },
            { "bind-only", ErrorIds.PlanNotPossible, "Only the folder /www", "mount /dev/sdb1 /mnt" },
            { "btrfs-compressed", ErrorIds.VolumeTooSmall, "needs at least 109.5 GB", "'/data' = 110" },
            { "docker-root", ErrorIds.SourceNotConvertible, "overlay", "Convert the machine that runs it" },
            { "lxc", ErrorIds.SourceNotConvertible, "a device of another machine", "Convert the machine that runs it" },
            { "ostree", ErrorIds.SourceNotConvertible, "OSTree", "Install the same image" },
            { "esp-elsewhere", ErrorIds.EfiSystemPartitionMissing, "mounted at /boot/EFI", "Mount it at /boot/efi" },
            { "huge", ErrorIds.DiskTooLarge, "62 TB at most", "-VolumeSize" },
            { "lv-on-lv", ErrorIds.PlanNotPossible, "a group inside a group", "-ExcludeVolume /data" },
            { "thin", ErrorIds.VolumeGroupTooSmall, "room for 99 GB, but its volumes take 260 GB", "-VolumeSize" },
            { "vg-missing-pv", ErrorIds.VolumeGroupIncomplete, "lacks 1 of its physical volumes", "-ExcludeVolume /data" },
            { "zfs", ErrorIds.FileSystemNotSupported, "/ (rpool/ROOT) is zfs", "zfs send" },
        };

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_cannot_be_converted_is_refused_with_its_reason(string name, string id, string reason, string remedy)
    {
        var error = LayoutCase.Load(name).Errors()[0];
        Assert.Equal(id, error.Id);
        Assert.Contains(reason, error.What, StringComparison.Ordinal);
        Assert.Contains(remedy, error.Remedy, StringComparison.Ordinal);
    }

    /// <summary>
    /// Name, disks as table and size in MiB, volumes with their places, ids of warnings and information besides
    /// LiveCopy.
    /// </summary>
    public static TheoryData<string, string[], string[], string[]> Planned =>
        new()
        {
            {
                "4kn",
                ["Gpt 102400", "Gpt 8190978"],
                ["/ Ext4 disk 0 partition 2", "/data Xfs disk 1 partition 1"],
                ["PartitionTableChanged", "SectorSizeChanged"]
            },
            { "asm", ["Mbr 102400"], ["/ Ext4 disk 0 partition 1"], ["RawVolumeNotCopied", "RawVolumeNotCopied"] },
            { "arch-mkinitcpio", ["Mbr 102400"], ["/ Ext4 disk 0 partition 1"], [] },
            { "bcache", ["Gpt 1024000"], ["/ Ext4 disk 0 partition 3", "/boot Ext4 disk 0 partition 2"], ["CacheFlattened"] },
            { "boot-on-usb", ["Mbr 8192", "Gpt 102400"], ["/ Xfs vg0/root", "/boot Ext4 disk 0 partition 1"], [] },
            { "btrfs-one-subvol", ["Gpt 102400"], ["/ Btrfs disk 0 partition 2 @"], ["BtrfsSubvolumesUnknown", "BtrfsCopiedAsFiles"] },
            {
                "btrfs-raid0",
                ["Mbr 102400", "None 204800"],
                ["/ Ext4 disk 0 partition 1", "/data Btrfs disk 1"],
                ["BtrfsSubvolumesUnknown", "BtrfsDevicesJoined", "BtrfsCopiedAsFiles"]
            },
            { "cciss", ["Mbr 139264"], ["/ Ext3 VolGroup00/LogVol00", "/boot Ext3 disk 0 partition 1"], [] },
            { "clone-attached", ["Mbr 102400"], ["/ Ext4 disk 0 partition 1"], [] },
            { "covered", ["Mbr 102400", "None 204800"], ["/ Ext4 disk 0 partition 1", "/data Ext4 disk 1"], ["CoveredMount"] },
            { "crypt-on-loop", ["Mbr 102400"], ["/ Ext4 disk 0 partition 1"], ["SkippedFileSystem"] },
            { "dashes", ["Mbr 102400"], ["/ Ext4 a-b/c", "/x Ext4 a/b-c"], [] },
            { "docker-loop-lvm", ["Mbr 102400"], ["/ Ext4 disk 0 partition 1"], ["SkippedFileSystem"] },
            { "drbd", ["Mbr 102400", "None 51198"], ["/ Ext4 vg0/root", "/srv/mysql Ext4 disk 1"], ["ReplicaFlattened"] },
            { "emmc", ["Gpt 32768"], ["/ Ext4 disk 0 partition 2"], [] },
            { "gpt-bios-nobiosgrub", ["Gpt 102400"], ["/ Ext4 disk 0 partition 1"], ["BiosBootPartitionAdded"] },
            { "hotplug-data", ["Mbr 102400"], ["/ Ext4 disk 0 partition 1"], ["SkippedFileSystem"] },
            { "imsm", ["Gpt 486400"], ["/ Xfs disk 0 partition 2", "/boot/efi Vfat disk 0 partition 1"], ["MdRaidFlattened"] },
            {
                "luks-lvm-md",
                ["Gpt 102400"],
                ["/ Ext4 vg-x/root-1", "/boot Ext4 disk 0 partition 2", "swap:00000011-0000-4000-8000-000000000011 Swap vg-x/swap_1"],
                ["LuksFlattened", "MdRaidFlattened", "MdRaidFlattened"]
            },
            { "lvm-raid-cache", ["Mbr 102400", "None 102400"], ["/ Ext4 vg0/root"], ["LvmLayoutFlattened"] },
            { "mpath", ["Gpt 204800"], ["/ Xfs vg0/root", "/boot Ext4 disk 0 partition 2"], ["MultipathFlattened"] },
            { "mpath-gpt", ["Gpt 20480"], ["/ Ext4 disk 0 partition 3", "/boot Ext4 disk 0 partition 2"], ["MultipathFlattened"] },
            {
                "mpath-mbr-logical",
                ["Mbr 20480"],
                [
                    "/ Ext4 disk 0 partition 6",
                    "/boot Ext4 disk 0 partition 1",
                    "swap:00000002-0000-4000-8000-000000000002 Swap disk 0 partition 5",
                ],
                ["MultipathFlattened"]
            },
            {
                "names",
                ["Mbr 102400", "Gpt 10240"],
                ["/ Ext4 disk 0 partition 1", "/mnt/back\\slash Xfs disk 1 partition 2", "/srv/Meine Daten \"ü\" Ext4 disk 1 partition 1"],
                []
            },
            { "nvme-mp", ["Gpt 102400"], ["/ Ext4 disk 0 partition 2", "/boot/efi Vfat disk 0 partition 1"], [] },
            { "pv-byid", ["Mbr 102400"], ["/ Ext4 vg0/root"], [] },
            {
                "raid5-mbr",
                ["Mbr 1026", "Gpt 6113282"],
                ["/ Xfs disk 1 partition 1", "/boot Ext4 disk 0 partition 1"],
                ["PartitionTableChanged", "MdRaidFlattened", "MdRaidFlattened"]
            },
            { "raw-lv", ["Mbr 102400"], ["/ Ext4 vg0/root"], ["RawVolumeNotCopied", "RawVolumeNotCopied"] },
            {
                "swaps",
                ["Mbr 102400", "Gpt 20480"],
                ["/ Ext4 disk 0 partition 1", "swap:00000004-0000-4000-8000-000000000004 Swap disk 1 partition 1"],
                ["LuksFlattened", "SwapFile"]
            },
            { "systemd-boot", ["Gpt 102400"], ["/ Ext4 disk 0 partition 2", "/boot Vfat disk 0 partition 1"], [] },
            {
                "two-esp",
                ["Gpt 102400", "Gpt 102400"],
                ["/ Ext4 disk 0 partition 2", "/boot/efi Vfat disk 0 partition 1", "/boot/efi2 Vfat disk 1 partition 1"],
                ["MdRaidFlattened"]
            },
            { "vdo", ["Gpt 102400", "None 10240000"], ["/ Xfs disk 0 partition 2", "/vdo Xfs disk 1"], ["DeduplicationFlattened"] },
            { "vg-twice", ["Mbr 102400"], ["/ Ext4 vg0/root"], ["VolumeGroupNameTwice"] },
            {
                "xfs-logdev",
                ["Mbr 102400", "Gpt 512000"],
                ["/ Ext4 disk 0 partition 1", "/data Xfs disk 1 partition 1"],
                ["ExternalLogMerged"]
            },
        };

    [Theory]
    [MemberData(nameof(Planned))]
    public void What_can_be_converted_is_planned_as_it_should_be(string name, string[] disks, string[] volumes, string[] findings)
    {
        var layoutCase = LayoutCase.Load(name);
        var layout = layoutCase.Plan().Plan.Layout;
        Assert.Equal(disks, layout.Disks.Select(disk => $"{disk.PartitionTable} {disk.SizeBytes >> 20}"));
        Assert.Equal(
            volumes,
            layout.Volumes.Select(volume => $"{volume.Id} {volume.FileSystem.Kind} {volume.Device} {volume.Subvolume?.Path}".TrimEnd())
        );
        Assert.Equal(
            findings.Order(StringComparer.Ordinal),
            layoutCase
                .Inspect()
                .Select(finding => finding.Id)
                .Where(id => id is not ("LiveCopy" or "DistributionProof"))
                .Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public void A_BIOS_boot_partition_is_added_before_the_first_MiB_where_GRUB_needs_one()
    {
        var partitions = LayoutCase.Load("gpt-bios-nobiosgrub").Plan().Plan.Layout.Disks[0].Partitions;
        var added = Assert.Single(partitions, partition => partition.Type == BiosBoot);
        Assert.Equal((2, 34L * 512, 1L << 20), (added.Number, added.StartBytes, added.StartBytes + added.SizeBytes));
        // Not where GRUB is not installed.
        Assert.Single(
            LayoutCase.Load("gpt-bios-nobiosgrub").Plan(new TaskSettings { SkipReconfiguration = true }).Plan.Layout.Disks[0].Partitions
        );
    }

    [Fact]
    public void A_disk_that_calls_itself_removable_can_be_chosen()
    {
        var hotplug = LayoutCase.Load("hotplug-data");
        foreach (var pattern in new[] { "/data", "/dat*", "/dev/sdb1", "/data/" })
        {
            var chosen = new TaskSettings { IncludeVolumes = [pattern] };
            var task = hotplug.Plan(chosen);
            LayoutSanity.Check(task);
            Assert.Equal(DeviceReference.OnDisk(1, 1), task.Volume("/data").Device);
            Assert.Contains(
                task.Plan.Skipped,
                skipped => skipped is { MountPoint: "/opt/app", Reason: "another view of a volume that is listed already" }
            );
            Assert.DoesNotContain(hotplug.Inspect(chosen), finding => finding.Id == "SkippedFileSystem");
        }

        // Left out and chosen: left out. Chosen although it is copied anyway: copied.
        Assert.Single(hotplug.Plan(new TaskSettings { IncludeVolumes = ["/data"], ExcludeVolumes = ["/data"] }).Plan.Layout.Volumes);
        Assert.Single(hotplug.Plan(new TaskSettings { IncludeVolumes = ["/"] }).Plan.Layout.Volumes);
        Assert.Equal(ErrorIds.VolumeNotFound, hotplug.Errors(new TaskSettings { IncludeVolumes = ["/dta"] })[0].Id);
        var network = hotplug.With("- xfs /dev/sdb1 rw\n23", "- xfs /dev/sdb1 rw\n24 1 0:50 / /nas rw - nfs4 nas:/x rw\n23");
        Assert.Contains(
            "network file system",
            network.Errors(new TaskSettings { IncludeVolumes = ["/nas"] })[0].What,
            StringComparison.Ordinal
        );
        Assert.Equal(2, network.Plan(new TaskSettings { IncludeVolumes = ["/data"] }).Plan.Layout.Volumes.Count);
    }

    [Fact]
    public void A_size_that_holds_the_data_of_a_compressed_btrfs_is_taken()
    {
        var compressed = LayoutCase.Load("btrfs-compressed");
        var sized = new TaskSettings { VolumeSizes = new Dictionary<string, long> { ["/data"] = 110 * GiB } };
        Assert.Equal("compress=zstd:3", compressed.Plan(sized).Volume("/data").MountOptions);
        Assert.Equal(
            ErrorIds.VolumeTooSmall,
            compressed.Errors(sized with { VolumeSizes = new Dictionary<string, long> { ["/data"] = 105 * GiB } })[0].Id
        );
        // One with room enough needs no other size; one that is switched off is not compressed.
        Assert.Empty(compressed.With("26214400 1310720", "26214400 13107200").Errors());
        Assert.Empty(compressed.With("rw,compress=zstd:3,", "rw,compress=none,").Errors());
    }

    [Fact]
    public void A_log_on_another_device_is_told_to_the_helper_and_no_blocks_are_copied()
    {
        var log = LayoutCase.Load("xfs-logdev");
        Assert.True(log.Plan().Volume("/data").FileSystem.HasExternalLog);
        Assert.False(log.Plan().Volume("/").FileSystem.HasExternalLog);
        Assert.Contains(
            log.Inspect(new TaskSettings { Copy = new CopyOptions { Mode = CopyMode.Block } }),
            finding => finding.Id == "BlockCopyPartial" && finding.Subject == "/data"
        );
        // A journal of ext, which only fstab may name.
        var journal = LayoutCase.Load("covered").With("/dev/sdc /data ext4 defaults", "/dev/sdc /data ext4 journal_path=/dev/sde1");
        Assert.True(journal.Plan().Volume("/data").FileSystem.HasExternalLog);
        // A realtime device holds files, and nothing would make it again.
        var realtime = log.With("noquota", "noquota,rtdev=/dev/sdx");
        Assert.Equal(ErrorIds.FileSystemNotSupported, realtime.Errors()[0].Id);
    }
}
