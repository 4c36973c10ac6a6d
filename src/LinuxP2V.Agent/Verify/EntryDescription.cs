using System.Globalization;
using System.Text;
using LinuxP2V.Agent.Platform;

namespace LinuxP2V.Agent.Verify;

/// <summary>What an entry is, as text for people.</summary>
internal static class EntryDescription
{
    private const long Second = 1_000_000_000;

    public static string Type(EntryType type) =>
        type switch
        {
            EntryType.File => "file",
            EntryType.Directory => "folder",
            EntryType.Link => "link",
            EntryType.Fifo => "fifo",
            EntryType.Socket => "socket",
            EntryType.CharacterDevice => "character device",
            EntryType.BlockDevice => "block device",
            _ => "unknown",
        };

    public static string Size(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes");

    public static string Mode(ushort mode) => Convert.ToString(mode, 8).PadLeft(4, '0');

    public static string Owner(uint owner, uint group) => string.Create(CultureInfo.InvariantCulture, $"{owner}:{group}");

    public static string Time(long nanoseconds)
    {
        var (seconds, rest) = (FullSeconds(nanoseconds), nanoseconds - (FullSeconds(nanoseconds) * Second));
        var whole = seconds is >= -62_135_596_800 and <= 253_402_300_799
            ? DateTimeOffset.FromUnixTimeSeconds(seconds).ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture)
            : seconds.ToString(CultureInfo.InvariantCulture);
        return string.Create(CultureInfo.InvariantCulture, $"{whole}.{rest:D9}Z");
    }

    /// <summary>Rounded down, before 1970 too: as a tool leaves a fraction out.</summary>
    public static long FullSeconds(long nanoseconds) => nanoseconds >= 0 ? nanoseconds / Second : ((nanoseconds + 1) / Second) - 1;

    /// <param name="bytes">A char a byte.</param>
    public static string Text(string bytes) => Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(bytes));
}
