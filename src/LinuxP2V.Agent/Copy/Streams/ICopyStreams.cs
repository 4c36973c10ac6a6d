using LinuxP2V.Agent.Source;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Copy.Streams;

/// <summary>The parallel connections of one request, shared by all its volumes.</summary>
internal interface ICopyStreams : IAsyncDisposable
{
    ISource Source { get; }

    /// <summary>Read once, at the first use.</summary>
    Task<SourceTools> ReadToolsAsync(CancellationToken cancellationToken);

    CopyOptions Options { get; }

    /// <summary>Holds the bandwidth limit over all streams: whatever reads data from the source asks it first.</summary>
    BandwidthLimiter Limiter { get; }

    /// <summary>
    /// Runs a job on a stream as soon as one is free. When the connection breaks it is opened again, for as long as an
    /// outage may last, and the job runs anew from its beginning.
    /// </summary>
    /// <exception cref="AgentException">What the job throws; SourceConnectionLost once patience is over.</exception>
    Task<T> RunAsync<T>(Func<ISourceLane, CancellationToken, Task<T>> job, CancellationToken cancellationToken);
}
