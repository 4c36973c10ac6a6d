using LinuxP2V.Agent.Copy.Files;
using LinuxP2V.Agent.Listing;
using LinuxP2V.Agent.Source;
using LinuxP2V.Agent.Streams;
using LinuxP2V.Agent.Tests.Copy;
using LinuxP2V.Agent.Tests.Session;
using LinuxP2V.Agent.Tests.Source;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Tests.Streams;

[Trait("Run", "Full")]
public sealed class StreamCompressionTests : IDisposable
{
    private readonly TestSshServer server = new();
    private readonly EventRecorder events = new();
    private readonly string state = Directory.CreateTempSubdirectory("p2v-state-").FullName;

    [Theory]
    [InlineData(CopyCompression.None)]
    [InlineData(CopyCompression.Zstd)]
    [InlineData(CopyCompression.Gzip)]
    public async Task Data_input_errors_and_exit_code_are_those_of_the_script(CopyCompression kind)
    {
        var compression = kind switch
        {
            CopyCompression.Zstd => StreamCompression.Zstd,
            CopyCompression.Gzip => StreamCompression.Gzip,
            _ => StreamCompression.None,
        };
        await using var source = await ConnectAsync();
        await using var lane = await source.OpenLaneAsync(default);
        var data = new byte[2_000_000];
        new Random(2).NextBytes(data.AsSpan(0, 500_000));
        var errors = new List<string>();

        using var stream = lane.Start(compression.Wrap("cat; echo words >&2; exit 3"), errors.Add, CommandInput.Of(data));
        using var wire = new CountingStream(stream.Output);
        using var unpacked = compression.Unpack(wire);
        using var copy = new MemoryStream();
        await unpacked.CopyToAsync(copy);

        Assert.Equal(3, await stream.WaitAsync(default));
        Assert.Equal(["words"], errors);
        Assert.Equal(data, copy.ToArray());
        Assert.InRange(
            wire.Bytes,
            kind == CopyCompression.None ? data.Length : 400_000,
            kind == CopyCompression.None ? data.Length : 600_000
        );
    }

    [Theory]
    [InlineData(100_000)]
    [InlineData(0)]
    public void Data_that_ends_in_the_middle_is_damaged(int length)
    {
        var folder = Directory.CreateTempSubdirectory("p2v-zstd-").FullName;
        Shell.Run("head -c 300000 /dev/urandom > data; zstd -q data", folder);
        using var wire = new MemoryStream(File.ReadAllBytes(folder + "/data.zst")[..length]);
        Directory.Delete(folder, recursive: true);
        using var unpacked = StreamCompression.Zstd.Unpack(wire);

        Assert.Throws<InvalidDataException>(() => unpacked.CopyTo(Stream.Null));
    }

    [Theory]
    // A local gigabit, data that packs well: CPUs pack faster than the link carries.
    [InlineData(117e6, 400e6, 0.4, 2, true)]
    // This machine's loopback: the link is the CPUs.
    [InlineData(430e6, 350e6, 0.4, 2, false)]
    // Photographs.
    [InlineData(12e6, 400e6, 0.99, 8, false)]
    // A slow line and a slow CPU.
    [InlineData(6e6, 30e6, 0.5, 1, true)]
    public void Only_a_gain_above_a_fifth_is_worth_it(double link, double pack, double ratio, int cpus, bool expected) =>
        Assert.Equal(expected, new CompressionDecision(link, pack, ratio, cpus).IsWorthIt);

    [Theory]
    // A loopback, and ten gigabits to two CPUs and to many.
    [InlineData(390e6, 2, true)]
    [InlineData(1000e6, 2, true)]
    [InlineData(1000e6, 32, false)]
    [InlineData(117e6, 1, false)]
    public void No_sample_is_tried_where_none_could_be_worth_it(double link, int cpus, bool expected) =>
        Assert.Equal(expected, CompressionDecision.IsTooFast(link, cpus));

    [Fact]
    public async Task Auto_measures_and_tells_its_numbers()
    {
        using var text = new LoopVolume();
        Shell.Run("seq 1 700000 > numbers; mkdir small; for i in $(seq 1 200); do seq 1 1000 > small/$i; done", text.MountPoint);
        using var noise = new LoopVolume();
        Shell.Run("head -c 20000000 /dev/urandom > noise", noise.MountPoint);
        var slow = new BandwidthLimiter();
        // So slow that a machine with other things to do packs faster all the same.
        slow.Set(16);
        await using var source = await ConnectAsync();

        Assert.Same(StreamCompression.Zstd, await ChooseAsync(source, text, new CopyOptions(), slow));
        var told = events.Of<LogEvent>().Last(e => e.Level == LogLevel.Information).Message;
        Assert.Matches(
            @"through zstd: a stream from \S+ carries \d+ MB/s; zstd there packs \d+ MB/s "
                + @"to \d+ ?% of the size; expected gain [\d.]+ times\.",
            told
        );
        Assert.Same(StreamCompression.None, await ChooseAsync(source, noise, new CopyOptions(), slow));
        Assert.Contains("uncompressed: a stream from", events.Of<LogEvent>()[^1].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_asked_for_is_taken_where_the_source_has_it()
    {
        using var empty = new LoopVolume();
        await using (var source = await ConnectAsync())
        {
            Assert.Same(StreamCompression.Gzip, await ChooseAsync(source, empty, new CopyOptions { Compression = CopyCompression.Gzip }));
            Assert.Same(StreamCompression.None, await ChooseAsync(source, empty, new CopyOptions { Compression = CopyCompression.None }));
        }

        var hidden = Directory.CreateTempSubdirectory("p2v-tools-").FullName;
        Shell.Run("cp /bin/false zstd; chmod -x zstd", hidden);
        using (var bare = new TestSshServer(replacedTools: $"mount --bind {hidden}/zstd $(command -v zstd)"))
        await using (var source = await new SshSourceConnector(state).ConnectAsync(bare.Access(), events, default))
        {
            Assert.Same(StreamCompression.None, await ChooseAsync(source, empty, new CopyOptions { Compression = CopyCompression.Zstd }));
            Assert.Contains(
                "no zstd",
                Assert.Single(events.Of<LogEvent>(), e => e.Level == LogLevel.Warning).Message,
                StringComparison.Ordinal
            );
        }

        Directory.Delete(hidden, recursive: true);
    }

    public void Dispose()
    {
        server.Dispose();
        Assert.Empty(Directory.GetDirectories(state));
        Directory.Delete(state, recursive: true);
    }

    private async Task<StreamCompression> ChooseAsync(
        ISource source,
        LoopVolume volume,
        CopyOptions options,
        BandwidthLimiter? limiter = null
    )
    {
        var work = await Works.CreateAsync(source, volume.Describe(), volume.MountPoint, events, options, limiter);
        await using var streams = work.Streams;
        var reading = await ManifestReader.ReadAsync(work, null, default);
        return await streams.ChooseCompressionAsync(FileSample.DataOf(work, reading.Manifest), default);
    }

    private Task<ISource> ConnectAsync() => new SshSourceConnector(state).ConnectAsync(server.Access(), events, default);

    private sealed class CountingStream(Stream inner) : MemoryStream
    {
        public long Bytes { get; private set; }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            var count = inner.Read(buffer);
            Bytes += count;
            return count;
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> destination, CancellationToken cancellationToken = default)
        {
            var count = await inner.ReadAsync(destination, cancellationToken);
            Bytes += count;
            return count;
        }

        public override async Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken)
        {
            var buffer = new byte[bufferSize];
            while (await ReadAsync(buffer.AsMemory(), cancellationToken) is var count and > 0)
                await destination.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
        }
    }
}
