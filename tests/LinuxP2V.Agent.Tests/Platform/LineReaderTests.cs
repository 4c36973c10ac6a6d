using System.Text;
using LinuxP2V.Agent.Platform;

namespace LinuxP2V.Agent.Tests.Platform;

public sealed class LineReaderTests
{
    [Theory]
    [InlineData("a\nb\n", "a|b")]
    [InlineData("a\r\nb", "a|b")]
    [InlineData("", "")]
    [InlineData("\n\n", "|")]
    [InlineData("\xe9\xff\0x\n", "\xe9\xff\0x")]
    [InlineData("12345678\n", "12345678")]
    [InlineData("123456789\nnext\n", "12345678 ...|next")]
    [InlineData("1234567890123456789012345678901234567890", "12345678 ...")]
    public async Task Lines_come_as_they_are_and_long_ones_cut(string text, string expected)
    {
        foreach (var piece in new[] { 1, 3, 1000 })
        {
            var reader = new LineReader(new Pieces(Encoding.Latin1.GetBytes(text), piece), longest: 8);
            var lines = new List<string>();
            while (await reader.ReadLineAsync() is { } line)
                lines.Add(line);

            Assert.Equal(expected, string.Join('|', lines));
        }
    }

    [Fact]
    public async Task A_line_of_any_length_takes_no_memory()
    {
        var reader = new LineReader(new Endless(300_000_000));
        var before = GC.GetTotalAllocatedBytes(precise: true);

        var line = await reader.ReadLineAsync();

        Assert.Equal(LineReader.LongestLine + 4, line!.Length);
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 60_000_000);
        Assert.Null(await reader.ReadLineAsync());
    }

    private sealed class Pieces(byte[] data, int most) : MemoryStream(data)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(most, buffer.Length)], cancellationToken);
    }

    private sealed class Endless(long bytes) : MemoryStream
    {
        private long left = bytes;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = (int)Math.Min(left, buffer.Length);
            buffer.Span[..count].Fill((byte)'x');
            left -= count;
            return ValueTask.FromResult(count);
        }
    }
}
