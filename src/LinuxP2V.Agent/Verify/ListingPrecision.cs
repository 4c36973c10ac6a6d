using LinuxP2V.Agent.Platform;

namespace LinuxP2V.Agent.Verify;

/// <summary>What a volume's file system, and the tools that filled it, can keep.</summary>
/// <param name="HasOwners">Owners, modes, attributes.</param>
internal sealed record ListingPrecision(bool HasOwners, ListingPrecision.TimeUnit Unit)
{
    public enum TimeUnit
    {
        Nanosecond,
        Second,

        /// <summary>FAT's.</summary>
        TwoSeconds,
    }

    public bool IsSameTime(Nanoseconds onSource, Nanoseconds inCopy) =>
        Unit switch
        {
            TimeUnit.Nanosecond => onSource == inCopy,
            TimeUnit.Second => TimeText.FullSeconds(onSource) == TimeText.FullSeconds(inCopy),
            _ => Nanoseconds.Abs(TimeText.FullSeconds(onSource) - TimeText.FullSeconds(inCopy)) <= 2,
        };
}
