using System.Globalization;

namespace LinuxP2V.Engine;

/// <summary>Sizes in bytes: rounding, and as people read them. As in PowerShell, 1 GB is 1024 MB.</summary>
public static class ByteSize
{
    /// <summary>Bytes in a kibibyte.</summary>
    public const long KiB = 1024;

    /// <summary>Bytes in a mebibyte.</summary>
    public const long MiB = 1024 * KiB;

    /// <summary>Bytes in a gibibyte.</summary>
    public const long GiB = 1024 * MiB;

    /// <summary>Bytes in a tebibyte.</summary>
    public const long TiB = 1024 * GiB;

    /// <summary>The next multiple of <paramref name="unit"/>, both in bytes.</summary>
    public static long RoundUp(long value, long unit) => (value + unit - 1) / unit * unit;

    /// <summary>512 bytes, 2 GB, 1.25 GB.</summary>
    public static string Format(long bytes) => Format(bytes, "0.##");

    /// <summary>512 bytes, 2.0 GB: one decimal, so that a figure that is drawn again and again keeps its width.</summary>
    public static string FormatProgress(double bytes) => Format(bytes, "0.0");

    private static string Format(double bytes, string decimals) =>
        bytes switch
        {
            >= TiB => In(bytes, TiB, "TB", decimals),
            >= GiB => In(bytes, GiB, "GB", decimals),
            >= MiB => In(bytes, MiB, "MB", decimals),
            >= KiB => In(bytes, KiB, "KB", decimals),
            _ => bytes.ToString("0", CultureInfo.InvariantCulture) + " bytes",
        };

    private static string In(double bytes, long unit, string name, string decimals) =>
        (bytes / unit).ToString(decimals, CultureInfo.InvariantCulture) + " " + name;
}
