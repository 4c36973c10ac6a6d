using System.Globalization;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Listing;
using LinuxP2V.Agent.Source;
using LinuxP2V.Agent.Streams;
using LinuxP2V.Agent.Sync;
using LinuxP2V.Agent.Tests.Copy;
using LinuxP2V.Agent.Tests.Session;
using LinuxP2V.Agent.Tests.Source;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Tests.Listing;

/// <summary>Real trees listed over a real sshd, compared with what Python's lstat says.</summary>
public sealed class ManifestReaderTests : IDisposable
{
    private const string Tree = """
        mkdir -p plain dir/sub 'with space' $'line\nfolder/inside' out/deep 'st*r' star
        echo hello > plain/a; ln plain/a dir/sub/hard; truncate -s 3M dir/sparse; head -c 300000 /dev/urandom > dir/random
        mkfifo dir/fifo; mknod dir/device c 10 200; mknod dir/block b 7 99
        ln -s ../plain/a dir/link; ln -s '/no where' dir/dangling
        echo n > $'dir/new\nline'; ln -s x $'dir/new\nlink'; echo i > $'line\nfolder/inside/f'
        echo b > $'dir/back\\slash'; echo t > $'dir/tab\there'; echo l > $'dir/latin-\xe9\xff'
        echo d > dir/-dash; echo u > 'dir/ünïcode'; echo q > "dir/quo'te\"s"
        echo s > 'dir/star*[x]?'; echo x > dir/' '; echo e > 'dir/end '
        touch out/deep/f 'st*r/f' star/f
        chown 1234:5678 dir/random; chmod 4751 dir/random; chmod 1777 'with space'; chmod 0 plain/a
        touch -d '2001-02-03 04:05:06.123456789' plain/a dir; touch -d '1969-12-31 23:59:58.25' dir/random
        python3 -c "import socket; socket.socket(socket.AF_UNIX).bind('dir/socket')"
        """;

    private readonly TestSshServer server = new();
    private readonly LoopVolume volume = new();
    private readonly EventRecorder events = new();
    private readonly string state = Directory.CreateTempSubdirectory("p2v-state-").FullName;

    [Fact]
    public async Task Every_entry_is_there_with_its_facts_and_the_stored_manifest_is_the_same()
    {
        Shell.Run(Tree, volume.MountPoint);
        var store = state + "/manifest.gz";
        var before = DateTimeOffset.UtcNow.ToUnixTimeSeconds();

        var reading = await ReadAsync(server, volume.Describe(), store);

        Assert.Equal(Expected(), Lines(reading.Manifest));
        Assert.Equal(ListingTool.Find, reading.Header.Tool);
        Assert.InRange(reading.Header.Start / 1_000_000_000, before, DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        var (stored, header) = StoredManifest.Load(store, volume.Describe());
        Assert.Equal((reading.Header, string.Join('\n', Lines(reading.Manifest))), (header, string.Join('\n', Lines(stored))));
        var streamed = 0;
        ManifestHeader? early = null;
        StoredManifest.Read(store, (ReadOnlySpan<byte> _, in ManifestRecord _) => streamed += early is null ? 0 : 1, h => early = h);
        Assert.Equal(reading.Manifest.Count, streamed);
        Assert.Equal([store], Directory.GetFiles(state));
        File.Delete(store);
        Assert.DoesNotContain(events.Of<LogEvent>(), e => e.Level == LogLevel.Warning);
    }

    [Fact]
    public async Task A_local_folder_is_listed_alike()
    {
        Shell.Run(Tree, volume.MountPoint);

        var manifest = new Manifest();
        await LocalListing.ReadAsync(
            volume.MountPoint,
            ["out", "lost+found"],
            (ReadOnlySpan<byte> path, in ManifestRecord record) => manifest.Add(path, record),
            default
        );

        Assert.Equal(Expected("out", "lost+found"), Lines(manifest));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            LocalListing.ReadAsync(volume.MountPoint, [], (ReadOnlySpan<byte> _, in ManifestRecord _) => { }, new CancellationToken(true))
        );
    }

    [Fact]
    public async Task Excluded_paths_and_the_marks_of_an_earlier_conversion_are_left_out()
    {
        Shell.Run($"{Tree}; echo x > .linuxp2v-finished", volume.MountPoint);

        var reading = await ReadAsync(server, volume.Describe(volume.MountPoint + "/out/", volume.MountPoint + "/st*r", "/elsewhere/star"));

        Assert.Equal(Expected("out", "st*r", ".linuxp2v-finished"), Lines(reading.Manifest));
        Assert.Equal(
            ["var/x", ".linuxp2v-finished", ".linuxp2v"],
            ManifestScript.ExcludedFrom(volume.Describe("/var/x/") with { MountPoint = "/" })
        );
    }

    [Fact]
    public async Task What_lies_below_a_mount_point_is_listed_and_what_is_mounted_there_is_not()
    {
        Shell.Run("mkdir inner; echo hidden > inner/below; mount -t tmpfs none inner; echo seen > inner/above", volume.MountPoint);

        var reading = await ReadAsync(server, volume.Describe());

        Assert.True(reading.Manifest.Find("inner/below"u8) > 0);
        Assert.Equal(-1, reading.Manifest.Find("inner/above"u8));
    }

    [Fact]
    public async Task A_source_with_busybox_alone_is_listed_to_the_second_and_says_so()
    {
        Shell.Run(Tree, volume.MountPoint);
        using var busybox = new TestSshServer(
            replacedTools: "mount --bind /bin/busybox /usr/bin/find && mount --bind /bin/busybox /usr/bin/stat"
        );

        var reading = await ReadAsync(busybox, volume.Describe(volume.MountPoint + "/st*r"));

        Assert.Equal(ListingTool.Stat, reading.Header.Tool);
        Assert.Equal(Expected(inSeconds: true, "st*r"), Lines(reading.Manifest));
        Assert.Contains(
            events.Of<LogEvent>(),
            e => e.Level == LogLevel.Warning && e.Message.Contains("no GNU find", StringComparison.Ordinal)
        );
        Assert.Empty(events.Of<CopyIncidentEvent>());
    }

    [Theory]
    [InlineData(":", 0)]
    [InlineData("\"$real\" . -prune -exec stat -c 'x %f %u %g %h %i %s %b %Y %Z %n' {} +; kill -9 $$", 137)]
    public void A_list_by_stat_that_is_cut_short_ends_with_a_failure(string end, int expected)
    {
        var folder = Directory.CreateTempSubdirectory("p2v-list-").FullName;
        try
        {
            using var find = new FakeTool("find", $"case \"$*\" in *'! -path'*) {end} ;; esac");
            File.WriteAllText(Path.Combine(folder, "list"), ManifestScript.List(ListingTool.Stat, []));

            var (code, _, _) = Shell.Try($"touch $'a\nb' c; PATH={find.Folder}:$PATH sh ./list >/dev/null", folder);

            Assert.Equal(expected, code);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Trait("Run", "Full")]
    [Theory]
    [InlineData("sh", "cat", 4001, "", "names")]
    [InlineData("sh", "cat", 4001, "", "inodes")]
    [InlineData("sh", "head -c 2000", 1, "Broken pipe", "names")]
    [InlineData("sh", "head -c 2000", 1, "Broken pipe", "inodes")]
    [InlineData("bash", "cat", 4001, "", "inodes")]
    [InlineData("set +e; .", "cat", 4001, "", "inodes")]
    [InlineData("set +e; .", "head -c 2000", 1, "Broken pipe", "inodes")]
    public void A_list_with_read_ahead_is_the_same_and_leaves_nothing_running_also_when_it_is_cut(
        string run,
        string reader,
        int atLeast,
        string said,
        string aheadAt
    )
    {
        var folder = Directory.CreateTempSubdirectory("p2v-list-").FullName;
        try
        {
            // The one ahead would be at it for long.
            var names = aheadAt == "names" ? "exec sleep 30" : "exec \"$real\" \"$@\"";
            using var find = new FakeTool(
                "find",
                "case \"$*\" in *-printf*) sleep 1 ;; *'-type d') echo names >> \"$LOG\"; "
                    + $"{names} ;; *'-links 0') echo inodes >> \"$LOG\"; exec sleep 30 ;; esac"
            );
            var log = Path.Combine(find.Folder, "log");
            File.WriteAllText(Path.Combine(find.Folder, "list"), ManifestScript.List(ListingTool.Find, [], null, ReadAheadScope.Inodes));
            File.WriteAllText(Path.Combine(find.Folder, "plain"), ManifestScript.List(ListingTool.Find, []));
            Shell.Run("seq -f 'd%04g' 2000 | xargs mkdir; for folder in d*; do echo > $folder/f; done", folder);

            // In a shell of its own, or in a subshell as without a namespace.
            var script =
                $"export LOG={log} PATH={find.Folder}:$PATH; {{ {run} {find.Folder}/list; }} | {reader} | tr '\\0' '\\n' | tail -n +2";
            var (_, ahead, error) = Shell.Try(script, folder);
            var (_, plain, _) = Shell.Try($"sh {find.Folder}/plain | {reader} | tr '\\0' '\\n' | tail -n +2", folder);

            Assert.Equal(plain, ahead);
            Assert.True(said.Length == 0 ? error.Length == 0 : error.Contains(said, StringComparison.Ordinal), error);
            Assert.True(ahead.Split('\n').Length >= atLeast);
            Assert.Equal(aheadAt, File.ReadLines(log).Last());
            Thread.Sleep(TimeSpan.FromSeconds(1));
            Assert.Equal(
                "",
                Shell
                    .Try(
                        $"for process in /proc/[0-9]*; do [ \"$(readlink $process/cwd)\" = {folder} ] && cat $process/cmdline; done; :",
                        "/"
                    )
                    .Output
            );
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData(nameof(ReadAheadScope.Nothing), true, "")]
    [InlineData(nameof(ReadAheadScope.Directories), true, "names\n")]
    [InlineData(nameof(ReadAheadScope.Inodes), true, "names\ninodes ./d ./c ./new\n")]
    [InlineData(nameof(ReadAheadScope.Inodes), false, "names\n")]
    public void Inodes_are_read_ahead_from_the_end_to_the_middle_and_only_where_they_are_known_to_be_of_the_volume(
        string scope,
        bool hasSetsid,
        string expected
    )
    {
        // The source may hold a directory whose name is "new", a newline and "/etc".
        using var find = new FakeTool(
            "find",
            """
            case "$*" in
              *-printf*) sleep 1 ;;
              *'-type d') echo names >> "$LOG"; printf '.\n./a\n./b\n./new\n/etc\n./c\n./d\n'; exit ;;
              *' -maxdepth 1 -links 0') echo "inodes ${*%% -*}" >> "$LOG"; exit ;;
            esac
            """
        );
        using var setsid = new FakeTool("setsid", hasSetsid ? "" : "exit 127");
        var log = Path.Combine(find.Folder, "log");
        File.WriteAllText(log, "");
        File.WriteAllText(
            Path.Combine(find.Folder, "list"),
            ManifestScript.List(ListingTool.Find, [], null, Enum.Parse<ReadAheadScope>(scope))
        );

        var (code, _, error) = Shell.Try($"LOG={log} PATH={setsid.Folder}:{find.Folder}:$PATH sh ./list >/dev/null", find.Folder);

        Assert.Equal((0, ""), (code, error));
        Assert.Equal(expected, File.ReadAllText(log));
    }

    [Fact]
    public async Task A_folder_that_cannot_be_read_is_an_incident_and_no_failure()
    {
        Shell.Run("mkdir d; touch d/f", volume.MountPoint);
        var tools = Directory.CreateTempSubdirectory("p2v-tools-").FullName;
        File.WriteAllText(
            tools + "/find",
            $"""
            #!/bin/sh
            {tools}/real "$@"; code=$?
            [ "$1" = . ] || exit $code
            printf '%s\n' "find: './d/locked in': Permission denied" >&2
            exit 1

            """
        );
        Shell.Run("cp \"$(command -v find)\" real; chmod +x find", tools);
        using var odd = new TestSshServer(replacedTools: $"mount --bind {tools}/find $(command -v find)");

        var reading = await ReadAsync(odd, volume.Describe());

        var incident = Assert.Single(events.Of<CopyIncidentEvent>());
        Assert.Equal((CopyIncidentKind.Unreadable, volume.MountPoint + "/d/locked in"), (incident.Kind, incident.Path));
        Assert.True(reading.Manifest.Find("d/f"u8) > 0);
        Directory.Delete(tools, recursive: true);
    }

    [Fact]
    public async Task A_volume_that_is_not_mounted_is_told_and_stores_nothing()
    {
        Shell.Run("mkdir plain", volume.MountPoint);
        var described = volume.Describe() with { MountPoint = volume.MountPoint + "/plain" };

        var error = await Assert.ThrowsAsync<AgentException>(() => ReadAsync(server, described, state + "/manifest.gz"));

        Assert.Equal(ErrorIds.VolumeNotFound, error.Error.Id);
        Assert.Empty(Directory.GetFiles(state));
    }

    [Theory]
    [InlineData("echo 'no clock' >&2; exit 3", "find ended with 3", "no clock")]
    [InlineData("echo Welcome", "no list of files", "does not begin")]
    public async Task An_answer_that_is_no_list_is_told_at_once(string date, string cause, string detail)
    {
        using var fake = new FakeTool("date", date);
        using var odd = new TestSshServer(replacedTools: fake.Mount);

        var error = await Assert.ThrowsAsync<AgentException>(() => ReadAsync(odd, volume.Describe(), state + "/manifest.gz"));

        Assert.Equal(ErrorIds.CopyFailed, error.Error.Id);
        Assert.Contains(cause, error.Message, StringComparison.Ordinal);
        Assert.Contains(detail, error.Error.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain(events.Of<LogEvent>(), e => e.Message.Contains("opened again", StringComparison.Ordinal));
        Assert.Empty(Directory.GetFiles(state));
    }

    [Fact]
    public async Task A_listing_that_breaks_is_done_again_from_its_beginning()
    {
        Shell.Run("mkdir d; cd d; seq 1 5000 | xargs touch", volume.MountPoint);
        var back = Task.CompletedTask;
        await using var source = new CutSource(
            await ConnectAsync(server),
            100_000,
            () =>
            {
                server.Stop();
                back = Task.Delay(500).ContinueWith(_ => server.Start(), TaskScheduler.Default);
            }
        );

        var reading = await ReadAsync(source, volume.Describe(), state + "/manifest.gz");

        await back;
        Assert.Equal(Expected(), Lines(reading.Manifest));
        Assert.Equal(reading.Manifest.Count, StoredManifest.Load(state + "/manifest.gz", volume.Describe()).Manifest.Count);
        File.Delete(state + "/manifest.gz");
    }

    public void Dispose()
    {
        volume.Dispose();
        server.Dispose();
        Assert.Empty(Directory.GetDirectories(state));
        Directory.Delete(state, recursive: true);
    }

    private static IEnumerable<string> Lines(Manifest manifest) =>
        Enumerable
            .Range(0, manifest.Count)
            .Select(entry =>
            {
                var record = manifest[entry];
                return string.Create(
                    CultureInfo.InvariantCulture,
                    $"{Convert.ToHexStringLower(manifest.PathOf(entry))} {(char)record.Type} {Convert.ToString(record.Mode, 8)} "
                        + $"{record.Owner} {record.Group} {record.Links} {record.Inode} {record.Size} {record.AllocatedBytes} "
                        + $"{record.ModifyTime} {record.ChangeTime}"
                );
            })
            .Order(StringComparer.Ordinal);

    private IEnumerable<string> Expected(params string[] excluded) => Expected(inSeconds: false, excluded);

    private IEnumerable<string> Expected(bool inSeconds, params string[] excluded)
    {
        var script = $$"""
            import os, stat
            letters = {stat.S_IFREG: 'f', stat.S_IFDIR: 'd', stat.S_IFLNK: 'l', stat.S_IFIFO: 'p',
                       stat.S_IFSOCK: 's', stat.S_IFCHR: 'c', stat.S_IFBLK: 'b'}
            unit = {{(inSeconds ? "10**9" : "1")}}
            def show(path):
                s = os.lstat(path or b'.')
                print(path.hex(), letters[stat.S_IFMT(s.st_mode)], '%o' % stat.S_IMODE(s.st_mode), s.st_uid, s.st_gid, s.st_nlink, s.st_ino,
                    s.st_size, s.st_blocks * 512, s.st_mtime_ns // unit * unit, s.st_ctime_ns // unit * unit)
            def walk(path):
                show(path)
                for name in os.listdir(path or b'.'):
                    inner = path + b'/' + name if path else name
                    if inner in [{{string.Join(", ", excluded.Select(path => $"b'{path}'"))}}]:
                        continue
                    if stat.S_ISDIR(os.lstat(inner).st_mode):
                        walk(inner)
                    else:
                        show(inner)
            walk(b'')
            """;
        return Shell
            .Run($"python3 -c {Shell.Quote(script)}", volume.MountPoint)
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Order(StringComparer.Ordinal);
    }

    private async Task<ManifestReading> ReadAsync(TestSshServer from, TargetVolume described, string? store = null)
    {
        await using var source = await ConnectAsync(from);
        return await ReadAsync(source, described, store);
    }

    private async Task<ManifestReading> ReadAsync(ISource source, TargetVolume described, string? store = null)
    {
        var work = await Works.CreateAsync(source, described, volume.MountPoint, events);
        await using var streams = work.Streams;
        return await ManifestReader.ReadAsync(work, store, default);
    }

    private Task<ISource> ConnectAsync(TestSshServer from) => new SshSourceConnector(state).ConnectAsync(from.Access(), events, default);
}
