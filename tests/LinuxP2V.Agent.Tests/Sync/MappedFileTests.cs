using System.Diagnostics;
using LinuxP2V.Agent.Services;
using LinuxP2V.Agent.Source;
using LinuxP2V.Agent.Tests.Session;
using LinuxP2V.Agent.Tests.Source;
using LinuxP2V.Protocol.Messages;
using static LinuxP2V.Agent.Tests.Sync.SyncPair;

namespace LinuxP2V.Agent.Tests.Sync;

/// <summary>Programs of the source that change files through memory maps, which moves time stamps at the first write alone.</summary>
public sealed class MappedFileTests : IDisposable
{
    private readonly SyncPair pair = new();

    public void Dispose() => pair.Dispose();

    [Theory]
    [InlineData(5000)]
    [InlineData(3 * SmallBytes)]
    public async Task A_write_through_a_map_after_a_list_is_seen_by_the_next(long size)
    {
        pair.Do($"head -c {size} /dev/urandom > mapped; echo 1 > other");
        using var program = MapWriter.Start(pair.From.MountPoint + "/mapped");
        program.Write("first");
        Settle();
        await pair.CopyAsync();
        program.Write("again");

        Assert.Equal((0, 1, 0, 0, 0), Counts(await pair.SyncAsync()));
        program.Write("third");
        Assert.Equal((0, 1, 0, 0, 0), Counts(await pair.SyncAsync()));
        pair.AssertEqual();
    }

    [Fact]
    public async Task With_low_impact_it_is_said_that_nothing_is_flushed()
    {
        pair.Options = pair.Options with { LowImpact = true };
        pair.Do("echo 1 > 1");

        await pair.CopyAsync();

        Assert.Contains(pair.Events.Of<LogEvent>(), e => e.Message.Contains("are not flushed", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(5000)]
    [InlineData(3 * SmallBytes)]
    public async Task Behind_stopped_services_contents_of_files_that_were_mapped_are_compared_whatever_their_times(long size)
    {
        // The first byte is known, so that another one written there makes a difference.
        pair.Do($"for f in a b c; do {{ printf A; head -c {size - 1} /dev/urandom; }} > $f; done; touch -d 2001-01-01 a b c");
        Settle();
        await pair.CopyAsync();
        // No file system lets a test write without a trace on the source: the copy is what differs here.
        Shell.Run(
            "for f in a b c; do printf X | dd of=$f bs=1 conv=notrunc status=none; done; touch -d 2001-01-01 a b c",
            pair.To.MountPoint
        );
        var before = MappedFiles.Parse(
            $"process 17 mysqld\n7f00-7f01 rw-s 00000000 08:01 {InodeOf("a")}  /data/a\n"
                + $"7f00-7f01 rw-s 0 08:01 {InodeOf("b")} /data/b\nend\n"
        )!;
        var now = MappedFiles.Parse($"process 18 my\u001b[2Jsqld\n7f00-7f01 rw-s 00000000 08:01 {InodeOf("b")}  /elsewhere/b\nend\n")!;
        pair.Maps = new CutoverMaps(now.With(before), now);

        Assert.Equal((0, 2, 0, 0, 0), Counts(await pair.SyncAsync()));

        Assert.Equal("c\n", Shell.Run($"for f in a b c; do cmp -s $f {pair.To.MountPoint}/$f || echo $f; done", pair.From.MountPoint));
        var said = Assert.Single(
            pair.Events.Of<LogEvent>(),
            e => e.Level == LogLevel.Warning && e.Message.Contains("mapped into memory", StringComparison.Ordinal)
        );
        Assert.Contains("/b (", said.Message, StringComparison.Ordinal);
        Assert.Contains("process 18", said.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("/a (", said.Message, StringComparison.Ordinal);
        // What is the same counts for nothing.
        Assert.Equal((0, 0, 0, 0, 0), Counts(await pair.SyncAsync()));
    }

    [Fact]
    public async Task The_source_tells_which_files_are_mapped_for_writing_and_by_whom()
    {
        pair.Do("head -c 9000 /dev/zero > 'a file'; head -c 9000 /dev/zero > read");
        using var program = MapWriter.Start(pair.From.MountPoint + "/a file");
        var state = Directory.CreateTempSubdirectory("p2v-state-").FullName;
        using var server = new TestSshServer();
        MappedFiles mapped;
        await using (var source = await new SshSourceConnector(state).ConnectAsync(server.Access(), new EventRecorder(), default))
            mapped = await MappedFiles.ReadAsync(source, default);

        Directory.Delete(state, recursive: true);
        Assert.True(mapped.Contains(ulong.Parse(InodeOf("a file"), null)));
        Assert.Equal($"python3, process {program.Id}", mapped.ProgramOf(ulong.Parse(InodeOf("a file"), null), "a file"u8));
        Assert.Null(mapped.ProgramOf(ulong.Parse(InodeOf("a file"), null), "file"u8));
        Assert.False(mapped.Contains(ulong.Parse(InodeOf("read"), null)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("process 1 x\n7f00-7f01 rw-s 0 08:01 5 /a\n")]
    public void An_answer_that_was_cut_short_is_none(string answer) => Assert.Null(MappedFiles.Parse(answer));

    [Fact]
    public void What_is_no_file_counts_for_nothing()
    {
        var mapped = MappedFiles.Parse(
            "unreadable\nprocess 1\nprocess\n7f00 rw-s\n7f00-7f01 rw-s 0 00:05 0 /dev/zero\n7f00-7f01 rw-s 0 00:01 7 [heap]\n"
                + "7f00-7f01 rw-s 0 08:01 99999999999999999999999 /a\n7f00-7f01 rw-s 0 08:01 -8 /a\nunreadable\nend"
        );

        Assert.Equal(2, mapped!.UnreadableProcesses);
        Assert.False(mapped.Contains(0));
        Assert.False(mapped.Contains(7));
    }

    private string InodeOf(string name) => Shell.Run($"stat -c %i '{name}'", pair.From.MountPoint).Trim();

    /// <summary>A program that keeps a file mapped and writes into it when told.</summary>
    private sealed class MapWriter : IDisposable
    {
        private const string Program = """
            import mmap, sys
            with open(sys.argv[1], 'r+b') as file:
                map = mmap.mmap(file.fileno(), 0)
                print('mapped', flush=True)
                for line in sys.stdin:
                    map[100:100 + len(line)] = line.encode()
                    print('written', flush=True)
            """;

        private readonly Process process;

        private MapWriter(Process process) => this.process = process;

        public int Id => process.Id;

        public static MapWriter Start(string file)
        {
            var start = new ProcessStartInfo("python3", ["-c", Program, file])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            };
            var writer = new MapWriter(Process.Start(start)!);
            Assert.Equal("mapped", writer.process.StandardOutput.ReadLine());
            return writer;
        }

        public void Write(string text)
        {
            process.StandardInput.WriteLine(text);
            process.StandardInput.Flush();
            Assert.Equal("written", process.StandardOutput.ReadLine());
        }

        public void Dispose()
        {
            process.StandardInput.Close();
            process.WaitForExit();
            process.Dispose();
        }
    }
}
