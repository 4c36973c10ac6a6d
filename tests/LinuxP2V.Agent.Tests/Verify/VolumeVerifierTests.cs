using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Listing;
using LinuxP2V.Agent.Source;
using LinuxP2V.Agent.Storage;
using LinuxP2V.Agent.Tests.Copy;
using LinuxP2V.Agent.Tests.Session;
using LinuxP2V.Agent.Tests.Source;
using LinuxP2V.Agent.Verify;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Tests.Verify;

/// <summary>A real sshd and real file systems; the copy that is judged is made by cp, not by the product.</summary>
public sealed class VolumeVerifierTests : IDisposable
{
    private const string Tree = """
        mkdir -p dir/sub "with space" acl dir/empty
        echo hello > dir/a; ln dir/a dir/sub/b; ln dir/a dir/c; echo two > dir/two; ln dir/two dir/sub/two
        head -c 300000 /dev/urandom > dir/random; echo same > dir/same; : > dir/nothing; echo time > dir/time
        truncate -s 30M dir/sparse; printf x | dd of=dir/sparse bs=1 seek=20000000 conv=notrunc status=none
        mkfifo dir/fifo; mknod dir/device c 10 200; mknod dir/block b 7 99
        ln -s ../plain/a dir/link; ln -s $'/no where\n' dir/dangling; ln -s $'odd \xe9' $'dir/odd\nlink'
        echo n > $'dir/new\nline'; echo b > $'dir/back\\slash'; echo t > $'dir/tab\there'; echo l > $'dir/latin-\xe9\xff'
        echo d > dir/-dash; echo u > "dir/ünïcode"; echo q > "dir/quo'te\"s"; echo s > 'dir/star*[x]?'; echo p > " ."
        echo r > $'dir/carriage\r'; mkdir "dir/x ."; echo z > "dir/x ./ .z"
        chown 1234:5678 dir/random; chmod 4751 dir/random; chmod 0 dir/a; chown -h 5:6 dir/link
        touch -d '2001-02-03 04:05:06.123456789' dir/a "with space"; touch -h -d '1969-01-01 00:00:00.5' dir/link
        setfattr -n user.note -v 'some value' dir/random; setfattr -n user.dir -v 1 acl; setfattr -n trusted.t -v 2 dir/random
        setfattr -n user.empty dir/same; setfattr -n $'user.new\nline=\\' -v 3 $'dir/new\nline'; setfattr -h -n trusted.l -v 4 dir/link
        setfattr -n security.selinux -v system_u:object_r:etc_t:s0 dir/random; cp /bin/true dir/capable; setcap cap_net_raw+ep dir/capable
        setfacl -m u:1234:rwx,g:77:r acl; setfacl -d -m u:99:rx acl
        python3 -c "import socket; socket.socket(socket.AF_UNIX).bind('dir/socket')"
        """;

    private readonly TestSshServer server = new();
    private readonly LoopVolume from = new();
    private readonly LoopVolume to = new();
    private readonly EventRecorder events = new();
    private readonly string state = Directory.CreateTempSubdirectory("p2v-state-").FullName;

    [Fact]
    public async Task Equal_trees_have_no_difference()
    {
        await CopyAsync(Tree);
        // What only the copy has for its own reasons, and what nothing can copy, is no difference.
        Shell.Run(
            $"rmdir {from.MountPoint}/lost+found; rm {to.MountPoint}/dir/socket; "
                + $"touch -r {from.MountPoint}/dir {to.MountPoint}/dir; touch -r {from.MountPoint} {to.MountPoint}"
        );

        var result = await VerifyAsync();

        Assert.Empty(events.Of<DifferenceEvent>());
        Assert.Equal((0L, 0L), (result.Counts.Wrong, result.Counts.ChangedOnSource));
        Assert.Empty(result.NotCompared);
        Assert.Equal(long.Parse(Shell.Run("find . ! -type s -printf x | wc -c", from.MountPoint), null), result.Counts.Entries);
        Assert.Equal(long.Parse(Shell.Run("find . -type f -printf '%i\n' | sort -u | wc -l", from.MountPoint), null), result.Counts.Files);
        Assert.Equal(
            long.Parse(Shell.Run("find . -type f -printf '%i %s\n' | sort -u | awk '{ s += $2 } END { print s }'", from.MountPoint), null),
            result.Counts.Bytes
        );
        Assert.Equal(result.Counts.Bytes, events.Of<VolumeProgressEvent>().Max(p => p.BytesTotal));
    }

    [Fact]
    public async Task Each_planted_difference_is_found_by_its_kind()
    {
        await CopyAsync(Tree);
        Shell.Run(
            """
            change() {
              t=$(stat -c %y "$1"); b=X
              dd if="$1" bs=1 skip="$2" count=1 status=none | grep -q X && b=Y
              printf $b | dd of="$1" bs=1 seek="$2" conv=notrunc status=none; touch -d "$t" "$1"
            }
            change dir/random 200000; change dir/sparse 3000000; change $'dir/new\nline' 0; change $'dir/back\\slash' 0
            setfattr -x user.note dir/random; setfattr -n user.more -v 1 dir/same
            setfacl -b acl; setcap -r dir/capable; setfattr -h -x trusted.l dir/link
            t=$(stat -c %y dir/sub); rm dir/sub/two; cp -a dir/two dir/sub/two; touch -d "$t" dir/sub
            chmod 755 dir/-dash; chown 1:0 'dir/star*[x]?'; touch -d '2001-01-01 00:00:00.1' dir/time; touch -d '2001-01-01' dir/empty
            t=$(stat -c %y dir); rm dir/c dir/nothing dir/device dir/fifo dir/dangling
            ln -s $'/no where' dir/dangling; mknod dir/device c 10 201; mkdir dir/fifo
            echo new > dir/extra; echo longer > "dir/quo'te\"s"; touch -d "$t" dir
            """,
            to.MountPoint
        );
        var expected = new[]
        {
            "Content dir/back\\slash",
            "Content dir/new\nline",
            "Content dir/random",
            "Content dir/sparse",
            "Attributes acl",
            "Attributes dir/capable",
            "Attributes dir/link",
            "Attributes dir/random",
            "Attributes dir/same",
            "Mode dir/-dash",
            "Owner dir/star*[x]?",
            "Time dir/time",
            "Time dir/empty",
            "Missing dir/c",
            "Missing dir/nothing",
            "LinkTarget dir/dangling",
            "Device dir/device",
            "Type dir/fifo",
            "Extra dir/extra",
            "Size dir/quo'te\"s",
        };

        var result = await VerifyAsync();

        // An ACL's mask is the group's mode; a link and a device that were made anew have the time of now.
        var found = Found(changedOnSource: false)
            .Except(["HardLink dir/two", "HardLink dir/sub/two", "Mode acl", "Time dir/dangling", "Time dir/device", "Time dir/quo'te\"s"]);
        Assert.Equal(expected.Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
        Assert.Equal((events.Of<DifferenceEvent>().Count, 0L), ((int)result.Counts.Wrong, result.Counts.ChangedOnSource));
        Assert.EndsWith(
            "two",
            Assert.Single(events.Of<DifferenceEvent>(), e => e.Kind == DifferenceKind.HardLink).Path,
            StringComparison.Ordinal
        );
        Assert.Contains(events.Of<DifferenceEvent>(), e => e is { Kind: DifferenceKind.Device, OnSource: "a:c8", InCopy: "a:c9" });
        Assert.Contains(
            events.Of<DifferenceEvent>(),
            e => e is { Kind: DifferenceKind.Attributes, OnSource: "user.note=736f6d652076616c7565" }
        );
    }

    [Fact]
    public async Task What_changed_on_the_source_since_is_told_apart_from_what_is_wrong()
    {
        await CopyAsync(
            "echo 1 > edited; echo 2 > deleted; echo 3 > modes; echo 4 > renamed; "
                + "echo 5 > linked; echo 6 > wrong; echo 7 > forged; mkdir d; touch d/f"
        );
        Shell.Run(
            """
            echo changed > edited; rm deleted; chmod 600 modes; mv renamed name; ln linked second; echo new > made; rm -r d
            t=$(stat -c %y forged); echo 8 > forged; touch -d "$t" forged
            """,
            from.MountPoint
        );
        Shell.Run(
            """t=$(stat -c %y wrong); echo 7 > wrong; touch -d "$t" wrong; t=$(stat -c %y .); echo e > added; touch -d "$t" .""",
            to.MountPoint
        );

        var result = await VerifyAsync();

        Assert.Equal(["Content wrong", "Extra added"], Found(changedOnSource: false));
        Assert.Equal(
            [
                "Content forged",
                "Extra d",
                "Extra d/f",
                "Extra deleted",
                "Extra renamed",
                "Missing made",
                "Missing name",
                "Missing second",
                "Mode modes",
                "Size edited",
                "Time ",
                "Time edited",
            ],
            Found(changedOnSource: true)
        );
        Assert.Equal((2L, 12L), (result.Counts.Wrong, result.Counts.ChangedOnSource));
    }

    [Fact]
    public async Task A_file_that_changes_while_it_is_compared_is_not_called_wrong()
    {
        await CopyAsync("for i in $(seq 20); do echo $i > f$i; done");
        await using var source = await ConnectAsync(server);
        var changing = new OnFirst<VolumeProgressEvent>(events, () => Shell.Run("echo X > f7; rm f8", from.MountPoint));

        var result = await VerifyAsync(source, from.Describe(), 100, changing);

        Assert.Equal((0L, 2L), (result.Counts.Wrong, result.Counts.ChangedOnSource));
        Assert.Equal(["Content f7", "Content f8"], Found(changedOnSource: true));
    }

    [Fact]
    public async Task A_sample_reads_so_much_of_the_contents_and_all_of_the_rest()
    {
        await CopyAsync("for i in $(seq 400); do echo $i > f$i; done; setfattr -n user.x -v 1 f9");
        Shell.Run(
            """
            python3 -c '
            import os
            for i in range(1, 401):
                path = "f%d" % i
                times = os.stat(path)
                with open(path, "r+b") as file: file.write(b"X")
                os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))'
            chmod 600 f3; setfattr -x user.x f9
            """,
            to.MountPoint
        );

        var result = await VerifyAsync(samplePercent: 5);

        var kinds = events.Of<DifferenceEvent>().CountBy(e => e.Kind).ToDictionary();
        Assert.Equal(
            new Dictionary<DifferenceKind, int>
            {
                [DifferenceKind.Content] = 20,
                [DifferenceKind.Mode] = 1,
                [DifferenceKind.Attributes] = 1,
            },
            kinds
        );
        Assert.Equal(20, result.Counts.Files);
    }

    [Fact]
    public async Task Attributes_are_read_by_python_where_there_is_no_getfattr()
    {
        using var other = new TestSshServer(replacedTools: "mount --bind /bin/false /usr/bin/getfattr");
        await CopyAsync(Tree);
        Shell.Run(
            "setfattr -x trusted.t dir/random; setfattr -n user.new -v 1 $'dir/new\nline'; setfattr -h -x trusted.l dir/link",
            to.MountPoint
        );
        Shell.Run("setfattr -x $'user.new\nline=\\\\' $'dir/new\nline'", to.MountPoint);

        var result = await VerifyAsync(other);

        Assert.Equal(["Attributes dir/link", "Attributes dir/new\nline", "Attributes dir/random"], Found(changedOnSource: false));
        Assert.Empty(result.NotCompared);
    }

    [Fact]
    public async Task Attributes_that_the_source_cannot_list_are_named_with_the_remedy()
    {
        using var other = new TestSshServer(
            replacedTools: "mount --bind /bin/false /usr/bin/getfattr && mount --bind /bin/false $(readlink -f /usr/bin/python3)"
        );
        await CopyAsync(Tree);
        Shell.Run("setfattr -x user.note dir/random", to.MountPoint);

        var result = await VerifyAsync(other);

        Assert.Equal(0, result.Counts.Wrong);
        Assert.Contains("Install its package attr", Assert.Single(result.NotCompared), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Old_checksum_tools_read_odd_names_too()
    {
        Shell.Run(
            """
            cp /usr/bin/sha1sum real; printf '#!/bin/sh\ncase "$1" in -z) exit 1 ;; esac\nexec %s/real "$@"\n' "$PWD" > old; chmod 755 old
            """,
            state
        );
        using var other = new TestSshServer(
            replacedTools: "for tool in b2sum sha256sum sha512sum md5sum; do mount --bind /bin/false /usr/bin/$tool || exit 1; done; "
                + $"mount --bind {state}/old /usr/bin/sha1sum"
        );
        await CopyAsync(Tree);
        Shell.Run(
            """
            for f in $'dir/new\nline' $'dir/back\\slash' $'dir/carriage\r' dir/same; do
              t=$(stat -c %y "$f"); printf X | dd of="$f" bs=1 conv=notrunc status=none; touch -d "$t" "$f"
            done
            """,
            to.MountPoint
        );

        var result = await VerifyAsync(other);

        Assert.Equal(
            ["Content dir/back\\slash", "Content dir/carriage\r", "Content dir/new\nline", "Content dir/same"],
            Found(changedOnSource: false)
        );
        Assert.Equal(4, result.Counts.Wrong);
        Assert.Contains(events.Of<LogEvent>(), e => e.Message.Contains("by sha1sum", StringComparison.Ordinal));
        Shell.Run("rm real old", state);
    }

    [Trait("Run", "Full")]
    [Fact]
    public async Task Busybox_tools_on_the_source_suffice()
    {
        var replaced = string.Join(
            " && ",
            new[] { "find", "xargs", "readlink", "stat", "b2sum", "sha256sum", "sha512sum", "sha1sum", "md5sum", "date" }.Select(tool =>
                tool == "b2sum" ? "mount --bind /bin/false /usr/bin/b2sum" : $"mount --bind /bin/busybox /usr/bin/{tool}"
            )
        );
        using var other = new TestSshServer(replacedTools: replaced);
        await CopyAsync(Tree, other);
        Shell.Run(
            """
            t=$(stat -c %y dir/same); printf X | dd of=dir/same bs=1 conv=notrunc status=none; touch -d "$t" dir/same
            ln -sfn $'odd \xe9\n' $'dir/odd\nlink'; touch -r dir/sub dir
            """,
            to.MountPoint
        );

        var result = await VerifyAsync(other);

        Assert.Equal(
            ["Content dir/same", "LinkTarget dir/odd\nlink"],
            Found(changedOnSource: false).Except(["Time dir", "Time dir/odd\nlink"])
        );
        Assert.Contains(result.NotCompared, words => words.Contains("Parts of a second", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_copy_without_a_list_of_its_source_is_compared_and_says_what_that_loses()
    {
        await CopyAsync("echo 1 > f; echo 2 > g");
        File.Delete(Record.ManifestPath);
        Shell.Run("echo 3 > f", from.MountPoint);

        var result = await VerifyAsync();

        Assert.Equal(["Content f", "Time f"], Found(changedOnSource: false));
        Assert.Contains("changed on the source", Assert.Single(result.NotCompared), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Excluded_paths_and_what_is_mounted_inside_are_out_of_sight()
    {
        await CopyAsync("mkdir -p out inner; echo below > inner/below; echo o > out/f; echo k > kept");
        Shell.Run("rm -r out", to.MountPoint);
        Shell.Run(
            $"touch -r {from.MountPoint} {to.MountPoint}; mount -t tmpfs none {from.MountPoint}/inner; "
                + $"echo above > {from.MountPoint}/inner/above"
        );

        var result = await VerifyAsync(volume: from.Describe(from.MountPoint + "/out"));

        Assert.Equal(0, result.Counts.Wrong + result.Counts.ChangedOnSource);
        Assert.Equal(2, result.Counts.Files);
    }

    [Fact]
    public async Task A_volume_that_is_not_mounted_any_more_is_told_and_the_comparison_can_be_stopped()
    {
        await CopyAsync("echo 1 > f; mkdir 'not mounted'");
        var gone = from.Describe() with { MountPoint = from.MountPoint + "/not mounted" };

        var error = await Assert.ThrowsAsync<AgentException>(() => VerifyAsync(volume: gone));
        Assert.Equal(ErrorIds.VolumeNotFound, error.Error.Id);

        using var cancelled = new CancellationTokenSource();
        var stopping = new OnFirst<VolumeProgressEvent>(events, cancelled.Cancel);
        await using var source = await ConnectAsync(server);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => VerifyAsync(source, from.Describe(), 100, stopping, cancelled.Token));
    }

    public void Dispose()
    {
        from.Dispose();
        to.Dispose();
        server.Dispose();
        Assert.Empty(Directory.GetFileSystemEntries(state));
        Directory.Delete(state, recursive: true);
    }

    private VolumeRecord Record => new(Path.Combine(Path.GetDirectoryName(to.MountPoint)!, "record"));

    [Fact]
    public async Task A_file_of_terabytes_of_holes_is_compared_by_its_data_and_by_where_that_lies()
    {
        const string Write = """
            write() { printf "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none; }
            for f in equal other hole moved; do truncate -s 2T $f; write $f 5 data; write $f 1099511627776 more; done
            """;
        await CopyAsync(
            Write
                .Replace("truncate -s 2T $f", "truncate -s 1G $f", StringComparison.Ordinal)
                .Replace("1099511627776", "900000000", StringComparison.Ordinal)
        );
        // Larger only now: cp, which makes the copy, reads more than it needs to.
        foreach (var volume in new[] { from, to })
            Shell.Run($"{Write}; touch -d 2001-01-01 equal other hole moved; sync -f .", volume.MountPoint);

        await RelistAsync();
        Shell.Run(
            """
            write() { printf "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none; }
            write other 1099511627777 X; write hole 1300000000000 X; fallocate -p -o 1099511627776 -l 4096 moved; write moved 1099511631872 more
            touch -d 2001-01-01 other hole moved
            """,
            to.MountPoint
        );
        var clock = System.Diagnostics.Stopwatch.StartNew();

        var result = await VerifyAsync();

        Assert.True(clock.Elapsed < TimeSpan.FromMinutes(2), $"it took {clock.Elapsed}");
        Assert.Equal(["Content hole", "Content moved", "Content other"], Found(changedOnSource: false).Distinct());
        Assert.Equal(3, events.Of<DifferenceEvent>().Select(e => e.Path).Distinct().Count());
        Assert.True(result.Counts.Wrong >= 3);
    }

    /// <summary>Kind and path of each, sorted.</summary>
    private List<string> Found(bool changedOnSource) =>
        [
            .. events
                .Of<DifferenceEvent>()
                .Where(e => e.ChangedOnSource == changedOnSource)
                .Select(e => $"{e.Kind} {e.Path[from.MountPoint.Length..].TrimStart('/')}")
                .Order(StringComparer.Ordinal),
        ];

    /// <summary>Makes a tree, and a copy of it with the list that it was made by.</summary>
    private async Task CopyAsync(string tree, TestSshServer? by = null)
    {
        Shell.Run(tree, from.MountPoint);
        // A list knows its beginning to the second: what is not older counts as changed meanwhile.
        Shell.Run("now=$(date +%s); while [ $(date +%s) = $now ]; do sleep 0.02; done");
        await using var source = await ConnectAsync(by ?? server);
        var work = await Works.CreateAsync(source, from.Describe(), to.MountPoint, new EventRecorder());
        await using var streams = work.Streams;
        work.Record.Create();
        await ManifestReader.ReadAsync(work, work.Record.ManifestPath, default);
        Shell.Run($"cp -a {from.MountPoint}/. {to.MountPoint}/");
    }

    /// <summary>The copy's list is that of its source as it is now.</summary>
    private async Task RelistAsync()
    {
        Shell.Run("now=$(date +%s); while [ $(date +%s) = $now ]; do sleep 0.02; done");
        await using var source = await ConnectAsync(server);
        var work = await Works.CreateAsync(source, from.Describe(), to.MountPoint, new EventRecorder());
        await using var streams = work.Streams;
        await ManifestReader.ReadAsync(work, work.Record.ManifestPath, default);
    }

    private async Task<VolumeVerifiedEvent> VerifyAsync(TestSshServer? by = null, TargetVolume? volume = null, double samplePercent = 100)
    {
        await using var source = await ConnectAsync(by ?? server);
        return await VerifyAsync(source, volume ?? from.Describe(), samplePercent, events);
    }

    private async Task<VolumeVerifiedEvent> VerifyAsync(
        ISource source,
        TargetVolume volume,
        double samplePercent,
        IEventSink sink,
        CancellationToken cancellationToken = default
    )
    {
        var work = await Works.CreateAsync(source, volume, to.MountPoint, sink);
        await using var streams = work.Streams;
        return await new VolumeVerifier().VerifyAsync(work, samplePercent, cancellationToken);
    }

    private Task<ISource> ConnectAsync(TestSshServer to) => new SshSourceConnector(state).ConnectAsync(to.Access(), events, default);

    /// <summary>Does something when the first event of a kind comes.</summary>
    private sealed class OnFirst<T>(IEventSink inner, Action act) : IEventSink
        where T : AgentEvent
    {
        private int count;

        public void Report(AgentEvent agentEvent)
        {
            inner.Report(agentEvent);
            if (agentEvent is T && Interlocked.Increment(ref count) == 1)
                act();
        }
    }
}
