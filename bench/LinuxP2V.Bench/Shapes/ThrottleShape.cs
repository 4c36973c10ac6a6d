using System.Globalization;
using LinuxP2V.Bench.Agents;
using LinuxP2V.Bench.Data;
using LinuxP2V.Bench.Results;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Bench.Shapes;

/// <summary>A copy held to a rate: how near it comes.</summary>
internal sealed class ThrottleShape(string name, DataSet data, double limitMbps, double tolerance) : IShape
{
    public string Name => name;

    public DataSet Data => data;

    public async Task<ShapeResult> RunAsync(ShapeContext context, SourceVolume source, CancellationToken cancellationToken)
    {
        var contender = string.Create(CultureInfo.InvariantCulture, $"agent {limitMbps:0} Mbit/s");
        var rates = new List<double>();
        var result = new ShapeResult(
            name,
            $"{data.Description}, with `BandwidthLimitMbps` {limitMbps:0}; reached is the rate while data flowed",
            contender,
            false,
            source.Bytes
        );
        result.Goals.Add(
            new Goal(
                contender,
                string.Create(CultureInfo.InvariantCulture, $"{limitMbps:0} Mbit/s ± {tolerance:0 %}"),
                _ =>
                    rates.Count == 0 ? null
                    // The worst round counts: a limit that holds on the average holds nobody's line free.
                    : rates.MaxBy(rate => Math.Abs(rate - limitMbps)) is var worst
                        ? (
                            string.Create(CultureInfo.InvariantCulture, $"{worst:0} Mbit/s"),
                            Math.Abs(worst - limitMbps) <= limitMbps * tolerance
                        )
                    : null
            )
        );
        await Rounds.RunAsync(result, context, [(contender, CopyAsync)], cancellationToken);
        return result;

        async Task<Measurement> CopyAsync()
        {
            var options = new CopyOptions { Mode = CopyMode.File, BandwidthLimitMbps = limitMbps };
            await using var copy = await AgentCopy.MakeAsync(context.Agent, source, options, cancellationToken);
            if (await copy.FindDifferenceAsync(source, context.Judge, cancellationToken) is { } difference)
                throw new BenchException($"The copy is not as its source. {difference}");

            rates.Add(RateOf(copy, source));
            return copy.Measurement;
        }
    }

    /// <summary>Between the first sign of progress and the first that has everything: writing it to the disk comes after.</summary>
    private static double RateOf(AgentCopy copy, SourceVolume source)
    {
        var progress = copy.Progress.Where(p => p.BytesDone > 0).ToList();
        var last = progress.FirstOrDefault(p => p.BytesDone == progress[^1].BytesDone);
        return progress.Count > 0 && last is not null && last.Time > progress[0].Time
            ? (last.BytesDone - progress[0].BytesDone) * 8 / 1e6 / (last.Time - progress[0].Time).TotalSeconds
            : source.Bytes * 8 / 1e6 / copy.Measurement.Seconds;
    }
}
