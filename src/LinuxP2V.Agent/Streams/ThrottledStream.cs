using LinuxP2V.Agent.Platform;

namespace LinuxP2V.Agent.Streams;

/// <summary>Reads another stream no faster than a limiter lets it.</summary>
internal sealed class ThrottledStream(Stream inner, BandwidthLimiter limiter, CancellationToken cancelled) : ReadOnlyStream
{
    public override int Read(Span<byte> buffer)
    {
        var count = inner.Read(buffer[..limiter.ReadSize(buffer.Length)]);
        limiter.Wait(count, cancelled);
        return count;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await inner.ReadAsync(buffer[..limiter.ReadSize(buffer.Length)], cancellationToken);
        await limiter.WaitAsync(count, cancellationToken);
        return count;
    }
}
