using System.IO.Pipes;
using System.Text;
using LinuxP2V.Engine.Helpers;

namespace LinuxP2V.Engine.Tests.Conversions;

public sealed class LinePumpTests
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Lines_come_in_order_a_cancelled_read_loses_none_and_the_end_is_found_again_and_again()
    {
        using var server = new AnonymousPipeServerStream(PipeDirection.Out);
        using var client = new AnonymousPipeClientStream(PipeDirection.In, server.ClientSafePipeHandle);
        var pump = new LinePump(client);
        using var cancelled = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pump.ReadLineAsync(cancelled.Token));

        server.Write(Encoding.UTF8.GetBytes("first\nsecond ä\nlast without end"));
        server.Dispose();
        Assert.Equal("first", await pump.ReadLineAsync(CancellationToken.None).WaitAsync(WaitTimeout));
        Assert.Equal("second ä", await pump.ReadLineAsync(CancellationToken.None).WaitAsync(WaitTimeout));
        Assert.Equal("last without end", await pump.ReadLineAsync(CancellationToken.None).WaitAsync(WaitTimeout));
        Assert.Null(await pump.ReadLineAsync(CancellationToken.None).WaitAsync(WaitTimeout));
        Assert.Null(await pump.ReadLineAsync(CancellationToken.None).WaitAsync(WaitTimeout));
    }

    [Fact]
    public async Task A_stream_that_breaks_is_told_as_such()
    {
        var pump = new LinePump(new BrokenStream());
        await Assert.ThrowsAsync<IOException>(() => pump.ReadLineAsync(CancellationToken.None).WaitAsync(WaitTimeout));
    }

    [Fact]
    public async Task A_line_without_an_end_is_refused_before_it_fills_the_memory()
    {
        var pump = new LinePump(new EndlessStream());
        var error = await Assert.ThrowsAsync<IOException>(() => pump.ReadLineAsync(CancellationToken.None).WaitAsync(WaitTimeout));
        Assert.Contains("16 million characters", error.Message, StringComparison.Ordinal);
    }

    private sealed class EndlessStream : MemoryStream
    {
        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            buffer.Fill((byte)'x');
            return buffer.Length;
        }
    }

    private sealed class BrokenStream : MemoryStream
    {
        public override int Read(byte[] buffer, int offset, int count) => throw new InvalidOperationException("cut");

        public override int Read(Span<byte> buffer) => throw new InvalidOperationException("cut");
    }
}
