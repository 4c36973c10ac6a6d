using System.Globalization;
using System.Text;
using LinuxP2V.Agent.Platform;

namespace LinuxP2V.Agent.Verify;

/// <summary>What an entry is, as text for people.</summary>
internal static class EntryDescription
{
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

    public static string Time(Nanoseconds time) => TimeText.Of(time);

    /// <param name="bytes">A char a byte.</param>
    public static string Text(string bytes) => Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(bytes));
}
