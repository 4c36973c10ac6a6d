using System.Globalization;

namespace LinuxP2V.Agent.Platform;

/// <summary>Times of files, for people.</summary>
internal static class TimeText
{
    private const long Second = 1_000_000_000;

    public static string Of(Nanoseconds time)
    {
        var seconds = FullSeconds(time);
        var whole =
            seconds >= -62_135_596_800 && seconds <= 253_402_300_799
                ? DateTimeOffset.FromUnixTimeSeconds((long)seconds).ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture)
                : seconds.ToString(CultureInfo.InvariantCulture);
        return string.Create(CultureInfo.InvariantCulture, $"{whole}.{(long)(time - (seconds * Second)):D9}Z");
    }

    /// <summary>Rounded down, before 1970 too: as a tool leaves a fraction out.</summary>
    public static Nanoseconds FullSeconds(Nanoseconds time) => time >= 0 ? time / Second : ((time + 1) / Second) - 1;
}
