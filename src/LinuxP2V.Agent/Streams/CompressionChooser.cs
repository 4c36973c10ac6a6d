using System.Diagnostics;
using System.Globalization;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Source;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Streams;

/// <summary>Decides how data travels, by measuring the way to the source and what its CPU makes of a sample of its data.</summary>
internal sealed class CompressionChooser(ICopyStreams streams, SourceTools tools, IEventSink sink)
{
    private const long LeastSampleBytes = 1 << 20;

    private const long LinkBytes = 128L << 20;

    /// <summary>Windows have opened by then, on a way so fast that the time for it is not over.</summary>
    private const long LinkWarmUpBytes = 32L << 20;
    private const int LinkBufferBytes = 1 << 17;

    /// <summary>What the source's clock can tell apart.</summary>
    private const double ClockSeconds = 0.01;

    /// <summary>Of what took less, much may be a moment in which the source's CPUs were taken by others.</summary>
    private const double SteadySeconds = 1;

    private const int MostPackings = 3;

    /// <summary>TCP's slow start does not count.</summary>
    private static readonly TimeSpan LinkWarmUp = TimeSpan.FromSeconds(0.4);

    private static readonly TimeSpan LinkTime = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan MostSampleTime = TimeSpan.FromSeconds(30);

    public async Task<StreamCompression> ChooseAsync(CompressibleData data, CancellationToken cancellationToken)
    {
        var name = streams.Source.Name;
        switch (streams.Options.Compression)
        {
            case CopyCompression.None:
                return StreamCompression.None;
            case CopyCompression.Zstd when tools.HasProgram(SourceTools.Zstd):
                return StreamCompression.Zstd;
            case CopyCompression.Gzip when tools.HasProgram(SourceTools.Gzip):
                return StreamCompression.Gzip;
            case CopyCompression.Zstd or CopyCompression.Gzip:
                sink.Warning(
                    $"There is no {(streams.Options.Compression == CopyCompression.Zstd ? "zstd" : "gzip")} on {name}: "
                        + "data travels uncompressed."
                );
                return StreamCompression.None;
        }

        var candidate =
            tools.HasProgram(SourceTools.Zstd) ? StreamCompression.Zstd
            : tools.HasProgram(SourceTools.Gzip) ? StreamCompression.Gzip
            : null;
        if (candidate is null)
        {
            sink.Information($"Data travels uncompressed: {name} has neither zstd nor gzip.");
            return StreamCompression.None;
        }

        if (data.TotalBytes < LeastSampleBytes)
            return StreamCompression.None;

        var link = await streams.RunAsync(MeasureLinkAsync, cancellationToken);
        if (streams.Limiter.BytesPerSecond is > 0 and var limit)
            link = Math.Min(link, limit);

        var cpus = Math.Min(tools.Cpus, streams.Count);
        if (CompressionDecision.IsTooFast(link, cpus))
        {
            sink.Information(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Data travels uncompressed: a stream from {name} carries {link / 1e6:0} MB/s, "
                        + $"which {candidate.Name} on {cpus} CPUs there could not better."
                )
            );
            return StreamCompression.None;
        }

        var parts = data.Sample();
        var sample = await streams.RunAsync(
            (lane, token) => MeasureSampleAsync(lane, data.Place, candidate, parts, token),
            cancellationToken
        );
        if (sample is null)
        {
            sink.Information($"Data travels uncompressed: no sample of {data.VolumeId} could be measured.");
            return StreamCompression.None;
        }

        var decision = new CompressionDecision(link, sample.BytesPerSecond, sample.Ratio, cpus);
        sink.Information(
            string.Create(
                CultureInfo.InvariantCulture,
                $"Data travels {(decision.IsWorthIt ? $"through {candidate.Name}" : "uncompressed")}: "
                    + $"a stream from {name} carries {link / 1e6:0} MB/s; "
                    + $"{candidate.Name} there packs {sample.BytesPerSecond / 1e6:0} MB/s to "
                    + $"{sample.Ratio:P0} of the size; expected gain {decision.Gain:0.00} times."
            )
        );
        return decision.IsWorthIt ? candidate : StreamCompression.None;
    }

    private async Task<double> MeasureLinkAsync(ISourceLane lane, CancellationToken cancellationToken)
    {
        using var stream = lane.Start(
            string.Create(
                CultureInfo.InvariantCulture,
                $"exec dd if=/dev/zero bs={LinkBufferBytes} count={LinkBytes / LinkBufferBytes} 2>/dev/null"
            )
        );
        await using var registration = cancellationToken.Register(stream.Kill);
        var data = streams.Limiter.Throttle(stream.Output, cancellationToken);
        var buffer = new byte[LinkBufferBytes];
        var clock = new Stopwatch();
        var (bytes, warmBytes, warmUntil) = (0L, 0L, TimeSpan.Zero);
        while (clock.Elapsed < LinkTime && await data.ReadAsync(buffer, cancellationToken) is var count and > 0)
        {
            // From the first byte on: a command takes a while to start.
            if (clock.IsRunning)
                bytes += count;
            else
                clock.Start();

            if (warmUntil == TimeSpan.Zero && (clock.Elapsed > LinkWarmUp || bytes > LinkWarmUpBytes))
                (warmBytes, warmUntil) = (bytes, clock.Elapsed);
        }

        var time = clock.Elapsed;
        if (bytes == 0)
        {
            await stream.WaitAsync(cancellationToken);
            return double.MaxValue;
        }

        // All of it within the warm-up.
        return warmUntil == TimeSpan.Zero || bytes == warmBytes
            ? bytes / Math.Max(1e-3, time.TotalSeconds)
            : (bytes - warmBytes) / Math.Max(1e-3, (time - warmUntil).TotalSeconds);
    }

    private static async Task<SampleRate?> MeasureSampleAsync(
        ISourceLane lane,
        Func<string, string> place,
        StreamCompression candidate,
        DataSample sample,
        CancellationToken cancellationToken
    )
    {
        var (raw, packed, seconds) = (0L, 0L, 0.0);
        foreach (var (list, read) in new[] { (sample.Small, DataSample.ReadSmall), (sample.Large, DataSample.ReadLarge) })
        {
            if (list.Length == 0)
                continue;

            // Read again for the packing: from the source's memory, so that its CPU is measured and not its disk.
            var plain = await CountAsync(lane, place(Timed($"{read} | wc -c")), list, cancellationToken);
            var packing = await FastestAsync(lane, place(Timed($"{read} | {candidate.PackCommand} | wc -c")), list, cancellationToken);
            if (plain is null || packing is null)
                return null;

            (raw, packed, seconds) = (raw + plain.Value.Bytes, packed + packing.Value.Bytes, seconds + packing.Value.Seconds);
        }

        return raw < LeastSampleBytes / 4 ? null : new SampleRate(raw / Math.Max(ClockSeconds, seconds), (double)packed / raw);
    }

    /// <summary>Of a short sample, the fastest of some: what the CPU can do, without the moments in which it did something else.</summary>
    private static async Task<(long Bytes, double Seconds)?> FastestAsync(
        ISourceLane lane,
        string script,
        byte[] list,
        CancellationToken cancellationToken
    )
    {
        (long Bytes, double Seconds)? fastest = null;
        for (var packing = 0; packing < MostPackings; packing++)
        {
            var count = await CountAsync(lane, script, list, cancellationToken);
            if (count is null || count.Value.Seconds > SteadySeconds)
                return fastest ?? count;

            if (fastest is null || count.Value.Seconds < fastest.Value.Seconds)
                fastest = count;
        }

        return fastest;
    }

    /// <summary>Prints what a command prints, and the time around it: by the source's clock, as the way there may be long.</summary>
    private static string Timed(string command) =>
        $$"""
            read -r before rest < /proc/uptime
            count=$( {{command}} )
            read -r after rest < /proc/uptime
            echo "$count" "$before" "$after"
            """;

    private static async Task<(long Bytes, double Seconds)?> CountAsync(
        ISourceLane lane,
        string script,
        byte[] list,
        CancellationToken cancellationToken
    )
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(MostSampleTime);
        using var stream = lane.Start(script, input: CommandInput.Of(list));
        await using var registration = limit.Token.Register(stream.Kill);
        using var reader = new StreamReader(stream.Output);
        var fields = (await reader.ReadToEndAsync(cancellationToken)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (limit.IsCancellationRequested)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return null;
        }

        await stream.WaitAsync(cancellationToken);
        return
            fields.Length == 3
            && long.TryParse(fields[0], NumberStyles.None, CultureInfo.InvariantCulture, out var bytes)
            && double.TryParse(fields[1], NumberStyles.Float, CultureInfo.InvariantCulture, out var before)
            && double.TryParse(fields[2], NumberStyles.Float, CultureInfo.InvariantCulture, out var after)
            ? (bytes, after - before)
            : null;
    }

    private sealed record SampleRate(double BytesPerSecond, double Ratio);
}

/// <summary>What may travel compressed.</summary>
/// <param name="TotalBytes">All of it.</param>
/// <param name="Sample">Picks parts of it.</param>
/// <param name="Place">Makes a script run where the sample's names are known.</param>
internal sealed record CompressibleData(string VolumeId, long TotalBytes, Func<DataSample> Sample, Func<string, string> Place);

/// <param name="LinkRate">Bytes a second that a stream carries.</param>
/// <param name="PackRate">Bytes a second that one CPU of the source packs.</param>
/// <param name="Ratio">Packed size to size.</param>
/// <param name="Cpus">Of the source, that streams can keep busy.</param>
internal sealed record CompressionDecision(double LinkRate, double PackRate, double Ratio, int Cpus)
{
    private const double WorthwhileGain = 1.2;

    /// <summary>No CPU packs files faster than this, and few files pack better.</summary>
    private const double BestPackRate = 500e6;
    private const double BestRatio = 0.15;

    /// <summary>
    /// Packing counts in full on top of carrying, and with half of the CPUs: the others encrypt and read. Where both
    /// ends are busy with the link already, it only costs.
    /// </summary>
    public double Gain => 1 / LinkRate / ((Ratio / LinkRate) + (1 / (PackRate * Math.Max(1, Cpus / 2.0))));

    public bool IsWorthIt => Gain > WorthwhileGain;

    /// <summary>Whether packing could hardly be worth it, whatever the data, so that none need be tried.</summary>
    public static bool IsTooFast(double linkRate, int cpus) => !new CompressionDecision(linkRate, BestPackRate, BestRatio, cpus).IsWorthIt;
}
