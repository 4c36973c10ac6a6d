namespace LinuxP2V.Bench.Machine;

/// <summary>
/// Which programs the CPU time of a run goes to, by looking at all of them twice a second: enough to see what bounds it.
/// Every contender is looked at alike.
/// </summary>
internal sealed class CpuProfile : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private readonly Dictionary<string, (string Name, double Seconds)> before = Cpu.OfEach();
    private readonly Dictionary<string, (string Name, double Seconds)> last = [];
    private readonly Lock gate = new();
    private readonly Timer timer;
    private readonly double allBefore = Cpu.OfAll();

    public CpuProfile() => timer = new Timer(_ => Look(), null, Interval, Interval);

    /// <returns>Seconds of the whole machine, and of each program by name; what ended between two looks is in the former alone.</returns>
    public (double All, IReadOnlyDictionary<string, double> Programs) Read()
    {
        var all = Cpu.OfAll() - allBefore;
        Look();
        lock (gate)
        {
            return (
                all,
                last.GroupBy(process => Group(process.Value.Name))
                    .ToDictionary(
                        group => group.Key,
                        group => group.Sum(p => p.Value.Seconds - (before.TryGetValue(p.Key, out var start) ? start.Seconds : 0))
                    )
            );
        }
    }

    public void Dispose() => timer.Dispose();

    private void Look()
    {
        lock (gate)
        {
            foreach (var (key, value) in Cpu.OfEach())
                last[key] = value;
        }
    }

    /// <summary>The kernel's threads come in numbers: kworker/1:2, loop7.</summary>
    private static string Group(string name) =>
        name.StartsWith("kworker", StringComparison.Ordinal) ? "kworker"
        : name.StartsWith("jbd2", StringComparison.Ordinal) ? "jbd2"
        : name.TrimEnd("0123456789".ToCharArray());
}
