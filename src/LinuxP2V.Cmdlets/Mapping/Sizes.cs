using System.Globalization;

namespace LinuxP2V.Cmdlets.Mapping;

internal static class Sizes
{
    private const decimal Gibi = 1024m * 1024 * 1024;

    /// <summary>More than any disk holds, and the most that a count of bytes does.</summary>
    public const decimal LargestGB = 8_000_000_000m;

    /// <summary>Two decimals, as far as the size needs them.</summary>
    public static decimal ToGB(long bytes) => decimal.Round(bytes / Gibi, bytes < Gibi / 10 ? 4 : 2) / 1.0000m;

    /// <summary>Rounded up to whole MiB, which is what disks and volumes are made of.</summary>
    public static long FromGB(decimal gigabytes) => (long)decimal.Ceiling(gigabytes * 1024) * 1024 * 1024;

    public static string Format(TimeSpan time) =>
        time.TotalDays >= 1
            ? time.ToString(@"d\.hh\:mm\:ss", CultureInfo.InvariantCulture)
            : time.ToString(@"h\:mm\:ss", CultureInfo.InvariantCulture);
}
