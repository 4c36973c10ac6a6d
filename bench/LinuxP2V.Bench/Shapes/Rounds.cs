using System.Diagnostics;
using System.Globalization;
using LinuxP2V.Bench.Machine;
using LinuxP2V.Bench.Results;

namespace LinuxP2V.Bench.Shapes;

/// <summary>Rounds in which every contender runs once, each round beginning with another one.</summary>
internal static class Rounds
{
    /// <param name="contenders">Each measures, checks its own result, and throws when it is wrong.</param>
    /// <param name="begin">Done before each round, not measured.</param>
    public static async Task RunAsync(
        ShapeResult result,
        ShapeContext context,
        IReadOnlyList<(string Name, Func<Task<Measurement>> RunAsync)> contenders,
        CancellationToken cancellationToken,
        Func<Task>? begin = null
    )
    {
        result.Contenders.AddRange(contenders.Select(contender => contender.Name));
        for (var round = 0; round < context.Rounds; round++)
        {
            if (begin is not null)
                await begin();

            result.Noise = Math.Max(result.Noise, await NoiseAsync(context, cancellationToken));
            for (var i = 0; i < contenders.Count; i++)
            {
                var (name, run) = contenders[(round + i) % contenders.Count];
                if (!result.Missing.ContainsKey(name))
                    await RunAsync(result, context, round, name, run);
            }
        }
    }

    /// <summary>What the machine does while nothing is measured, after its disk has come to rest.</summary>
    private static async Task<double> NoiseAsync(ShapeContext context, CancellationToken cancellationToken)
    {
        await Caches.DropAsync(cancellationToken);
        var (busy, clock) = (Cpu.OfAll(), Stopwatch.StartNew());
        await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
        var noise = (Cpu.OfAll() - busy) / clock.Elapsed.TotalSeconds / Environment.ProcessorCount;
        if (noise > ShapeResult.QuietLimit)
            context.Say(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"  the machine is not quiet: {noise:0 %} of its cores are busy with other things"
                )
            );

        return noise;
    }

    private static async Task RunAsync(ShapeResult result, ShapeContext context, int round, string name, Func<Task<Measurement>> run)
    {
        try
        {
            var measurement = await run();
            result.Add(name, round, measurement);
            var share = measurement.AgentCpuSeconds is { } own ? string.Create(CultureInfo.InvariantCulture, $", agent {own:0.00} s") : "";
            var seconds = string.Create(CultureInfo.InvariantCulture, $"{measurement.Seconds:0.00}").PadLeft(8);
            var rate = result.Rate(measurement.Seconds).PadLeft(14);
            var cpu = string.Create(CultureInfo.InvariantCulture, $"{measurement.CpuSeconds:0.0}");
            context.Say($"  round {round + 1}  {name.PadRight(18)} {seconds} s  {rate}  CPU {cpu} s{share}");
        }
        catch (NotInThisBuildException exception)
        {
            result.Missing[name] = "not in this build";
            context.Say($"  {name}: not in this build: {exception.Message}");
        }
        catch (Exception exception) when (exception is BenchException or IOException)
        {
            result.Missing[name] = "failed";
            result.Wrong.Add($"{name}: {exception.Message}");
            context.Say($"  {name}: WRONG: {exception.Message}");
        }
    }
}
