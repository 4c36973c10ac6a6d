using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Source;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Streams;

/// <summary>The parallel connections of one request, shared by all its volumes.</summary>
internal interface ICopyStreams : IAsyncDisposable
{
    ISource Source { get; }

    /// <summary>Read once, at the first use.</summary>
    Task<SourceTools> ReadToolsAsync(CancellationToken cancellationToken);

    CopyOptions Options { get; }

    /// <summary>Holds the bandwidth limit over all streams: whatever reads data from the source reads through its Throttle.</summary>
    BandwidthLimiter Limiter { get; }

    /// <summary>How many streams there may be now; it may change while jobs run.</summary>
    int Count { get; }

    /// <summary>How the data of this request travels: asked for, or measured with the first volume that asks, and told.</summary>
    /// <param name="data">What is sampled.</param>
    Task<StreamCompression> ChooseCompressionAsync(CompressibleData data, CancellationToken cancellationToken);

    /// <summary>
    /// Runs a job on a stream as soon as one is free. When the connection breaks it is opened again, for as long as an
    /// outage may last, and the job runs anew from its beginning.
    /// </summary>
    /// <exception cref="AgentException">What the job throws; SourceConnectionLost once an outage lasted too long.</exception>
    Task<T> RunAsync<T>(Func<ISourceLane, CancellationToken, Task<T>> job, CancellationToken cancellationToken);
}
