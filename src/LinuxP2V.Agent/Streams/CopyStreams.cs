using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Source;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Streams;

/// <inheritdoc cref="ICopyStreams"/>
internal sealed class CopyStreams : ICopyStreams
{
    /// <summary>A job that breaks so often breaks its connection itself.</summary>
    private const int MostBreaks = 20;

    /// <summary>A job that broke sooner than this may break again at once: it pauses first.</summary>
    private static readonly TimeSpan QuickBreak = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan TuningInterval = TimeSpan.FromSeconds(4);

    private readonly IEventSink sink;
    private readonly TimeProvider time;
    private readonly OutageRetryPolicy retries;
    private readonly LanePool pool;
    private readonly CancellationTokenSource end = new();
    private readonly SemaphoreSlim reading = new(1, 1);
    private readonly SemaphoreSlim choosing = new(1, 1);
    private SourceTools? tools;
    private StreamCompression? compression;
    private Task tuning = Task.CompletedTask;
    private Task openingAhead = Task.CompletedTask;

    public CopyStreams(ISource source, CopyOptions options, BandwidthLimiter limiter, IEventSink sink, TimeProvider? time = null)
    {
        (Source, Options, Limiter, this.sink, this.time) = (source, options, limiter, sink, time ?? TimeProvider.System);
        retries = new OutageRetryPolicy(source.Name, sink, this.time);
        pool = new LanePool(
            token => retries.RunAsync(source.OpenLaneAsync, token),
            source.ReleaseLaneAsync,
            Math.Max(1, options.StreamCount ?? 1)
        );
    }

    public ISource Source { get; }

    public CopyOptions Options { get; }

    public BandwidthLimiter Limiter { get; }

    public int Count => pool.Limit;

    public async Task<SourceTools> ReadToolsAsync(CancellationToken cancellationToken)
    {
        await reading.WaitAsync(cancellationToken);
        try
        {
            if (tools is null)
            {
                tools = await RunAsync(null, (lane, token) => SourceTools.ReadAsync(lane, Source.Name, token), cancellationToken);
                StartTuning(tools);
                // While the first lists: what then brings its files over finds all lanes open. One that cannot be had now is
                // asked for again, with retries, where it is needed.
                openingAhead = pool.OpenAheadAsync(Source.OpenLaneAsync, end.Token);
            }

            return tools;
        }
        finally
        {
            reading.Release();
        }
    }

    public async Task<StreamCompression> ChooseCompressionAsync(CompressibleData data, CancellationToken cancellationToken)
    {
        var sourceTools = await ReadToolsAsync(cancellationToken);
        await choosing.WaitAsync(cancellationToken);
        try
        {
            return compression ??= await new CompressionChooser(this, sourceTools, sink).ChooseAsync(data, cancellationToken);
        }
        finally
        {
            choosing.Release();
        }
    }

    public async Task<T> RunAsync<T>(Func<ISourceLane, CancellationToken, Task<T>> job, CancellationToken cancellationToken)
    {
        var lower = Options.LowImpact ? SourcePriority.Lowest(await ReadToolsAsync(cancellationToken)) : null;
        return await RunAsync(lower, job, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        await tuning.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await openingAhead.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await pool.DisposeAsync();
        end.Dispose();
        reading.Dispose();
        choosing.Dispose();
    }

    /// <param name="lower">Makes a script run with the lowest priority; null: as it is.</param>
    private async Task<T> RunAsync<T>(
        Func<string, string>? lower,
        Func<ISourceLane, CancellationToken, Task<T>> job,
        CancellationToken cancellationToken
    )
    {
        for (var breaks = 1; ; breaks++)
        {
            var lane = await pool.TakeAsync(cancellationToken);
            var isBroken = true;
            var start = time.GetTimestamp();
            try
            {
                var result = await job(lower is null ? lane : new LowImpactLane(lane, lower), cancellationToken);
                isBroken = false;
                return result;
            }
            catch (AgentException exception)
                when (OutageRetryPolicy.CanHeal(exception) && !cancellationToken.IsCancellationRequested && breaks < MostBreaks)
            {
                sink.Debug(
                    $"A stream to {Source.Name} broke after {time.GetElapsedTime(start).TotalSeconds:0.0} s "
                        + $"and is opened again: {exception.Error.Detail}"
                );
            }
            catch (Exception exception)
                when (exception is not AgentException { Error.Id: ErrorIds.SourceConnectionLost or ErrorIds.HelperCannotReachSource })
            {
                isBroken = false;
                throw;
            }
            finally
            {
                await pool.ReturnAsync(lane, isBroken);
            }

            if (time.GetElapsedTime(start) < QuickBreak)
                await Task.Delay(OutageRetryPolicy.Pause(breaks), time, cancellationToken);
        }
    }

    private void StartTuning(SourceTools found)
    {
        if (Options.StreamCount is not null)
            return;

        var tuner = new StreamTuner(StreamTuner.FirstCount(found.Cpus, Environment.ProcessorCount));
        pool.Resize(tuner.Count);
        tuning = TuneAsync(tuner, end.Token);
    }

    /// <summary>Only whiles in which every stream had work, and none waited for the limit, tell anything.</summary>
    private async Task TuneAsync(StreamTuner tuner, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TuningInterval, time);
        var (bytes, isWhole) = (Limiter.TotalBytes, false);
        while (!tuner.IsDone && await timer.WaitForNextTickAsync(cancellationToken))
        {
            var now = Limiter.TotalBytes;
            var rate = (now - bytes) / TuningInterval.TotalSeconds;
            bytes = now;
            if (!pool.IsSaturated || Limiter.BytesPerSecond > 0)
            {
                isWhole = false;
                continue;
            }

            // The first while of a busy stretch began before all streams ran.
            if (!isWhole)
            {
                isWhole = true;
                continue;
            }

            var before = tuner.Count;
            tuner.Observe(rate);
            pool.Resize(tuner.Count);
            isWhole = false;
            sink.Debug($"{before} streams bring {rate / 1e6:0} MB/s from {Source.Name}; {tuner.Count} from now on.");
        }
    }

    /// <summary>What runs on it has the lowest priority for CPU and disk.</summary>
    private sealed class LowImpactLane(ISourceLane inner, Func<string, string> lower) : ISourceLane
    {
        public bool IsOpen => inner.IsOpen;

        public ISourceStream Start(string script, Action<string>? onError = null, CommandInput? input = null) =>
            inner.Start(lower(script), onError, input);

        // The lane belongs to the pool.
        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
