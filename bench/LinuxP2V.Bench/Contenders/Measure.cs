using System.Diagnostics;
using LinuxP2V.Bench.Machine;
using LinuxP2V.Bench.Results;

namespace LinuxP2V.Bench.Contenders;

internal static class Measure
{
    /// <summary>Runs a script from cold caches.</summary>
    public static async Task<Measurement> ScriptAsync(string script, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        await Caches.DropAsync(cancellationToken);
        using var profile = new CpuProfile();
        var clock = Stopwatch.StartNew();
        await Shell.RunAsync(script, arguments, cancellationToken);
        clock.Stop();
        var (cpu, programs) = profile.Read();
        return new Measurement(clock.Elapsed.TotalSeconds, cpu, programs);
    }
}
