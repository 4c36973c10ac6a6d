using LinuxP2V.Agent.Source;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Copy.Streams;

/// <inheritdoc cref="ICopyStreams"/>
internal sealed class CopyStreams(ISource source, CopyOptions options, BandwidthLimiter limiter) : ICopyStreams
{
    private SourceTools? tools;

    public ISource Source => source;

    public CopyOptions Options => options;

    public BandwidthLimiter Limiter => limiter;

    public async Task<SourceTools> ReadToolsAsync(CancellationToken cancellationToken) =>
        tools ??= await SourceTools.ReadAsync(source, cancellationToken);

    public async Task<T> RunAsync<T>(Func<ISourceLane, CancellationToken, Task<T>> job, CancellationToken cancellationToken)
    {
        await using var lane = await source.OpenLaneAsync(cancellationToken);
        return await job(lane, cancellationToken);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
