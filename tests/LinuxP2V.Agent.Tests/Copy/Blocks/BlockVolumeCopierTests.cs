using LinuxP2V.Agent.Copy;
using LinuxP2V.Agent.Copy.Files;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Listing;
using LinuxP2V.Agent.Source;
using LinuxP2V.Agent.Storage;
using LinuxP2V.Agent.Sync;
using LinuxP2V.Agent.Tests.Session;
using LinuxP2V.Agent.Tests.Source;
using LinuxP2V.Agent.Tests.Storage;
using LinuxP2V.Agent.Tests.Sync;
using LinuxP2V.Agent.Volumes;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;
using static LinuxP2V.Tests.Shared.Layouts;

namespace LinuxP2V.Agent.Tests.Copy.Blocks;

/// <summary>Real file systems on both ends, a real sshd, the copy's disk partitioned by the product.</summary>
[Trait("Run", "Full")]
public sealed class BlockVolumeCopierTests : IDisposable
{
    /// <summary>The least that mkfs.xfs takes is 300.</summary>
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
        Shell.Run(
            $$"""
            mkdir -p d/sub many; for i in $(seq 40); do echo $i > many/f$i; done
            ln many/f1 d/link; ln -s x d/symlink; mkfifo d/fifo; mknod d/dev c 10 200
            head -c 5000000 /dev/urandom > d/random; setfattr -n user.note -v v d/random; setfacl -m u:1234:r d/random; chattr +i many/f2
            truncate -s 30M d/sparse; printf x | dd of=d/sparse bs=1 seek=20000000 conv=notrunc status=none
            touch -d '2001-02-03 04:05:06.123456789' d/random
            head -c 60000000 /dev/urandom > deleted; sync deleted; rm deleted; mount -o remount,ro {{from.MountPoint}}
            """,
            from.MountPoint
        );
        var (storage, target, volume) = await PrepareAsync(from);

        var result = await CopyAsync(storage, target, volume, CopyMode.Auto);

        Assert.Equal(from.Fingerprint(), TreeFingerprint.Of(target.VolumePaths[volume.Id]));
        Assert.Equal(
            LoopDisks.Run("blkid", "-p", "-s", "UUID", "-o", "value", from.MountPoint + "/../image"),
            LoopDisks.Run("blkid", "-p", "-s", "UUID", "-o", "value", target.VolumeDevices[volume.Id])
        );
        // The 60 MB that were deleted stay behind; the log of an XFS this size is 64 MiB, and in use.
        Assert.InRange(result.Bytes, 5_000_000, kind == FileSystemKind.Xfs ? 100_000_000 : 60_000_000);
        Assert.Equal(long.Parse(Shell.Run("find . -printf x | wc -c", from.MountPoint), null), result.Files);
        Assert.Equal(
            (result.Bytes, result.Bytes),
            (events.Of<VolumeProgressEvent>()[^1].BytesDone, events.Of<VolumeProgressEvent>()[^1].BytesTotal)
        );
        Assert.Equal(result.Files, StoredManifest.Load(target.RecordOf(volume).ManifestPath, volume).Manifest.Count);
        await storage.ReleaseAsync(target, events, default);
        var device = target.VolumeDevices[volume.Id];
        // Unlike in the field, the source is this machine too: a mount namespace that any test made there holds the copy mounted.
        await DeviceUse.WaitForEndAsync(device, default);
        Shell.Run(kind == FileSystemKind.Xfs ? $"xfs_repair -n {device}" : $"e2fsck -fn {device}");
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
        Shell.Run($"head -c 100000000 /dev/urandom > big; mount -o remount,ro {from.MountPoint}", from.MountPoint);
        var (storage, target, volume) = await PrepareAsync(from);
        using var cancelled = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            CopyAsync(
                storage,
                target,
                volume,
                CopyMode.Block,
                wrap: source => new CutSource(source, 20_000_000, cancelled.Cancel),
                cancellationToken: cancelled.Token
            )
        );

        Assert.Equal("", Shell.Run("find . -type f", target.VolumePaths[volume.Id]));
        Assert.False(((TargetJournal)target.Journal).IsOverwriting(volume.Id));
        await CopyAsync(storage, target, volume, CopyMode.Block);
        Assert.Equal(from.Fingerprint(), TreeFingerprint.Of(target.VolumePaths[volume.Id]));
    }

    [Fact]
    public async Task A_stream_that_breaks_brings_its_blocks_again_and_counts_them_once()
    {
        using var from = new LoopVolume(DataMiB);
        Shell.Run($"head -c 40000000 /dev/urandom > big; mount -o remount,ro {from.MountPoint}", from.MountPoint);
        var (storage, target, volume) = await PrepareAsync(from);
        var isCut = false;

        var result = await CopyAsync(
            storage,
            target,
            volume,
            CopyMode.Block,
            wrap: source => new CutSource(
                source,
                20_000_000,
                () =>
                {
                    isCut = true;
                    server.Stop();
                    server.Start();
                }
            )
        );

        Assert.True(isCut);
        Assert.Equal(from.Fingerprint(), TreeFingerprint.Of(target.VolumePaths[volume.Id]));
        Assert.All(events.Of<VolumeProgressEvent>(), progress => Assert.InRange(progress.BytesDone, 0, result.Bytes));
        Assert.Equal(result.Bytes, events.Of<VolumeProgressEvent>()[^1].BytesDone);
    }

    [Theory]
    [InlineData("mkfs.ext4 -q -F", FileSystemKind.Ext4)]
    [InlineData("mkfs.xfs -q -f", FileSystemKind.Xfs)]
    public async Task What_changed_since_comes_by_files_on_top_of_the_blocks(string make, FileSystemKind kind)
    {
        using var from = new LoopVolume(DataMiB, make, kind);
        Shell.Run(
            $$"""
            mkdir d d/old; for i in 1 2 3 4 5 6 7 8 9; do echo $i > d/f$i; done
            ln d/f1 d/link; echo kept > kept; head -c 3000000 /dev/urandom > d/random
            chattr +i d/f9; mount -o remount,ro {{from.MountPoint}}
            """,
            from.MountPoint
        );
        var (storage, target, volume) = await PrepareAsync(from);
        // Until what was written so far is surely older than the list that begins now.
        SyncPair.Settle();
        await CopyAsync(storage, target, volume, CopyMode.Block);

        var nothing = await SyncAsync(target, volume);
        Shell.Run(
            $$"""
            mount -o remount,rw {{from.MountPoint}}; echo more >> d/f1; rm d/f2; mv d/f3 d/old/moved
            ln d/f4 d/link4; chmod 600 d/f5; rm d/f6; mkdir d/f6; ln -s x d/f7x
            setfattr -n user.note -v v kept; chattr -i d/f9; echo new > d/f9; chattr +i kept
            printf y | dd of=d/random bs=1 seek=1000000 conv=notrunc status=none; touch d
            """,
            from.MountPoint
        );
        var pass = await SyncAsync(target, volume);

        Assert.Equal((0L, 0L, 0L, 0L, 0L), SyncPair.Counts(nothing));
        Assert.Equal(from.Fingerprint(), TreeFingerprint.Of(target.VolumePaths[volume.Id]));
        Assert.InRange(pass.Counts.Bytes, 1, 4_000_000);
        Assert.InRange(pass.Counts.Deleted, 1, 3);
    }

    [Fact]
    public async Task Blocks_travel_packed_where_that_was_asked_for()
    {
        using var from = new LoopVolume(DataMiB);
        Shell.Run(
            "{ yes || :; } 2>/dev/null | head -c 40000000 > text; "
                + $"head -c 2000000 /dev/urandom > random; mount -o remount,ro {from.MountPoint}",
            from.MountPoint
        );
        var (storage, target, volume) = await PrepareAsync(from);
        CutSource? counted = null;

        var result = await CopyAsync(
            storage,
            target,
            volume,
            CopyMode.Block,
            CopyCompression.Zstd,
            source => counted = new CutSource(source, long.MaxValue, () => { })
        );

        Assert.InRange(result.Bytes, 42_000_000, long.MaxValue);
        Assert.InRange(counted!.BytesRead, 2_000_000, 12_000_000);
        Assert.Equal(from.Fingerprint(), TreeFingerprint.Of(target.VolumePaths[volume.Id]));
    }

    [Fact]
    public async Task Blocks_that_give_no_sound_file_system_are_replaced_by_files_unless_they_were_asked_for()
    {
        using var from = new LoopVolume(DataMiB);
        Shell.Run($"echo x > f; mount -o remount,ro {from.MountPoint}", from.MountPoint);
        var (storage, target, volume) = await PrepareAsync(from);
        Task DamageAsync(Func<CancellationToken, Task> writeAsync, CancellationToken token) =>
            storage.OverwriteAsync(
                target,
                volume,
                async t =>
                {
                    await writeAsync(t);
                    Shell.Run($"dd if=/dev/zero of={target.VolumeDevices[volume.Id]} bs=1M count=30 conv=notrunc,fsync status=none");
                },
                events,
                token
            );

        Assert.Equal(7, (await CopyAsync(storage, target, volume, CopyMode.Auto, overwriteAsync: DamageAsync)).Files);
        Assert.Contains(
            events.Of<LogEvent>(),
            e => e.Level == LogLevel.Warning && e.Message.Contains("is copied file by file: The file system", StringComparison.Ordinal)
        );
        var error = await Assert.ThrowsAsync<AgentException>(() =>
            CopyAsync(storage, target, volume, CopyMode.Block, overwriteAsync: DamageAsync)
        );
        Assert.Equal(ErrorIds.CopyFailed, error.Error.Id);
        Assert.Equal("", Shell.Run("find . -type f", target.VolumePaths[volume.Id]));
    }

    [Fact]
    public async Task A_volume_that_is_written_to_while_its_blocks_are_read_is_not_called_whole()
    {
        using var from = new LoopVolume(DataMiB);
        Shell.Run($"head -c 40000000 /dev/urandom > big; mount -o remount,ro {from.MountPoint}", from.MountPoint);
        var (storage, target, volume) = await PrepareAsync(from);

        var error = await Assert.ThrowsAsync<AgentException>(() =>
            CopyAsync(
                storage,
                target,
                volume,
                CopyMode.Block,
                wrap: source => new CutSource(source, 20_000_000, () => Shell.Run($"mount -o remount,rw {from.MountPoint}"))
            )
        );

        Assert.Equal(ErrorIds.VolumeNotFound, error.Error.Id);
        Assert.Equal("", Shell.Run("find . -type f", target.VolumePaths[volume.Id]));
    }

    [Fact]
    public async Task Another_file_system_than_was_planned_for_and_kinds_without_used_blocks_are_not_copied_by_blocks()
    {
        using var from = new LoopVolume(DataMiB);
        Shell.Run($"mount -o remount,ro {from.MountPoint}");
        var (storage, target, volume) = await PrepareAsync(from);
        var other = volume with { FileSystem = volume.FileSystem with { Uuid = "11111111-2222-3333-4444-555555555555" } };

        var error = await Assert.ThrowsAsync<AgentException>(() => CopyAsync(storage, target, other, CopyMode.Block));
        Assert.Contains("holds another file system than was planned for", error.Error.Cause, StringComparison.Ordinal);

        var fat = volume with { FileSystem = new FileSystemSpec { Kind = FileSystemKind.Vfat } };
        Assert.Equal(7, (await CopyAsync(storage, target, fat, CopyMode.Block)).Files);
        Assert.Contains("tells no free blocks", events.Of<LogEvent>()[^1].Message, StringComparison.Ordinal);
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
        Shell.Run(
            $"mkdir .linuxp2v; echo theirs > .linuxp2v/journal.jsonl; echo root > f; mount -o remount,ro {from.MountPoint}",
            from.MountPoint
        );
        using var data = new LoopVolume(DataMiB);
        var (storage, target, _) = await PrepareAsync(data);
        var root = target.Layout.Volumes[0];

        await storage.OverwriteAsync(
            target,
            root,
            _ =>
                Task.Run(() =>
                    Shell.Run($"dd if={from.MountPoint}/../image of={target.VolumeDevices["/"]} bs=1M conv=notrunc status=none")
                ),
            events,
            default
        );
        target.Journal.MarkVolumeComplete("/", 5, 6);

        Assert.Equal("root\n", File.ReadAllText(target.VolumePaths["/"] + "/f"));
        var again = await storage.PrepareAsync("c", target.Layout, events, default);
        Assert.True(again.Journal.IsVolumeComplete("/"));

        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            storage.OverwriteAsync(again, root, _ => throw new InvalidOperationException(), events, default)
        );
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
                        new()
                        {
                            Number = 1,
                            StartBytes = MiB,
                            SizeBytes = 100 * MiB,
                            Type = LinuxType,
                        },
                        new()
                        {
                            Number = 2,
                            StartBytes = 102 * MiB,
                            SizeBytes = DataMiB * MiB,
                            Type = LinuxType,
                        },
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
        TargetStorage storage,
        MountedTarget target,
        TargetVolume volume,
        CopyMode mode,
        CopyCompression compression = CopyCompression.None,
        Func<ISource, ISource>? wrap = null,
        VolumeOverwriter? overwriteAsync = null,
        CancellationToken cancellationToken = default
    )
    {
        VolumeCopyResult? result = null;
        await WorkAsync(
            target,
            volume,
            new CopyOptions { Mode = mode, Compression = compression },
            wrap,
            async work =>
                result = await new VolumeCopier(new FilesCopier()).CopyAsync(
                    work with
                    {
                        OverwriteAsync =
                            overwriteAsync ?? ((writeAsync, token) => storage.OverwriteAsync(target, volume, writeAsync, events, token)),
                    },
                    cancellationToken
                )
        );
        return result!;
    }

    private async Task<VolumeSyncedEvent> SyncAsync(MountedTarget target, TargetVolume volume)
    {
        VolumeSyncedEvent? pass = null;
        SyncPair.Settle();
        await WorkAsync(
            target,
            volume,
            new CopyOptions(),
            null,
            async work => pass = await new VolumeSynchronizer(new EntryTransfer()).SyncAsync(work, default)
        );
        return pass!;
    }

    private async Task WorkAsync(
        MountedTarget target,
        TargetVolume volume,
        CopyOptions options,
        Func<ISource, ISource>? wrap,
        Func<VolumeWork, Task> actAsync
    )
    {
        await using var connected = await new SshSourceConnector(state).ConnectAsync(server.Access(), events, default);
        var work = await Works.CreateAsync(wrap?.Invoke(connected) ?? connected, volume, target.VolumePaths[volume.Id], events, options);
        await using var streams = work.Streams;
        await actAsync(
            work with
            {
                TargetDevice = target.VolumeDevices[volume.Id],
                Record = target.RecordOf(target.Layout.Volumes.Single(v => v.Id == volume.Id)),
            }
        );
    }

    /// <summary>Stands in for the copier of files, which has tests of its own.</summary>
    private sealed class FilesCopier : IVolumeCopier
    {
        public Task<VolumeCopyResult> CopyAsync(VolumeWork work, CancellationToken cancellationToken) =>
            Task.FromResult(new VolumeCopyResult(0, 7, TimeSpan.Zero));
    }
}
