using System.Globalization;

namespace LinuxP2V.Bench.Results;

/// <summary>All measurements of one shape.</summary>
/// <param name="reference">The contender that the table's ratios refer to.</param>
/// <param name="amount">Bytes where <paramref name="isInFiles"/> is false, else files: for the rate.</param>
internal sealed class ShapeResult(string name, string description, string reference, bool isInFiles, long amount)
{
    /// <summary>Above it others took part in the measuring.</summary>
    public const double QuietLimit = 0.05;

    private readonly Dictionary<string, Dictionary<int, Measurement>> measurements = [];

    public string Name => name;

    public string Description => description;

    public string Reference => reference;

    /// <summary>In the order of the table.</summary>
    public List<string> Contenders { get; } = [];

    public List<Goal> Goals { get; } = [];

    /// <summary>Contender to the reason why it was not measured.</summary>
    public Dictionary<string, string> Missing { get; } = [];

    /// <summary>Copies that were not as their source, and runs that failed.</summary>
    public List<string> Wrong { get; } = [];

    /// <summary>The largest share of the cores that other programs took before a round.</summary>
    public double Noise { get; set; }

    public void Add(string contender, int round, Measurement measurement)
    {
        if (!measurements.TryGetValue(contender, out var rounds))
            measurements[contender] = rounds = [];

        rounds[round] = measurement;
    }

    public IReadOnlyCollection<Measurement> Of(string contender) =>
        measurements.TryGetValue(contender, out var rounds) ? rounds.Values : [];

    /// <returns>NaN where it was not measured; so for the others.</returns>
    public double SecondsOf(string contender) => Statistics.Median(Of(contender).Select(m => m.Seconds));

    /// <summary>How many times as fast as another: paired in each round, as the machine is not alike from round to round.</summary>
    public double RatioOf(string contender, string other) =>
        measurements.TryGetValue(contender, out var ours) && measurements.TryGetValue(other, out var theirs)
            ? Statistics.Median(ours.Where(m => theirs.ContainsKey(m.Key)).Select(m => theirs[m.Key].Seconds / m.Value.Seconds))
            : double.NaN;

    public double AgentShareOf(string contender) =>
        Statistics.Median(
            Of(contender).Where(m => m.AgentCpuSeconds is not null && m.CpuSeconds > 0).Select(m => m.AgentCpuSeconds!.Value / m.CpuSeconds)
        );

    /// <summary>The programs that took most CPU time, in seconds, over the mean of the rounds.</summary>
    public IEnumerable<(string Program, double Seconds)> ProgramsOf(string contender, int count) =>
        Of(contender)
            .SelectMany(m => m.Programs)
            .GroupBy(p => p.Key, p => p.Value)
            .Select(group => (group.Key, Seconds: group.Sum() / Of(contender).Count))
            .OrderByDescending(p => p.Seconds)
            .Take(count)
            .Where(p => p.Seconds >= 0.05);

    public string Rate(double seconds) =>
        isInFiles
            ? string.Create(CultureInfo.InvariantCulture, $"{amount / seconds:0} files/s")
            : string.Create(CultureInfo.InvariantCulture, $"{amount / seconds / 1e6:0} MB/s");
}
