using System.Globalization;

namespace LinuxP2V.Bench.Results;

/// <summary>What a contender has to reach.</summary>
/// <param name="Text">For the table, such as ≥ 1.2 × tar.</param>
/// <param name="Judge">What was reached and whether it suffices; null while something it needs was not measured.</param>
internal sealed record Goal(string Contender, string Text, Func<ShapeResult, (string Reached, bool IsMet)?> Judge)
{
    private const double AgentShareLimit = 0.15;

    /// <summary>So many times as fast as another, by the median of the rounds' own ratios.</summary>
    public static Goal TimesAsFast(string contender, string other, double atLeast) =>
        new(
            contender,
            string.Create(CultureInfo.InvariantCulture, $"≥ {atLeast:0.0#} × {other}"),
            result =>
                result.RatioOf(contender, other) is var ratio && double.IsNaN(ratio)
                    ? null
                    : (ratio.ToString("0.00", CultureInfo.InvariantCulture), ratio >= atLeast)
        );

    /// <summary>
    /// No slower than the fastest of others, within the spread: by the median of the rounds' ratios, or the fastest round is
    /// at least as fast as the other's slowest.
    /// </summary>
    public static Goal NoSlower(string contender, params string[] others) =>
        new(
            contender,
            $"≥ 1 × the best of {string.Join(", ", others)}, within the spread",
            result =>
            {
                var best = others.Where(other => result.Of(other).Count > 0).OrderBy(result.SecondsOf).FirstOrDefault();
                if (best is null || result.Of(contender).Count == 0)
                    return null;

                var ratio = result.RatioOf(contender, best);
                var isWithinSpread = result.Of(contender).Min(m => m.Seconds) <= result.Of(best).Max(m => m.Seconds);
                return (string.Create(CultureInfo.InvariantCulture, $"{ratio:0.00} × {best}"), ratio >= 1 || isWithinSpread);
            }
        );

    /// <summary>The agent's own process takes little of the CPU time that the copy takes on the whole machine.</summary>
    public static Goal LittleCpu(string contender) =>
        new(
            contender,
            string.Create(CultureInfo.InvariantCulture, $"agent's CPU < {AgentShareLimit:0 %}"),
            result =>
                result.AgentShareOf(contender) is var share && double.IsNaN(share)
                    ? null
                    : (share.ToString("0.0 %", CultureInfo.InvariantCulture), share < AgentShareLimit)
        );
}
