using System.Globalization;
using LinuxP2V.Agent.Streams;

namespace LinuxP2V.Agent.Session;

/// <summary>
/// The bandwidth limit that holds now: a request brings its own, and one that was set while the helper runs stands above
/// it and above that of every later request.
/// </summary>
internal sealed class RequestLimits
{
    private readonly Lock gate = new();
    private double? ofRequest;
    private double? set;

    public BandwidthLimiter Limiter { get; } = new();

    public void Begin(double? megabits)
    {
        lock (gate)
        {
            ofRequest = megabits;
            Limiter.Set(set ?? ofRequest);
        }
    }

    /// <param name="megabits">Null or 0: none.</param>
    public void Override(double? megabits)
    {
        lock (gate)
        {
            set = megabits ?? 0;
            Limiter.Set(set);
        }
    }

    public string Describe() =>
        Limiter.BytesPerSecond is > 0 and var rate
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"No more than {rate * 8 / 1_000_000:0.###} Mbit/s are read from the source from now on."
            )
            : "What is read from the source is not limited from now on.";
}
