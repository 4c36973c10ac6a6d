namespace LinuxP2V.Agent.Streams;

/// <summary>
/// Finds how many streams are worth having: one more as long as the last one raised the total rate by a tenth. One that
/// did not is taken back, and the search is over.
/// </summary>
internal sealed class StreamTuner(int first, int most = StreamTuner.Most)
{
    /// <summary>Beyond it the source's sshd and disks gain nothing and its users lose.</summary>
    public const int Most = 8;

    private const double WorthwhileGain = 1.1;

    private double rateBefore;

    public int Count { get; private set; } = Math.Clamp(first, 1, most);

    public bool IsDone { get; private set; }

    /// <summary>Two streams keep two CPUs busy; many CPUs begin with four and let the rate decide.</summary>
    public static int FirstCount(int sourceCpus, int ownCpus) => Math.Clamp(Math.Min(sourceCpus, ownCpus), 1, 4);

    /// <summary>Takes the total rate of a while in which every stream was busy, and sets <see cref="Count"/>.</summary>
    /// <param name="rate">In any unit.</param>
    public void Observe(double rate)
    {
        if (IsDone || rate <= 0)
            return;

        if (rateBefore > 0 && rate < rateBefore * WorthwhileGain)
        {
            Count--;
            IsDone = true;
            return;
        }

        rateBefore = rate;
        if (Count < most)
            Count++;
        else
            IsDone = true;
    }
}
