using System.Globalization;

namespace LinuxP2V.Engine;

/// <summary>Sizes in bytes: rounding, and as people read them.</summary>
internal static class Bytes
{
    public const long KiB = 1024;
    public const long MiB = 1024 * KiB;
    public const long GiB = 1024 * MiB;
    public const long TiB = 1024 * GiB;

    public static long RoundUp(long value, long unit) => (value + unit - 1) / unit * unit;

    /// <summary>As PowerShell counts: 1 GB is 1024 MB.</summary>
    public static string Format(long bytes) => bytes switch
    {
        >= TiB => In(bytes, TiB, "TB"),
        >= GiB => In(bytes, GiB, "GB"),
        >= MiB => In(bytes, MiB, "MB"),
        >= KiB => In(bytes, KiB, "KB"),
        _ => bytes.ToString(CultureInfo.InvariantCulture) + " bytes",
    };

    private static string In(long bytes, long unit, string name) =>
        ((double)bytes / unit).ToString("0.##", CultureInfo.InvariantCulture) + " " + name;
}
