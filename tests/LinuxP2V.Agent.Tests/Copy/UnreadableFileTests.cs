using LinuxP2V.Agent.Copy;
using LinuxP2V.Agent.Copy.Files;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Tests.Source;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Tests.Copy;

/// <summary>
/// Files that the source's disk does not give back: by a real disk that ends before the file does, and by tools that say so.
/// </summary>
public sealed class UnreadableFileTests : CopyTestBase
{
    [Theory]
    [InlineData(40_000, 0)]
    [InlineData(40_000, 5)]
    [InlineData(3_000_000, 10)]
    public async Task A_small_file_with_a_read_error_is_marked_and_told(int bytes, int readableBlocks)
    {
        using var from = new DamagedVolume("echo good > good; echo better > later");
        from.Damage("bad", bytes, readableBlocks);

        await CopyAsync(new FileVolumeCopier(), from.Volume.Describe());

        var incident = Assert.Single(Events.Of<CopyIncidentEvent>());
        Assert.Equal(
            (CopyIncidentKind.Unreadable, $"{from.Volume.MountPoint}/bad", "read error"),
            (incident.Kind, incident.Path, incident.Detail)
        );
        Assert.Equal("good\nbetter\n", Shell.Run("cat good later", To.MountPoint));
        Assert.Equal("1970-01-01\n", Shell.Run("date -u -r bad +%F", To.MountPoint));
    }

    [Theory]
    [InlineData("exit 1", CopyIncidentKind.Unreadable, "read error")]
    [InlineData("", CopyIncidentKind.Unreadable, "not all of it could be read")]
    [InlineData("truncate -s 3 \"${1#if=}\"", CopyIncidentKind.Changed, "It became shorter while it was read; the rest is zeros.")]
    [InlineData("rm \"${1#if=}\"; exit 1", CopyIncidentKind.Unreadable, "read error")]
    public async Task A_file_that_shrank_is_told_from_one_that_cannot_be_read(string whenReadAgain, CopyIncidentKind kind, string detail)
    {
        Shell.Run("mkdir d; echo contents > d/büd; echo good > d/good; touch -d 2001-01-01 d/*", From.MountPoint);
        using var shrinking = new FakeTool(
            "tar",
            """
            case "$*" in *' -T '*)
              "$real" "$@"
              echo "tar: ./d/b\\303\\274d: File shrank by 4 bytes; padding with zeros" >&2
              exit 1 ;;
            esac
            """
        );
        using var dd = new FakeTool("dd", $"case \"$*\" in *büd*) {whenReadAgain} ;; esac");
        using var server = new TestSshServer(replacedTools: $"{shrinking.Mount} && {dd.Mount}");
        await using var source = await ConnectAsync(server);

        await CopyAsync(new FileVolumeCopier(), source, From.Describe(), To.MountPoint, default);

        var incidents = Events.Of<CopyIncidentEvent>().Where(e => e.Path.EndsWith("/d/büd", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(incidents);
        Assert.All(incidents, incident => Assert.Equal((kind, detail), (incident.Kind, incident.Detail)));
        // Whatever it was, it does not pass for a copy.
        Assert.Equal("1970-01-01\n", Shell.Run("date -u -r d/büd +%F", To.MountPoint));
        Assert.Equal("2001-01-01\n", Shell.Run("date -u -r d/good +%F", To.MountPoint));
    }

    [Theory]
    [InlineData("./../../evil")]
    [InlineData("/evil")]
    [InlineData("./link/evil")]
    public async Task A_read_error_of_what_is_no_file_of_the_copy_marks_nothing(string name)
    {
        File.WriteAllText(Outside + "/evil", "mine");
        File.SetLastWriteTimeUtc(Outside + "/evil", DateTime.UnixEpoch.AddYears(31));
        Shell.Run($"ln -s {Outside} link; echo good > good", From.MountPoint);
        using var tar = new FakeTool(
            "tar",
            $"case \"$*\" in *' -T '*) \"$real\" \"$@\"; "
                + $"echo 'tar: {name}: Read error at byte 0, while reading 5 bytes: Input/output error' >&2; exit 2 ;; esac"
        );
        using var server = new TestSshServer(replacedTools: tar.Mount);
        await using var source = await ConnectAsync(server);

        await CopyAsync(new FileVolumeCopier(), source, From.Describe(), To.MountPoint, default);

        Assert.Equal(DateTime.UnixEpoch.AddYears(31), File.GetLastWriteTimeUtc(Outside + "/evil"));
        Assert.Contains(Events.Of<CopyIncidentEvent>(), e => e.Kind == CopyIncidentKind.Unreadable);
    }

    [Fact]
    public async Task A_resume_reads_again_what_could_not_be_read_and_nothing_else()
    {
        Shell.Run("mkdir d; for i in $(seq 20); do echo $i > d/$i; done; touch fails", From.MountPoint);
        using var failing = new FakeTool(
            "tar",
            $$"""
            case "$*" in *' -T '*)
              if [ -e {{From.MountPoint}}/fails ]; then
                list=$(mktemp); cat > "$list"
                "$real" "$@" < "$list"; code=$?
                ! grep -qaz '^./d/7$' "$list" || { echo 'tar: ./d/7: Read error at byte 0, while reading 2 bytes: Input/output error' >&2; code=2; }
                rm "$list"; exit $code
              fi ;;
            esac
            """
        );
        using var server = new TestSshServer(replacedTools: failing.Mount);
        await using var source = await ConnectAsync(server);
        var settings = new TransferSettings { ShardFiles = 2 };
        await CopyAsync(new FileVolumeCopier(settings), source, From.Describe(), To.MountPoint, default);
        Assert.Contains(
            Events.Of<CopyIncidentEvent>(),
            e => e is { Kind: CopyIncidentKind.Unreadable } && e.Path.EndsWith("/d/7", StringComparison.Ordinal)
        );
        Shell.Run("rm fails", From.MountPoint);
        var known = Events.Of<CopyIncidentEvent>().Count;

        await CopyAsync(new FileVolumeCopier(settings), source, From.Describe(), To.MountPoint, default);

        Assert.Equal(Shell.Run("cat d/*; stat -c %Y d/7", From.MountPoint), Shell.Run("cat d/*; stat -c %Y d/7", To.MountPoint));
        Assert.InRange(Assert.Single(Events.Of<VolumeResumedEvent>()).FilesKept, 15, 21);
        Assert.DoesNotContain(Events.Of<CopyIncidentEvent>().Skip(known), e => e.Kind == CopyIncidentKind.Unreadable);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_listed_ends_the_copy_before_it_begins_unless_that_is_allowed()
    {
        Shell.Run("mkdir d; echo 1 > d/1; echo 2 > 2", From.MountPoint);
        using var find = new FakeTool(
            "find",
            "case \"$*\" in *'%P'*) \"$real\" \"$@\"; echo \"find: './d/locked': Input/output error\" >&2; exit 1 ;; esac"
        );
        using var server = new TestSshServer(replacedTools: find.Mount);
        await using var source = await ConnectAsync(server);

        var error = await Assert.ThrowsAsync<AgentException>(() =>
            CopyAsync(new FileVolumeCopier(), source, From.Describe(), To.MountPoint, default)
        );

        Assert.Equal(ErrorIds.FilesUnreadable, error.Error.Id);
        Assert.Contains("/d/locked", error.Error.Cause, StringComparison.Ordinal);
        Assert.Equal("", Shell.Run("find . -type f", To.MountPoint));
        var work = await Works.CreateAsync(
            source,
            From.Describe(),
            To.MountPoint,
            Events,
            new CopyOptions { StreamCount = 2, AllowUnreadable = true }
        );
        await using var streams = work.Streams;
        await new FileVolumeCopier().CopyAsync(work, default);
        Assert.Equal("1\n2\n", Shell.Run("cat d/1 2", To.MountPoint));
    }

    [Theory]
    [InlineData("find", "find on ")]
    [InlineData("lsattr", "lsattr on ")]
    public async Task A_source_whose_tool_fails_is_told_so_by_its_name_before_the_copy(string tool, string said)
    {
        Shell.Run("echo 1 > 1", From.MountPoint);
        using var broken = new FakeTool(tool, $"echo '{tool}: error while loading shared libraries' >&2; exit 127");
        using var server = new TestSshServer(replacedTools: broken.Mount);
        await using var source = await ConnectAsync(server);

        var error = await Assert.ThrowsAsync<AgentException>(() =>
            CopyAsync(new VolumeCopier(), source, From.Describe(), To.MountPoint, default)
        );

        Assert.Equal(ErrorIds.CopyFailed, error.Error.Id);
        Assert.StartsWith(said, error.Error.Cause, StringComparison.Ordinal);
        Assert.Contains("exit code 127", error.Error.Detail, StringComparison.Ordinal);
        Assert.Equal("", Shell.Run("find . -type f", To.MountPoint));
    }

    [Fact]
    public async Task A_line_without_an_end_takes_no_memory()
    {
        using var server = new TestSshServer();
        await using var source = await ConnectAsync(server);
        await using var lane = await source.OpenLaneAsync(default);
        var longest = 0;
        var before = GC.GetTotalAllocatedBytes(precise: true);

        using (
            var stream = lane.Start("head -c 200000000 /dev/zero >&2; echo; echo over", line => longest = Math.Max(longest, line.Length))
        )
            await stream.WaitAsync(default);

        Assert.InRange(longest, 1, 8200);
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 100_000_000);
    }

    /// <summary>A file system on a disk that is cut off in the middle of its last file.</summary>
    private sealed class DamagedVolume : IDisposable
    {
        public DamagedVolume(string make)
        {
            // One group without a journal: all that is no file's data lies before the files.
            Volume = new LoopVolume(32, "mkfs.ext4 -q -F -O ^has_journal -b 4096 -N 64");
            Shell.Run(make, Volume.MountPoint);
        }

        public LoopVolume Volume { get; }

        public void Damage(string name, int bytes, int readableBlocks)
        {
            var image = Path.Combine(Path.GetDirectoryName(Volume.MountPoint)!, "image");
            Shell.Run(
                $$"""
                head -c {{bytes}} /dev/urandom > {{name}}; sync -f .
                first=$(filefrag -b4096 -v {{name}} | awk '$1 == "0:" { sub(/\.\..*/, "", $4); print $4 }')
                truncate -s $(( (first + {{readableBlocks}}) * 4096 )) {{image}}
                dd of={{name}} oflag=nocache conv=notrunc,fdatasync count=0 status=none
                ! cat {{name}} >/dev/null 2>&1
                """,
                Volume.MountPoint
            );
        }

        public void Dispose()
        {
            // What the file system still has to write must find its place.
            Shell.Run($"truncate -s 32M {Path.Combine(Path.GetDirectoryName(Volume.MountPoint)!, "image")}");
            Volume.Dispose();
        }
    }
}
