using System.IO.Compression;
using LinuxP2V.Agent.Listing;

namespace LinuxP2V.Agent.Tests.Listing;

/// <summary>More than what is unzipped ahead at most: whole, damaged and left alone.</summary>
public sealed class BackgroundDecompressorTests
{
    private readonly byte[] data = new byte[80 << 20];
    private readonly MemoryStream zipped = new();

    public BackgroundDecompressorTests()
    {
        // So that half of it is about half of what it is unzipped to.
        var random = new Random(3);
        for (var i = 0; i < data.Length; i += 100)
            data[i] = (byte)random.Next();

        using (var zip = new GZipStream(zipped, CompressionLevel.Fastest, leaveOpen: true))
            zip.Write(data);

        zipped.Position = 0;
    }

    [Fact]
    public async Task It_goes_ahead_as_far_as_its_bound_and_all_of_it_is_read()
    {
        var length = zipped.Length;
        await using var ahead = new BackgroundDecompressor(zipped);
        await Task.Delay(TimeSpan.FromSeconds(3));
        Assert.InRange((double)zipped.Position / length, 0.3, 0.5);

        using var read = new MemoryStream();
        await ahead.Stream.CopyToAsync(read);

        Assert.True(read.GetBuffer().AsSpan(0, (int)read.Length).SequenceEqual(data));
    }

    [Fact]
    public async Task Damage_is_told_to_its_reader()
    {
        zipped.GetBuffer().AsSpan((int)zipped.Length / 2, 500).Fill(0xFF);

        await using var ahead = new BackgroundDecompressor(zipped);

        Assert.Throws<InvalidDataException>(() => ahead.Stream.CopyTo(Stream.Null));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    public async Task One_that_nobody_reads_to_its_end_is_let_go(int count)
    {
        var ahead = new BackgroundDecompressor(zipped);
        ahead.Stream.ReadExactly(new byte[count]);

        await ahead.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10));

        Assert.False(zipped.CanRead);
    }
}
