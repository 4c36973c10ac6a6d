using LinuxP2V.Agent.Copy;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Listing;
using LinuxP2V.Agent.Source;
using LinuxP2V.Agent.Tests.Copy;
using LinuxP2V.Agent.Tests.Session;
using LinuxP2V.Agent.Tests.Source;
using LinuxP2V.Agent.Tests.Storage;
using LinuxP2V.Agent.Views;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Tests.Views;

/// <summary>btrfs on a loop device and a real sshd; LVM where the kernel has the device mapper.</summary>
[Trait("Run", "Full")]
public sealed class SnapshotTests : IDisposable
{
    private const string Make = "mkfs.btrfs -q -f";

    private readonly TestSshServer server = new();
    private readonly EventRecorder events = new();
    private readonly string state = Directory.CreateTempSubdirectory("p2v-state-").FullName;

    [RootFact("mkfs.btrfs")]
    public async Task A_btrfs_volume_is_read_as_it_was_when_the_snapshot_was_made()
    {
        using var from = new LoopVolume(200, Make, FileSystemKind.Btrfs);
        Shell.Run("echo before > f; mkdir inner; echo below > inner/below", from.MountPoint);
        Shell.Run($"mount -t tmpfs none {from.MountPoint}/inner");

        var seen = await UseAsync(from, () => Shell.Run("echo after > f; echo new > g", from.MountPoint));

        Assert.Equal("./f before\n./inner/below below\n", seen);
        Assert.Equal("", Subvolumes(from));
        Shell.Run($"umount {from.MountPoint}/inner");
        Assert.Equal("f\ng\ninner\n", Shell.Run("ls -A", from.MountPoint));
    }

    [RootFact("mkfs.btrfs")]
    public async Task A_snapshot_goes_when_the_copy_fails_and_when_the_connection_breaks()
    {
        using var from = new LoopVolume(200, Make, FileSystemKind.Btrfs);

        await Assert.ThrowsAsync<InvalidOperationException>(() => UseAsync(from, () => throw new InvalidOperationException()));
        Assert.Equal("", Subvolumes(from));

        var ending = new TaskCompletionSource();
        var acting = UseAsync(from, () => { }, ending.Task);
        while (Subvolumes(from).Length == 0)
            await Task.WhenAny(acting, Task.Delay(50));
        server.Stop();

        var error = await Assert.ThrowsAsync<AgentException>(() => acting);
        Assert.Equal(ErrorIds.SnapshotFailed, error.Error.Id);
        for (var i = 0; i < 200 && Subvolumes(from).Length > 0; i++)
            await Task.Delay(50);
        Assert.Equal("", Subvolumes(from));
        server.Start();
    }

    [RootFact("mkfs.btrfs")]
    public async Task A_leftover_of_an_earlier_run_is_taken_away_by_the_next()
    {
        using var from = new LoopVolume(200, Make, FileSystemKind.Btrfs);
        var name = SnapshotName.Of("c", from.MountPoint);
        Shell.Run($"echo old > f; btrfs subvolume snapshot -r . .{name.Volume}; echo new > f", from.MountPoint);

        Assert.StartsWith("./f new\n", await UseAsync(from, () => { }), StringComparison.Ordinal);

        Assert.Equal("", Subvolumes(from));
    }

    [RootFact]
    public async Task A_volume_without_snapshots_is_read_as_it_runs_and_says_so()
    {
        using var from = new LoopVolume();
        Shell.Run("rmdir lost+found; echo before > f", from.MountPoint);

        Assert.Equal("./f after\n", await UseAsync(from, () => Shell.Run("echo after > f", from.MountPoint)));

        Assert.Contains(
            events.Of<LogEvent>(),
            e => e.Level == LogLevel.Warning && e.Message.Contains("neither on LVM nor btrfs", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void A_snapshot_takes_its_share_of_the_free_extents_and_no_more_than_it_can_need()
    {
        const long GiB = 1L << 30;
        var volume = LvmVolume.Parse("  vg|root||10737418240|8589934592|4194304\n")!;

        Assert.Equal(("vg", "root", false), (volume.Group, volume.Name, volume.IsThin));
        Assert.Equal(4 * GiB, volume.SnapshotSize(2));
        Assert.InRange((volume with { GroupFree = 100 * GiB }).SnapshotSize(2)!.Value, 10 * GiB, 10.5 * GiB);
        Assert.Equal(0, (volume with { GroupFree = GiB + 5 }).SnapshotSize(3)!.Value % volume.ExtentSize);
        Assert.Null((volume with { GroupFree = 30L << 20 }).SnapshotSize(1));
        Assert.Null((volume with { GroupFree = 0 }).SnapshotSize(1));
        Assert.Null(LvmVolume.Parse(""));
        Assert.Null(LvmVolume.Parse("vg|root||18446744073709551616|0|4194304"));
        Assert.Null(LvmVolume.Parse("vg|root||1073741824|0|0"));
        Assert.True(LvmVolume.Parse("vg|thin|pool|1073741824|0|4194304")!.IsThin);
    }

    [RootFact("dm", "lvcreate")]
    [Trait("Run", "Guest")]
    public async Task A_volume_on_lvm_is_read_from_a_snapshot_that_is_gone_afterwards()
    {
        using var group = new LoopGroup(400);
        Shell.Run("rmdir lost+found; echo before > f", group.MountPoint);

        var seen = await UseAsync(group.Describe(), () => Shell.Run("echo after > f; sync", group.MountPoint));

        Assert.Equal("./f before\n", seen);
        Assert.Equal("data\n", group.Volumes());
    }

    [RootFact("dm", "lvcreate")]
    [Trait("Run", "Guest")]
    public async Task A_thin_volume_is_read_from_a_thin_snapshot_that_takes_no_room_of_the_group()
    {
        using var group = new LoopGroup(200, thinPoolMegabytes: 150);
        Shell.Run("rmdir lost+found; echo before > f", group.MountPoint);

        var seen = await UseAsync(group.Describe(), () => Shell.Run("echo after > f; sync", group.MountPoint));

        Assert.Equal("./f before\n", seen);
        Assert.Equal("data\npool\n", group.Volumes());
    }

    [RootFact("dm", "lvcreate")]
    [Trait("Run", "Guest")]
    public async Task A_snapshot_that_overflows_ends_the_copy_and_goes()
    {
        using var group = new LoopGroup(170);

        // It would wait for a minute; and what is read at once behind the overflow does not count either.
        foreach (var until in new[] { Task.Delay(TimeSpan.FromSeconds(60)), Task.CompletedTask })
        {
            var error = await Assert.ThrowsAsync<AgentException>(() =>
                UseAsync(group.Describe(), () => Shell.Run("head -c 80000000 /dev/urandom > big; sync", group.MountPoint), until)
            );

            Assert.Equal(ErrorIds.SnapshotOverflow, error.Error.Id);
            Assert.Equal("data\n", group.Volumes());
        }
    }

    [RootFact("dm", "lvcreate")]
    [Trait("Run", "Guest")]
    public async Task Leftovers_on_lvm_are_removed_if_they_are_the_conversions_own_and_named_if_not()
    {
        using var group = new LoopGroup(400);
        var (own, other) = (SnapshotName.Of("c", "/gone"), SnapshotName.Of("another", "/gone"));
        foreach (var (name, tag) in new[] { (own.Volume, own.Tag), (other.Volume, other.Tag), ("someones", "theirs") })
            Shell.Run($"lvcreate -q -s -n {name} --addtag {tag} -L 20M {group.Name}/data >/dev/null");

        await using var source = await new SshSourceConnector(state).ConnectAsync(server.Access(), events, default);
        var work = await Works.CreateAsync(
            source,
            group.Describe(),
            "/nowhere",
            events,
            new CopyOptions { Snapshot = true, StreamCount = 1 }
        );
        await using var streams = work.Streams;
        await SnapshotLeftovers.RemoveAsync(streams, "c", events, default);

        Assert.Equal($"data\n{other.Volume}\nsomeones\n", group.Volumes());
        Assert.Contains(
            events.Of<LogEvent>(),
            e => e.Message.Contains(own.Volume, StringComparison.Ordinal) && e.Message.EndsWith("is removed.", StringComparison.Ordinal)
        );
        Assert.Contains(
            events.Of<LogEvent>(),
            e => e.Level == LogLevel.Warning && e.Message.Contains($"{group.Name}/{other.Volume}", StringComparison.Ordinal)
        );
    }

    [RootFact("dm", "lvcreate", "mkfs.xfs")]
    [Trait("Run", "Guest")]
    public async Task Used_blocks_of_a_volume_in_use_come_from_its_snapshot()
    {
        using var group = new LoopGroup(1000, 400, "mkfs.xfs -q -f");
        Shell.Run("for i in 1 2 3 4 5; do echo $i > f$i; done; head -c 20000000 /dev/urandom > big; sync", group.MountPoint);
        var before = TreeFingerprint.Of(group.MountPoint);
        var volume = group.Describe() with { FileSystem = new FileSystemSpec { Kind = FileSystemKind.Xfs } };
        // Not mounted before the snapshot is made: its keeper's namespace would hold the mount.
        var copy = Directory.CreateTempSubdirectory("p2v-copy-").FullName;
        var device = Shell.Run("mkdir mnt; truncate -s 400M image; losetup -f --show image", copy).Trim();
        try
        {
            await using var source = await new SshSourceConnector(state).ConnectAsync(server.Access(), events, default);
            var work = await Works.CreateAsync(
                source,
                volume,
                copy + "/mnt",
                events,
                new CopyOptions { Snapshot = true, Mode = CopyMode.Block }
            );
            await using var streams = work.Streams;
            await SourceViews.UseAsync(
                streams,
                volume,
                "c",
                1,
                events,
                (view, token) =>
                {
                    Shell.Run("rm f1; echo later > f2; head -c 5000000 /dev/urandom > big2; sync", group.MountPoint);
                    var viewed = work with { View = view, TargetDevice = device, OverwriteAsync = (writeAsync, t) => writeAsync(t) };
                    return new VolumeCopier().CopyAsync(viewed, token);
                },
                default
            );

            Shell.Run($"mount -o nouuid {device} mnt", copy);
            Assert.Equal(before, TreeFingerprint.Of(copy + "/mnt"));
            Assert.Equal("data\n", group.Volumes());
        }
        finally
        {
            Shell.Run($"umount mnt || :; losetup -d {device}", copy);
            Directory.Delete(copy, recursive: true);
        }
    }

    [RootFact("dm", "lvcreate")]
    [Trait("Run", "Guest")]
    public async Task A_group_without_room_is_told_with_numbers()
    {
        using var group = new LoopGroup(132);

        var error = await Assert.ThrowsAsync<AgentException>(() => UseAsync(group.Describe(), () => { }));

        Assert.Equal(ErrorIds.SnapshotFailed, error.Error.Id);
        Assert.Matches("has [0-9]+ MB free", error.Error.Cause);
    }

    public void Dispose()
    {
        server.Dispose();
        Directory.Delete(state, recursive: true);
    }

    private Task<string> UseAsync(LoopVolume from, Action act, Task? until = null) => UseAsync(from.Describe(), act, until);

    /// <summary>Acts once the view is open, then lists through it what the source has: path and content.</summary>
    private async Task<string> UseAsync(TargetVolume volume, Action act, Task? until = null)
    {
        await using var source = await new SshSourceConnector(state).ConnectAsync(server.Access(), events, default);
        var work = await Works.CreateAsync(source, volume, "/nowhere", events, new CopyOptions { Snapshot = true, StreamCount = 1 });
        await using var streams = work.Streams;
        return await SourceViews.UseAsync(
            streams,
            volume,
            "c",
            1,
            events,
            async (view, token) =>
            {
                act();
                await (until ?? Task.CompletedTask).WaitAsync(token);
                var viewed = work with { View = view };
                var reading = await ManifestReader.ReadAsync(viewed, null, token);
                Assert.True(
                    view.Moment is null || view.Moment == reading.Header.Start / 1_000_000_000,
                    "A list of a snapshot begins when the snapshot was made."
                );
                return (
                    await source.RunAsync(
                        view.In("""find . -type f | LC_ALL=C sort | while read -r f; do echo "$f $(cat "$f")"; done"""),
                        token
                    )
                ).Output;
            },
            default
        );
    }

    private static string Subvolumes(LoopVolume from) => Shell.Run($"btrfs subvolume list {from.MountPoint}");

    /// <summary>A volume group on a loop device with one mounted volume.</summary>
    private sealed class LoopGroup : IDisposable
    {
        private readonly string folder = Directory.CreateTempSubdirectory("p2v-lvm-").FullName;

        /// <param name="thinPoolMegabytes">0: the volume is not thin.</param>
        public LoopGroup(int megabytes, int volumeMegabytes = 120, string make = "mkfs.ext4 -q -F", int thinPoolMegabytes = 0)
        {
            var create =
                thinPoolMegabytes == 0
                    ? $"lvcreate -q -Zn -Wn -L {volumeMegabytes}M -n data {Name}"
                    : $"lvcreate -q -Zn -L {thinPoolMegabytes}M --thinpool pool {Name} >/dev/null; "
                        + $"lvcreate -q -Wn -V {volumeMegabytes}M --thinpool pool -n data {Name}";
            Directory.CreateDirectory(MountPoint);
            Shell.Run(
                $$"""
                truncate -s {{megabytes + 4}}M image; d=$(losetup -f --show image); echo $d > device; vgcreate -q {{Name}} $d
                {{create}} >/dev/null; vgmknodes {{Name}} || :
                {{make}} /dev/mapper/{{Name}}-data; mount /dev/mapper/{{Name}}-data {{MountPoint}}
                """,
                folder
            );
        }

        public string Name { get; } = $"p2vtest{Guid.NewGuid():N}"[..14];

        public string MountPoint => Path.Combine(folder, "mnt");

        public TargetVolume Describe() =>
            new()
            {
                Id = MountPoint,
                Device = DeviceReference.OnDisk(0, 1),
                FileSystem = new FileSystemSpec { Kind = FileSystemKind.Ext4 },
                MountPoint = MountPoint,
                SourceDevice = $"/dev/mapper/{Name}-data",
            };

        public string Volumes() => Shell.Run($"lvs --noheadings -o lv_name {Name} | tr -d ' '");

        public void Dispose()
        {
            // Whoever read a moment ago may still hold it in a namespace that is just ending.
            Shell.Run(
                $"umount {MountPoint}; n=0; until vgremove -qff {Name} || [ $n -gt 100 ]; do n=$((n + 1)); sleep 0.2; done; "
                    + "losetup -d $(cat device)",
                folder
            );
            Directory.Delete(folder, recursive: true);
        }
    }
}
