using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Source;
using LinuxP2V.Agent.Tests.Source;
using LinuxP2V.Agent.Volumes;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Tests.Copy;

/// <summary>
/// What every way to copy files must keep. Real file systems, a real sshd, both ends' real tools; compared by other tools.
/// </summary>
public abstract class VolumeCopierTests : CopyTestBase
{
    internal const string OddTree = """
        mkdir -p plain dir/sub "with space" acl
        echo hello > plain/a; ln plain/a dir/sub/hard; ln plain/a dir/hard2
        head -c 300000 /dev/urandom > dir/random
        truncate -s 30M dir/sparse; printf x | dd of=dir/sparse bs=1 seek=20000000 conv=notrunc status=none
        mkfifo dir/fifo; mknod dir/device c 10 200; mknod dir/block b 7 99
        ln -s ../plain/a dir/link; ln -s "/no where
        at all" dir/dangling
        echo n > $'dir/new\nline'; echo b > $'dir/back\\slash'; echo t > $'dir/tab\there'; echo l > $'dir/latin-\xe9\xff'
        echo d > dir/-dash; echo u > "dir/ünïcode"; echo c > 'dir/colon: name'; echo q > "dir/quo'te\"s"; echo s > 'dir/star*[x]?'
        long=$(printf 'n%.0s' $(seq 1 200)); mkdir -p dir/$long/$long; echo deep > dir/$long/$long/$long
        chown 1234:5678 dir/random; chmod 4751 dir/random; chmod 1777 acl; chmod 0 plain/a
        touch -d '2001-02-03 04:05:06.123456789' plain/a dir "with space"; touch -h -d '1999-01-01 00:00:00.5' dir/link
        setfattr -n user.note -v 'some value' dir/random; setfattr -n user.dir -v 1 acl
        setfattr -n trusted.t -v 2 dir/random; setfattr -n security.selinux -v system_u:object_r:etc_t:s0 dir/random
        cp /bin/true dir/capable; setcap cap_net_raw+ep dir/capable
        echo b > acl/bare; mkdir acl/empty; setfacl -m u:1234:rwx,g:77:r acl; setfacl -d -m u:99:rx acl; setfacl -m u:4321:r dir/random
        echo h > acl/heir; chmod 604 acl/heir
        python3 -c "import socket; socket.socket(socket.AF_UNIX).bind('dir/socket')"
        echo i > dir/immutable; chattr +i dir/immutable; echo a > dir/append; chattr +a dir/append
        echo m > $'dir/im\nmut'; chattr +i $'dir/im\nmut'; mkdir dir/nodump; chattr +d dir/nodump
        """;

    private protected abstract IVolumeCopier CreateCopier();

    [Fact]
    public async Task Everything_that_a_file_has_comes_along()
    {
        Shell.Run(OddTree, From.MountPoint);

        var result = await CopyAsync(From.Describe());

        var expected = From.Fingerprint().Split('\n').Where(l => !l.StartsWith("./dir/socket ", StringComparison.Ordinal));
        Assert.Equal(expected, To.Fingerprint().Split('\n'));
        Assert.Equal(Shell.Run("getcap dir/capable", From.MountPoint), Shell.Run("getcap dir/capable", To.MountPoint));
        Assert.Contains("cap_net_raw", Shell.Run("getcap dir/capable", To.MountPoint), StringComparison.Ordinal);
        Assert.True(int.Parse(Shell.Run("stat -c %b dir/sparse", To.MountPoint), null) < 200, "the sparse file grew");
        Assert.Equal("1\n", Shell.Run("stat -c %i plain/a dir/sub/hard dir/hard2 | sort -u | wc -l", To.MountPoint));
        var socket = Assert.Single(Events.Of<CopyIncidentEvent>());
        Assert.Equal((CopyIncidentKind.NotCarried, From.MountPoint + "/dir/socket"), (socket.Kind, socket.Path));
        // All but the socket; lost+found and the root are files too.
        Assert.Equal(long.Parse(Shell.Run("find . ! -type s -printf x | wc -c", From.MountPoint), null), result.Files);
        Assert.Equal(result.Bytes, Events.Of<VolumeProgressEvent>()[^1].BytesDone);
        Assert.DoesNotContain(Events.Of<LogEvent>(), e => e.Level == LogLevel.Warning);
    }

    [Fact]
    public async Task What_lies_below_a_mount_point_comes_and_what_is_mounted_there_does_not()
    {
        Shell.Run(
            "mkdir inner; echo hidden > inner/below; chmod 700 inner; mount -t tmpfs none inner; echo seen > inner/above",
            From.MountPoint
        );
        var mounts = Mounts();

        await CopyAsync(From.Describe());

        Assert.Equal("./inner/below\n", Shell.Run("find ./inner -type f", To.MountPoint));
        Assert.Equal("hidden\n", File.ReadAllText(To.MountPoint + "/inner/below"));
        Assert.Equal("700\n", Shell.Run("stat -c %a inner", To.MountPoint));
        Assert.Equal(mounts, Mounts());
    }

    [Fact]
    public async Task Excluded_paths_stay_behind_and_are_no_patterns()
    {
        Shell.Run("mkdir -p out/deep in/out 'st*r' star; touch out/deep/f in/out/f 'st*r/f' star/f", From.MountPoint);

        await CopyAsync(From.Describe(From.MountPoint + "/out/", From.MountPoint + "/st*r", "/elsewhere/star"));

        Assert.Equal("./in/out/f\n./star/f\n", Shell.Run("find . -type f | sort", To.MountPoint));
    }

    [Fact]
    public async Task A_volume_whose_root_is_excluded_stays_empty()
    {
        Shell.Run("touch f", From.MountPoint);

        Assert.Equal(0, (await CopyAsync(From.Describe(Path.GetDirectoryName(From.MountPoint)!))).Files);
        Assert.Equal("", Shell.Run("find . -type f", To.MountPoint));
    }

    [Fact]
    public async Task Busybox_tar_copies_what_it_can_and_says_what_it_loses()
    {
        Shell.Run(
            "mkdir d; echo a > d/a; ln d/a d/hard; ln -s a d/link; mkfifo d/fifo; echo n > $'d/n\nl'; "
                + "setfattr -n user.x -v 1 d/a; chown 7:8 d/a; touch -d '2001-02-03 04:05:06' d/*",
            From.MountPoint
        );
        using var busybox = new TestSshServer(replacedTools: "mount --bind /bin/busybox /bin/tar");
        await using var source = await new SshSourceConnector(State).ConnectAsync(busybox.Access(), Events, default);

        await CopyAsync(source, From.Describe(), To.MountPoint, default);

        const string Facts =
            "find . ! -name . ! -name lost+found ! -type d -printf '%p %y %m %U:%G %n %s %Ts %l\n' | sort; sha256sum d/a $'d/n\nl'";
        Assert.Equal(Shell.Run(Facts, From.MountPoint), Shell.Run(Facts, To.MountPoint));
        Assert.Contains(
            Events.Of<LogEvent>(),
            e => e.Level == LogLevel.Warning && e.Message.Contains("extended attributes", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task Without_a_private_mount_the_copy_stays_on_the_volume_and_says_so()
    {
        Shell.Run(
            "mkdir inner; echo hidden > inner/below; mount -t tmpfs none inner; echo seen > inner/above; echo x > x",
            From.MountPoint
        );
        using var plain = new TestSshServer(replacedTools: "mount --bind /bin/false /usr/bin/unshare");
        await using var source = await new SshSourceConnector(State).ConnectAsync(plain.Access(), Events, default);

        await CopyAsync(source, From.Describe(), To.MountPoint, default);

        Assert.Equal("./inner\n./x\n", Shell.Run("find . -mindepth 1 ! -name lost+found | sort", To.MountPoint));
        Assert.Contains(
            Events.Of<LogEvent>(),
            e => e.Level == LogLevel.Warning && e.Message.Contains("below mount points", StringComparison.Ordinal)
        );
        Assert.Empty(Events.Of<CopyIncidentEvent>());
    }

    [Fact]
    public async Task A_volume_that_is_no_longer_mounted_is_not_copied_as_the_folder_below_it()
    {
        Shell.Run("mkdir 'not mounted'; echo x > 'not mounted/x'", From.MountPoint);
        var volume = From.Describe() with { MountPoint = From.MountPoint + "/not mounted" };

        var error = await Assert.ThrowsAsync<AgentException>(() => CopyAsync(volume));
        Assert.Equal(ErrorIds.VolumeNotFound, error.Error.Id);
        Shell.Run("mount -t tmpfs none 'not mounted'; echo y > 'not mounted/y'", From.MountPoint);
        await CopyAsync(volume);
        Assert.Equal("y\n", File.ReadAllText(To.MountPoint + "/y"));
    }

    [Fact]
    public async Task A_second_copy_leaves_nothing_of_the_first()
    {
        Shell.Run(OddTree, From.MountPoint);
        Shell.Run(
            """
            mkdir -p dir/link plain/a stale .linuxp2v; echo old > stale/f; echo j > .linuxp2v/journal; ln -s / dir/sub
            echo old > dir/random; chattr +i dir/random stale; chattr +a dir; setfacl -d -m u:5:rwx . lost+found; chattr +i . lost+found
            """,
            To.MountPoint
        );

        await CopyAsync(From.Describe());

        Assert.Equal(
            From.Fingerprint().Split('\n').Where(l => !l.StartsWith("./dir/socket ", StringComparison.Ordinal)),
            To.Fingerprint().Split('\n')
        );
        Assert.Contains(Events.Of<LogEvent>(), e => e.Message.Contains("copied again", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_fat_volume_comes_without_owners()
    {
        // The kernel that runs the tests may lack FAT: the owner and the attribute here are what a FAT could not take.
        Shell.Run(
            "mkdir -p EFI/BOOT; head -c 100000 /dev/urandom > EFI/BOOT/F; "
                + "touch -d '2020-01-02 03:04:06' EFI/BOOT/F; setfattr -n user.x -v 1 EFI/BOOT/F; chown 5:5 EFI",
            From.MountPoint
        );

        await CopyAsync(From.Describe() with { FileSystem = new FileSystemSpec { Kind = FileSystemKind.Vfat } });

        Assert.Equal(
            Shell.Run("sha256sum EFI/BOOT/F; stat -c %Y EFI/BOOT/F", From.MountPoint),
            Shell.Run("sha256sum EFI/BOOT/F; stat -c %Y EFI/BOOT/F", To.MountPoint)
        );
        Assert.Equal("0\n", Shell.Run("stat -c %u EFI; getfattr -h -d -m user EFI/BOOT/F", To.MountPoint));
        Assert.Empty(Events.Of<CopyIncidentEvent>());
    }

    [Fact]
    public async Task A_full_target_is_told_with_numbers()
    {
        using var small = new LoopVolume(4);
        Shell.Run("head -c 20000000 /dev/urandom > big; echo s > small", From.MountPoint);

        var error = await Assert.ThrowsAsync<AgentException>(() => CopyAsync(From.Describe(), small.MountPoint));

        Assert.True(error.Error.Id == ErrorIds.TargetDiskFull, error.Error.ToString());
        Assert.Matches("of [1-9][0-9]+ bytes are free; the source used 1000000", error.Error.Cause);
    }

    [Fact]
    public async Task Running_out_of_inodes_is_told_apart()
    {
        using var small = new LoopVolume(16, "mkfs.ext4 -q -F -N 64");
        Shell.Run("for i in $(seq 1 200); do : > f$i; done", From.MountPoint);

        var error = await Assert.ThrowsAsync<AgentException>(() => CopyAsync(From.Describe(), small.MountPoint));

        Assert.Equal(ErrorIds.TargetDiskFull, error.Error.Id);
        Assert.Contains("inodes of the copy are in use", error.Error.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_changes_while_it_is_read_is_an_incident()
    {
        Shell.Run("head -c 40000000 /dev/urandom > growing; echo k > kept", From.MountPoint);
        using var stop = new CancellationTokenSource();
        var writer = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
                File.AppendAllText(From.MountPoint + "/growing", "x");
        });

        await CopyAsync(From.Describe());
        await stop.CancelAsync();
        await writer;

        var incident = Assert.Single(Events.Of<CopyIncidentEvent>());
        Assert.Equal((CopyIncidentKind.Changed, From.MountPoint + "/growing"), (incident.Kind, incident.Path));
        Assert.Equal("k\n", File.ReadAllText(To.MountPoint + "/kept"));
    }

    [Fact]
    public async Task A_cancelled_copy_ends_at_once_and_leaves_no_process()
    {
        Shell.Run("head -c 50000000 /dev/urandom > big", From.MountPoint);
        using var cancellation = new CancellationTokenSource();
        await using var source = new CutSource(await ConnectAsync(), 10_000_000, cancellation.Cancel, isOverAll: true);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            CopyAsync(source, From.Describe(), To.MountPoint, cancellation.Token)
        );

        Assert.NotEqual(0, Shell.Try($"pgrep -f -- '--directory={To.MountPoint}|{State}.*hop0'").Code);
    }

    private string[] Mounts() =>
        [.. File.ReadAllLines("/proc/self/mountinfo").Where(l => l.Contains(From.MountPoint, StringComparison.Ordinal))];

    private protected Task<VolumeCopyResult> CopyAsync(TargetVolume volume, string? target = null) =>
        CopyAsync(CreateCopier(), volume, target);

    private protected Task<VolumeCopyResult> CopyAsync(
        ISource source,
        TargetVolume volume,
        string target,
        CancellationToken cancellationToken
    ) => CopyAsync(CreateCopier(), source, volume, target, cancellationToken);
}
