using LinuxP2V.Agent.Copy;
using LinuxP2V.Agent.Copy.Files;
using LinuxP2V.Agent.Tests.Source;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Tests.Copy.Files;

/// <summary>Large files with holes: they come by their pieces of data, and the holes stay where they are.</summary>
[Trait("Run", "Full")]
public sealed class SparseFileTests : CopyTestBase
{
    private const int MegaByte = 1_000_000;

    /// <summary>Writes pieces "offset length" into a file of the given size.</summary>
    private const string Write = """
        write() { python3 - "$@" <<'EOF'
        import os, sys
        with open(sys.argv[1], 'wb') as f:
            for piece in sys.argv[3:]:
                start, length = map(int, piece.split(','))
                f.seek(start)
                f.write(os.urandom(length))
            f.truncate(int(sys.argv[2]))
        EOF
        }

        """;

    /// <summary>Where a file has data, as the kernel says.</summary>
    private const string Map = """
        python3 - * <<'EOF'
        import os, sys
        for name in sys.argv[1:]:
            if not os.path.isfile(name): continue
            fd, at, size = os.open(name, os.O_RDONLY), 0, os.stat(name).st_size
            while at < size:
                try: start = os.lseek(fd, at, os.SEEK_DATA)
                except OSError: break
                at = os.lseek(fd, start, os.SEEK_HOLE)
                print(name, start, at)
        EOF
        """;

    private static readonly TransferSettings Settings = new() { RangedFrom = 4 * MegaByte, RangeBytes = TransferSettings.MebiByte };

    [Theory]
    [InlineData("ext4", CopyCompression.None)]
    [InlineData("ext4", CopyCompression.Zstd)]
    [InlineData("xfs", CopyCompression.None)]
    public async Task Data_comes_and_holes_stay(string fileSystem, CopyCompression compression)
    {
        var kind = fileSystem == "xfs" ? FileSystemKind.Xfs : FileSystemKind.Ext4;
        var make = fileSystem == "xfs" ? "mkfs.xfs -q" : "mkfs.ext4 -q -F -b 4096";
        using var from = new LoopVolume(320, make, kind);
        using var to = new LoopVolume(320, make, kind);
        Shell.Run(
            $$"""
            {{Write}}
            write holes-at-both-ends 200000000 8192,3000000 70004736,4000000 150000000,65536
            write data-at-both-ends 150000123 0,4096 4096,4096 70003000,5000001 149000000,1000123
            write odd-pieces 90000001 5,1000003 8000001,999 9000007,4100001 20000000,1 89999999,2
            write all-at-the-end 300000000 290000000,9000000
            write one-page-holes 40000000 $(for i in $(seq 0 9); do echo $((i * 1052672)),1048576; done)
            truncate -s 100M nothing
            ln odd-pieces other-name; setfattr -n user.x -v 1 odd-pieces; chmod 4711 odd-pieces
            touch -d '2001-02-03 04:05:06.7' odd-pieces data-at-both-ends
            sync -f .
            """,
            from.MountPoint
        );
        await using var source = new CutSource(await ConnectAsync(), long.MaxValue, () => { });

        // Reading makes data of what a file system has only set aside.
        var map = Shell.Run(Map, from.MountPoint);

        await CopyAsync(source, from, to, compression);

        Assert.Equal(map, Shell.Run(Map, to.MountPoint));
        Assert.Equal(from.Fingerprint(), to.Fingerprint());
        Assert.Empty(Events.Of<CopyIncidentEvent>());
        Assert.InRange(source.BytesRead, 37 * MegaByte, 42 * MegaByte);
    }

    [Fact]
    public async Task What_is_too_scattered_comes_with_tar_and_is_kept_by_a_resume()
    {
        Shell.Run(
            $"{Write} write scattered 700000000 $(for i in $(seq 0 999); do echo $((i * 300000)),8192; done); touch scattered",
            From.MountPoint
        );
        var (map, before) = (Shell.Run(Map, From.MountPoint), From.Fingerprint());
        await CopyAsync(new FileVolumeCopier(Settings), From.Describe());
        await using var source = new CutSource(await ConnectAsync(), long.MaxValue, () => { });

        var again = await CopyAsync(new FileVolumeCopier(Settings), source, From.Describe(), To.MountPoint, default);

        Assert.Equal(before, To.Fingerprint());
        Assert.Equal(map, Shell.Run(Map, To.MountPoint));
        Assert.InRange(source.BytesRead, 1, MegaByte);
        Assert.InRange(again.Bytes, 8 * MegaByte, 13 * MegaByte);
        Assert.Equal(Shell.Run("find . -printf x", From.MountPoint).Length, again.Files);
    }

    /// <summary>Older formats have the map elsewhere: the helper's tar knows all of them.</summary>
    [Theory]
    [InlineData("0.0")]
    [InlineData("0.1")]
    public async Task A_tar_that_writes_another_map_brings_it_itself(string version)
    {
        Shell.Run($"{Write} write holes 90000000 5000000,6000000 50000000,1000000", From.MountPoint);
        var (map, before) = (Shell.Run(Map, From.MountPoint), From.Fingerprint());
        using var tools = new FakeTool("tar", $"case \"$*\" in *--sparse*) set -- --sparse-version={version} \"$@\" ;; esac");
        using var server = new TestSshServer(replacedTools: tools.Mount);
        await using var source = await ConnectAsync(server);

        await CopyAsync(new FileVolumeCopier(Settings), source, From.Describe(), To.MountPoint, default);

        Assert.Equal(before, To.Fingerprint());
        Assert.Equal(map, Shell.Run(Map, To.MountPoint));
    }

    [Fact]
    public async Task A_file_that_shrinks_or_changes_under_the_reader_is_an_incident()
    {
        Shell.Run(
            $"{Write} write large 900000000 $(for i in $(seq 0 19); do echo $((i * 40000000)),1000000; done); echo k > kept",
            From.MountPoint
        );
        await using var source = new CutSource(
            await ConnectAsync(),
            7 * MegaByte,
            () => Shell.Run("truncate -s 500000000 large", From.MountPoint),
            isOverAll: true
        );

        await CopyAsync(new FileVolumeCopier(Settings), source, From.Describe(), To.MountPoint, default);

        var incident = Assert.Single(Events.Of<CopyIncidentEvent>());
        Assert.Equal((CopyIncidentKind.Changed, From.MountPoint + "/large"), (incident.Kind, incident.Path));
        Assert.Equal("k\n", File.ReadAllText(To.MountPoint + "/kept"));
    }

    private async Task CopyAsync(CutSource source, LoopVolume from, LoopVolume to, CopyCompression compression)
    {
        var options = new CopyOptions { StreamCount = 2, Compression = compression };
        var work = await Works.CreateAsync(source, from.Describe(), to.MountPoint, Events, options, null);
        await using var streams = work.Streams;
        await new FileVolumeCopier(Settings).CopyAsync(work, default);
    }
}
