using System.Diagnostics;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Storage;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;
using static LinuxP2V.Tests.Shared.Layouts;

namespace LinuxP2V.Agent.Tests.Storage;

/// <summary>The whole of storage on loop devices.</summary>
[Collection(ExclusiveTestGroup.Name)]
public sealed class TargetStorageTests
{
    private const string Id = "conversion-1";

    [RootFact("sfdisk", "mke2fs", "partx")]
    public async Task Prepare_makes_the_layout_exactly()
    {
        using var disks = new LoopDisks(1200 * MiB);
        var layout = DebianBios(600);
        var target = await disks.Storage().PrepareAsync(Id, layout, new RecordingSink(), CancellationToken.None);

        var table = LoopDisks.Run("sfdisk", "-d", disks[0]);
        Assert.Contains("label-id: 6B8B4567-327B-4C3A-A9B3-2EFA5C1B7D01", table, StringComparison.Ordinal);
        Assert.Matches(@"p1 : start= +34, size= +2014, type=21686148-6449-6E6F-744E-656564454649", table);
        Assert.Matches(
            @"p2 : start= +2048, size= +819200, type=0FC63DAF.*uuid=11111111-2222-4333-8444-555555555555.*LegacyBIOSBootable",
            table
        );
        Assert.Contains("name=\"boot \\x22a\\x22\"", table, StringComparison.Ordinal);

        var super = LoopDisks.Run("dumpe2fs", "-h", target.VolumeDevices["/"]);
        var features = super
            .Split('\n')
            .Single(line => line.StartsWith("Filesystem features:", StringComparison.Ordinal))
            .Split(':')[1]
            .Split(' ', StringSplitOptions.RemoveEmptyEntries);
        // needs_recovery and orphan_present say that it is mounted.
        Assert.Equal(Ext4Features.Order(), features.Except(["orphan_present"]).Order());
        Assert.Contains(RootUuid, super, StringComparison.Ordinal);
        Assert.Matches("Filesystem volume name: +root", super);
        Assert.Matches("Default mount options: +user_xattr acl", super);
        Assert.Equal(SwapUuid, LoopDisks.Run("blkid", "-p", "-s", "UUID", "-o", "value", target.VolumeDevices[$"swap:{SwapUuid}"]).Trim());
        Assert.Equal(["/", "/boot"], target.VolumePaths.Keys.Order());
        Assert.True(File.Exists(Path.Combine(target.VolumePaths["/"], ".linuxp2v/journal.jsonl")));

        await disks.Storage().ReleaseAsync(target, new RecordingSink(), CancellationToken.None);
        Assert.Empty(Mounts.Below(disks.Settings.VolumesRoot, await File.ReadAllTextAsync("/proc/self/mountinfo")));
    }

    [RootFact("sfdisk", "mke2fs", "partx")]
    public async Task A_second_prepare_keeps_what_is_there()
    {
        using var disks = new LoopDisks(1200 * MiB);
        var sink = new RecordingSink();
        var target = await disks.Storage().PrepareAsync(Id, DebianBios(600), sink, CancellationToken.None);
        await File.WriteAllTextAsync(Path.Combine(target.VolumePaths["/boot"], "kept"), "yes");
        target.Journal.MarkVolumeComplete("/boot", 3, 1);

        // The mounts of the broken run are still there: they must not matter. Fresh usage numbers do not make another layout.
        var fresh = DebianBios(600);
        fresh = fresh with { Volumes = [.. fresh.Volumes.Select(volume => volume with { UsedBytes = 77 })] };
        var again = await disks.Storage().PrepareAsync(Id, fresh, sink, CancellationToken.None);

        Assert.Equal("yes", await File.ReadAllTextAsync(Path.Combine(again.VolumePaths["/boot"], "kept")));
        Assert.True(again.Journal.IsVolumeComplete("/boot"));
        Assert.False(again.Journal.IsVolumeComplete("/"));
        Assert.False(again.Journal.IsReconfigured);
    }

    [RootFact("sfdisk", "mke2fs", "partx", "unshare")]
    public async Task A_copy_that_something_holds_for_a_while_is_waited_for_and_kept()
    {
        using var disks = new LoopDisks(1200 * MiB);
        var target = await disks.Storage().PrepareAsync(Id, DebianBios(600), new RecordingSink(), CancellationToken.None);
        await File.WriteAllTextAsync(Path.Combine(target.VolumePaths["/"], "kept"), "yes");

        // What is mounted here stays mounted there: the kernel refuses to mount it read-only meanwhile.
        using var holder = Process.Start(
            new ProcessStartInfo("unshare", ["-m", "--propagation", "private", "sh", "-c", "echo held; cat"])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            }
        )!;
        Assert.Equal("held", await holder.StandardOutput.ReadLineAsync(CancellationToken.None));
        var sink = new RecordingSink();
        var preparing = disks.Storage().PrepareAsync(Id, DebianBios(600), sink, CancellationToken.None);
        while (
            !preparing.IsCompleted
            && !sink.Events.OfType<LogEvent>().Any(entry => entry.Message.StartsWith("The disks carry", StringComparison.Ordinal))
        )
            await Task.Delay(20);
        // The look inside comes next.
        await Task.Delay(1000);
        holder.StandardInput.Close();
        var again = await preparing;

        Assert.Equal("yes", await File.ReadAllTextAsync(Path.Combine(again.VolumePaths["/"], "kept")));
        await holder.WaitForExitAsync(CancellationToken.None);
    }

    [RootFact("sfdisk", "mke2fs", "partx")]
    public async Task An_unfinished_copy_of_another_conversion_is_formatted_over()
    {
        using var disks = new LoopDisks(1200 * MiB);
        var target = await disks.Storage().PrepareAsync(Id, DebianBios(600), new RecordingSink(), CancellationToken.None);
        await File.WriteAllTextAsync(Path.Combine(target.VolumePaths["/"], "old"), "x");

        var again = await disks.Storage().PrepareAsync("conversion-2", DebianBios(500), new RecordingSink(), CancellationToken.None);

        Assert.False(File.Exists(Path.Combine(again.VolumePaths["/"], "old")));
    }

    [RootFact("sfdisk", "mke2fs", "partx")]
    public async Task A_whole_copy_and_a_finished_machine_are_never_formatted_over()
    {
        using var disks = new LoopDisks(1200 * MiB);
        var storage = disks.Storage();
        var sink = new RecordingSink();
        var target = await storage.PrepareAsync(Id, DebianBios(600), sink, CancellationToken.None);
        target.Journal.MarkVolumeComplete("/", 1, 1);
        target.Journal.MarkVolumeComplete("/boot", 1, 1);

        var failure = await Assert.ThrowsAsync<AgentException>(() =>
            storage.PrepareAsync("conversion-2", DebianBios(500), sink, CancellationToken.None)
        );
        Assert.Equal(ErrorIds.OperationOutOfOrder, failure.Error.Id);
        Assert.Contains(Id, failure.Error.Cause, StringComparison.Ordinal);

        target = await storage.PrepareAsync(Id, DebianBios(600), sink, CancellationToken.None);
        await storage.MarkFinishedAsync(target, sink, CancellationToken.None);
        Assert.True(File.Exists(Path.Combine(target.VolumePaths["/boot"], ".linuxp2v-finished")));
        Assert.False(Directory.Exists(Path.Combine(target.VolumePaths["/"], ".linuxp2v")));
        failure = await Assert.ThrowsAsync<AgentException>(() => storage.PrepareAsync(Id, DebianBios(600), sink, CancellationToken.None));
        Assert.Equal(ErrorIds.OperationOutOfOrder, failure.Error.Id);
    }

    [RootFact("sfdisk", "mkfs.xfs", "mkfs.btrfs", "mkfs.vfat")]
    public async Task Mbr_with_logical_partitions_and_the_other_file_systems()
    {
        using var disks = new LoopDisks(1600 * MiB);
        const string XfsUuid = "0f6f0b8c-7f3e-4b8a-9a52-0d7a2a3b1c04";
        const string BtrfsUuid = "0f6f0b8c-7f3e-4b8a-9a52-0d7a2a3b1c05";
        var old = new XfsParameters
        {
            Crc = true,
            FreeInodeBtree = true,
            SparseInodes = false,
            FileType = true,
            InodeSizeBytes = 512,
            NamingBlockSizeBytes = 4096,
        };
        var layout = new TargetLayout
        {
            Firmware = Firmware.Bios,
            Disks =
            [
                new TargetDisk
                {
                    Number = 0,
                    SizeBytes = 1600 * MiB,
                    Address = new DiskAddress(DiskController.LsiLogic, 0, 0),
                    PartitionTable = PartitionTableKind.Mbr,
                    Identifier = "0badcafe",
                    IsBootDisk = true,
                    Partitions =
                    [
                        new()
                        {
                            Number = 1,
                            StartBytes = MiB,
                            SizeBytes = 400 * MiB,
                            Type = "83",
                            IsActive = true,
                        },
                        new()
                        {
                            Number = 5,
                            StartBytes = 402 * MiB,
                            SizeBytes = 400 * MiB,
                            Type = "83",
                        },
                        new()
                        {
                            Number = 6,
                            StartBytes = 803 * MiB,
                            SizeBytes = 400 * MiB,
                            Type = "83",
                        },
                    ],
                },
            ],
            Volumes =
            [
                Volume(
                    "/",
                    1,
                    new FileSystemSpec
                    {
                        Kind = FileSystemKind.Xfs,
                        Uuid = XfsUuid,
                        Label = "x",
                        Xfs = old,
                    },
                    "/dev/sda1"
                ),
                Volume(
                    "/srv",
                    5,
                    new FileSystemSpec
                    {
                        Kind = FileSystemKind.Btrfs,
                        Uuid = BtrfsUuid,
                        BtrfsFeatures = ["extref", "skinny-metadata", "made-up"],
                    },
                    "/dev/sda5"
                ) with
                {
                    MountOptions = "rw,compress=zstd:3,subvol=/@srv",
                },
                Volume(
                    "/srv/log",
                    5,
                    new FileSystemSpec
                    {
                        Kind = FileSystemKind.Btrfs,
                        Uuid = BtrfsUuid,
                        BtrfsFeatures = ["extref"],
                    },
                    "/dev/sda5"
                ) with
                {
                    MountOptions = "rw,compress=zstd:3",
                    Subvolume = new TargetSubvolume("@srv/logs/today") { IsDefault = true },
                },
                Volume(
                    "/old",
                    6,
                    new FileSystemSpec
                    {
                        Kind = FileSystemKind.Ext3,
                        Ext = new ExtParameters
                        {
                            Features = ["has_journal", "ext_attr", "resize_inode", "dir_index", "filetype", "sparse_super", "large_file"],
                            InodeSizeBytes = 128,
                            InodeCount = 50_000,
                            SourceSizeBytes = 800 * MiB,
                            DefaultMountOptions = ["(none)"],
                        },
                    },
                    "/dev/sda6"
                ),
            ],
        };
        var sink = new RecordingSink();
        var target = await disks.Storage().PrepareAsync(Id, layout, sink, CancellationToken.None);

        var table = LoopDisks.Run("sfdisk", "-d", disks[0]);
        Assert.Contains("label-id: 0x0badcafe", table, StringComparison.Ordinal);
        Assert.Matches(@"p1 : start= +2048, size= +819200, type=83, bootable", table);
        Assert.Matches(@"p4 : .*type=f", table);
        Assert.Matches(@"p5 : start= +823296, size= +819200, type=83", table);
        var info = LoopDisks.Run("xfs_info", target.VolumePaths["/"]);
        Assert.Matches("crc=1 +finobt=1, sparse=0, rmapbt=0", info);
        Assert.Matches("reflink=0 +bigtime=0 inobtcount=0", info);
        Assert.Equal(XfsUuid, LoopDisks.Run("blkid", "-p", "-s", "UUID", "-o", "value", target.VolumeDevices["/"]).Trim());
        var list = LoopDisks.Run("btrfs", "subvolume", "list", "-a", target.VolumePaths["/srv"]);
        Assert.Contains("@srv/logs/today", list, StringComparison.Ordinal);
        Assert.EndsWith(
            "@srv/logs/today",
            LoopDisks.Run("btrfs", "subvolume", "get-default", target.VolumePaths["/srv"]).Trim(),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "compress=zstd:3",
            LoopDisks.Run("findmnt", "-no", "OPTIONS", target.VolumePaths["/srv/log"]),
            StringComparison.Ordinal
        );
        Assert.Contains(sink.Warnings, warning => warning.Contains("made-up", StringComparison.Ordinal));
        var ext3 = LoopDisks.Run("dumpe2fs", "-h", target.VolumeDevices["/old"]);
        Assert.DoesNotContain("extent", ext3, StringComparison.Ordinal);
        Assert.DoesNotContain("metadata_csum", ext3, StringComparison.Ordinal);
        Assert.Matches("Inode size:\\s+128", ext3);
        Assert.Matches("Inode count:\\s+25[0-9]{3}", ext3);
        Assert.Matches("Default mount options: +\\(none\\)", ext3);
    }

    [RootFact("sfdisk")]
    public async Task Partitions_beyond_the_disk_are_refused_before_it_is_written()
    {
        using var disks = new LoopDisks(100 * MiB);
        var layout = DebianBios(600);
        layout = layout with { Disks = [layout.Disks[0] with { SizeBytes = 100 * MiB }] };
        var failure = await Assert.ThrowsAsync<AgentException>(() =>
            disks.Storage().PrepareAsync(Id, layout, new RecordingSink(), CancellationToken.None)
        );
        Assert.Equal(ErrorIds.TargetDiskFull, failure.Error.Id);
        Assert.Contains("104857600", failure.Error.Cause, StringComparison.Ordinal);
    }

    [RootFact("dm", "lvm", "mkfs.xfs")]
    [Trait("Run", "Guest")]
    public async Task Lvm_keeps_its_names_and_is_taken_up_again()
    {
        var layout = DebianBios(600) with
        {
            VolumeGroups =
            [
                new TargetVolumeGroup
                {
                    Name = "vg-data",
                    ExtentSizeBytes = 4 * MiB,
                    PhysicalVolumes = [DeviceReference.OnDisk(0, 3)],
                    LogicalVolumes = [new("lv-root", 400 * MiB), new("swap_1", 100 * MiB)],
                },
            ],
        };
        layout = layout with
        {
            Disks = [layout.Disks[0] with { SizeBytes = 1200 * MiB }],
            Volumes = [layout.Volumes[1], layout.Volumes[0] with { Device = DeviceReference.OnVolumeGroup("vg-data", "lv-root") }],
        };
        using var larger = new LoopDisks(1200 * MiB);
        var target = await larger.Storage().PrepareAsync(Id, layout, new RecordingSink(), CancellationToken.None);
        Assert.Equal("/dev/mapper/vg--data-lv--root", target.VolumeDevices["/"]);
        await File.WriteAllTextAsync(Path.Combine(target.VolumePaths["/"], "kept"), "yes");
        await larger.Storage().ReleaseAsync(target, new RecordingSink(), CancellationToken.None);
        Assert.False(File.Exists(target.VolumeDevices["/"]));
        var again = await larger.Storage().PrepareAsync(Id, layout, new RecordingSink(), CancellationToken.None);
        Assert.True(File.Exists(Path.Combine(again.VolumePaths["/"], "kept")));
        await larger.Storage().ReleaseAsync(again, new RecordingSink(), CancellationToken.None);
    }
}
