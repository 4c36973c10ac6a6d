using LinuxP2V.Agent.Copy;
using LinuxP2V.Agent.Copy.Blocks;
using LinuxP2V.Agent.Copy.Manifests;
using LinuxP2V.Agent.Copy.Streams;
using LinuxP2V.Agent.Source;
using LinuxP2V.Agent.Storage;
using LinuxP2V.Agent.Tests.Session;
using LinuxP2V.Agent.Tests.Source;
using LinuxP2V.Agent.Tests.Storage;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;
using static LinuxP2V.Agent.Tests.Storage.Layouts;

namespace LinuxP2V.Agent.Tests.Copy.Blocks;

/// <summary>Real file systems on both ends, a real sshd, the copy's disk partitioned by the product.</summary>
public sealed class BlockVolumeCopierTests : IDisposable
{
    private const int DataMiB = 320;

    private readonly TestSshServer server = new();
    private readonly EventRecorder events = new();
    private readonly LoopDisks disks = new((DataMiB + 110) * MiB);
    private readonly string state = Directory.CreateTempSubdirectory("p2v-state-").FullName;

    [Theory]
    [InlineData("mkfs.ext4 -q -F", FileSystemKind.Ext4)]
    [InlineData("mkfs.ext4 -q -F -b 1024 -O ^metadata_csum,^64bit", FileSystemKind.Ext4)]
    [InlineData("mkfs.xfs -q -f", FileSystemKind.Xfs)]
    public async Task A_volume_that_keeps_still_comes_by_its_used_blocks(string make, FileSystemKind kind)
    {
        using var from = new LoopVolume(DataMiB, make, kind);
        Shell.Run($$"""
            mkdir -p d/sub many; for i in $(seq 500); do echo $i > many/f$i; done; ln many/f1 d/link; ln -s x d/symlink; mkfifo d/fifo; mknod d/dev c 10 200
            head -c 5000000 /dev/urandom > d/random; setfattr -n user.note -v v d/random; setfacl -m u:1234:r d/random; chattr +i many/f2
            truncate -s 30M d/sparse; printf x | dd of=d/sparse bs=1 seek=20000000 conv=notrunc status=none; touch -d '2001-02-03 04:05:06.123456789' d/random
            head -c 60000000 /dev/urandom > deleted; sync; rm deleted; sync; mount -o remount,ro {{from.MountPoint}}
            """, from.MountPoint);
        var (storage, target, volume) = await PrepareAsync(from);

        var result = await CopyAsync(storage, target, volume, CopyMode.Auto);

        Assert.Equal(from.Fingerprint(), LoopVolume.FingerprintOf(target.VolumePaths[volume.Id]));
        Assert.Equal(
            LoopDisks.Run("blkid", "-p", "-s", "UUID", "-o", "value", from.MountPoint + "/../image"),
            LoopDisks.Run("blkid", "-p", "-s", "UUID", "-o", "value", target.VolumeDevices[volume.Id]));
        // The 60 MB that were deleted stay behind; the log of an XFS this size is 64 MiB, and in use.
        Assert.InRange(result.Bytes, 5_000_000, kind == FileSystemKind.Xfs ? 100_000_000 : 60_000_000);
        Assert.Equal(long.Parse(Shell.Run("find . -printf x | wc -c", from.MountPoint), null), result.Files);
        Assert.Equal((result.Bytes, result.Bytes), (events.Of<VolumeProgressEvent>()[^1].BytesDone, events.Of<VolumeProgressEvent>()[^1].BytesTotal));
        Assert.Equal(result.Files, StoredManifest.Load(target.RecordOf(volume).ManifestPath).Manifest.Count);
        await storage.ReleaseAsync(target, events, default);
        Shell.Run(kind == FileSystemKind.Xfs ? $"xfs_repair -n {target.VolumeDevices[volume.Id]}" : $"e2fsck -fn {target.VolumeDevices[volume.Id]}");
    }

    [Fact]
    public async Task A_volume_in_use_is_copied_by_files_and_blocks_that_were_asked_for_are_refused_with_the_reason()
    {
        using var from = new LoopVolume(DataMiB);
        var (storage, target, volume) = await PrepareAsync(from);

        Assert.Equal(7, (await CopyAsync(storage, target, volume, CopyMode.Auto)).Files);
        Assert.Contains(events.Of<LogEvent>(), e => e.Message.Contains("file by file: it can be written to", StringComparison.Ordinal));

        var error = await Assert.ThrowsAsync<AgentException>(() => CopyAsync(storage, target, volume, CopyMode.Block));
        Assert.Equal(ErrorIds.BlockCopyNotPossible, error.Error.Id);

        Shell.Run($"mount -o remount,ro {from.MountPoint}");
        Assert.Equal(7, (await CopyAsync(storage, target, volume, CopyMode.File)).Files);
        Assert.Equal(7, (await CopyAsync(storage, target, volume with { ExcludedPaths = [from.MountPoint + "/x"] }, CopyMode.Auto)).Files);
        Assert.Contains("left out", events.Of<LogEvent>()[^1].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_volume_of_another_size_is_copied_by_files()
    {
        using var from = new LoopVolume(DataMiB - 40);
        Shell.Run($"mount -o remount,ro {from.MountPoint}");
        var (storage, target, volume) = await PrepareAsync(from);

        Assert.Equal(7, (await CopyAsync(storage, target, volume, CopyMode.Auto)).Files);
        Assert.Contains("its size changes", events.Of<LogEvent>()[^1].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_copy_that_is_stopped_leaves_an_empty_volume_and_the_next_one_completes()
    {
        using var from = new LoopVolume(DataMiB);
        Shell.Run($"head -c 100000000 /dev/urandom > big; sync; mount -o remount,ro {from.MountPoint}", from.MountPoint);
        var (storage, target, volume) = await PrepareAsync(from);
        using var cancelled = new CancellationTokenSource();
        var limiter = new BandwidthLimiter();
        limiter.Set(80);
        cancelled.CancelAfter(TimeSpan.FromSeconds(2));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => CopyAsync(storage, target, volume, CopyMode.Block, limiter, cancelled.Token));

        Assert.Equal("", Shell.Run("find . -type f", target.VolumePaths[volume.Id]));
        Assert.False(((TargetJournal)target.Journal).IsOverwriting(volume.Id));
        await CopyAsync(storage, target, volume, CopyMode.Block);
        Assert.Equal(from.Fingerprint(), LoopVolume.FingerprintOf(target.VolumePaths[volume.Id]));
    }

    [Fact]
    public async Task A_volume_that_a_killed_helper_left_half_written_is_made_anew()
    {
        using var from = new LoopVolume(DataMiB);
        var (storage, target, volume) = await PrepareAsync(from);
        ((TargetJournal)target.Journal).MarkOverwriting(volume.Id);
        target.Journal.MarkVolumeComplete("/", 1, 2);
        Shell.Run($"umount {target.VolumePaths[volume.Id]}; head -c 50000000 /dev/urandom > {target.VolumeDevices[volume.Id]}");

        var again = await storage.PrepareAsync("c", target.Layout, events, default);

        Assert.Equal("", Shell.Run("find . -type f", again.VolumePaths[volume.Id]));
        Assert.True(again.Journal.IsVolumeComplete("/"));
        Assert.False(((TargetJournal)again.Journal).IsOverwriting(volume.Id));
    }

    [Fact]
    public async Task The_journal_outlives_the_root_volume_that_it_lies_on()
    {
        using var from = new LoopVolume(100);
        Shell.Run($"mkdir .linuxp2v; echo theirs > .linuxp2v/journal.jsonl; echo root > f; mount -o remount,ro {from.MountPoint}", from.MountPoint);
        using var data = new LoopVolume(DataMiB);
        var (storage, target, _) = await PrepareAsync(data);
        var root = target.Layout.Volumes[0];

        await storage.OverwriteAsync(
            target, root, _ => Task.Run(() => Shell.Run($"dd if={from.MountPoint}/../image of={target.VolumeDevices["/"]} bs=1M conv=notrunc status=none")), events, default);
        target.Journal.MarkVolumeComplete("/", 5, 6);

        Assert.Equal("root\n", File.ReadAllText(target.VolumePaths["/"] + "/f"));
        var again = await storage.PrepareAsync("c", target.Layout, events, default);
        Assert.True(again.Journal.IsVolumeComplete("/"));

        await Assert.ThrowsAsync<InvalidOperationException>(() => storage.OverwriteAsync(again, root, _ => throw new InvalidOperationException(), events, default));
        Assert.Equal("", Shell.Run("find . -name f", again.VolumePaths["/"]));
        Assert.True(TargetJournal.Open(again.VolumePaths["/"])?.IsVolumeComplete("/"));
    }

    public void Dispose()
    {
        disks.Dispose();
        server.Dispose();
        Directory.Delete(state, recursive: true);
    }

    /// <summary>A root of 100 MiB and the volume in the rest of the disk.</summary>
    private async Task<(TargetStorage Storage, MountedTarget Target, TargetVolume Volume)> PrepareAsync(LoopVolume from)
    {
        var layout = new TargetLayout
        {
            Firmware = Firmware.Bios,
            Disks =
            [
                new TargetDisk
                {
                    Number = 0,
                    SizeBytes = (DataMiB + 110) * MiB,
                    Address = new DiskAddress(DiskController.Pvscsi, 0, 0),
                    PartitionTable = PartitionTableKind.Gpt,
                    Partitions =
                    [
                        new() { Number = 1, StartBytes = MiB, SizeBytes = 100 * MiB, Type = LinuxType },
                        new() { Number = 2, StartBytes = 102 * MiB, SizeBytes = DataMiB * MiB, Type = LinuxType },
                    ],
                },
            ],
            Volumes =
            [
                Volume("/", 1, new FileSystemSpec { Kind = FileSystemKind.Ext4, Ext = Ext() }, "/dev/sda1"),
                Volume(from.MountPoint, 2, new FileSystemSpec { Kind = from.Kind }, "/dev/sda2"),
            ],
        };
        var storage = disks.Storage();
        var target = await storage.PrepareAsync("c", layout, events, default);
        return (storage, target, layout.Volumes[1]);
    }

    private async Task<VolumeCopyResult> CopyAsync(
        TargetStorage storage, MountedTarget target, TargetVolume volume, CopyMode mode, BandwidthLimiter? limiter = null, CancellationToken cancellationToken = default)
    {
        await using var source = await new SshSourceConnector(state).ConnectAsync(server.Access(), events, default);
        var work = await Works.CreateAsync(source, volume, target.VolumePaths[volume.Id], events, new CopyOptions { Mode = mode }, limiter);
        await using var streams = work.Streams;
        return await new BlockVolumeCopier(new FilesCopier()).CopyAsync(
            work with
            {
                TargetDevice = target.VolumeDevices[volume.Id],
                Record = target.RecordOf(target.Layout.Volumes.Single(v => v.Id == volume.Id)),
                OverwriteAsync = (writeAsync, token) => storage.OverwriteAsync(target, volume, writeAsync, events, token),
            },
            cancellationToken);
    }

    /// <summary>Stands in for the copier of files, which has tests of its own.</summary>
    private sealed class FilesCopier : IVolumeCopier
    {
        public Task<VolumeCopyResult> CopyAsync(VolumeWork work, CancellationToken cancellationToken) =>
            Task.FromResult(new VolumeCopyResult(0, 7, TimeSpan.Zero));
    }
}
