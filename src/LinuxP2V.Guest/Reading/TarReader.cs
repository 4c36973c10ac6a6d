using System.Globalization;
using LinuxP2V.Guest.Files;

namespace LinuxP2V.Guest.Reading;

/// <summary>
/// Reads files and links of a tar archive in memory, as GNU tar and busybox write it: ustar with GNU's long names. .NET
/// Framework has no reader of its own.
/// </summary>
internal static class TarReader
{
    private const int Block = 512;
    private const char LongName = 'L';
    private const char LongLink = 'K';

    /// <param name="at">Where the archive begins.</param>
    /// <exception cref="FormatException">It has no end, or is no archive.</exception>
    public static void Read(byte[] bytes, int at, MemoryStore store)
    {
        string? longName = null;
        string? longLink = null;
        while (true)
        {
            if (at + Block > bytes.Length)
                throw new FormatException("The archive of the source's files broke off.");

            if (IsZero(bytes, at))
                return;

            var size = Octal(bytes, at + 124, 12);
            var type = (char)bytes[at + 156];
            var content = at + Block;
            if (size > bytes.Length - content)
                throw new FormatException("The archive of the source's files broke off.");

            at = content + (size + Block - 1) / Block * Block;
            if (type is LongName or LongLink)
            {
                var text = Text(bytes, content, size);
                (longName, longLink) = type == LongName ? (text, longLink) : (longName, text);
                continue;
            }

            Add(
                store,
                longName ?? Name(bytes, content - Block),
                longLink ?? Text(bytes, content - Block + 157, 100),
                type,
                bytes,
                content,
                size
            );
            (longName, longLink) = (null, null);
        }
    }

    private static void Add(MemoryStore store, string name, string link, char type, byte[] bytes, int content, int size)
    {
        if (!name.StartsWith("./", StringComparison.Ordinal))
            throw new FormatException("The archive of the source's files holds a name that does not begin at the root.");

        var path = name.Substring(1).TrimEnd('/');
        if (type is '0' or '\0')
            store.Add(new GuestEntry(path, EntryKind.File, size), Encodings.Latin1.GetString(bytes, content, size));
        else if (type == '2')
            store.Add(new GuestEntry(path, EntryKind.Link, 0, link));
        else if (
            type == '1'
            && link.StartsWith("./", StringComparison.Ordinal)
            && store.Find(link.Substring(1)) is { Kind: EntryKind.File } other
        )
            // A second name of a file that came before.
            store.Add(other with { Path = path }, store.ReadText(other.Path));
    }

    private static string Name(byte[] bytes, int header)
    {
        var name = Text(bytes, header, 100);
        // GNU's own format has other things in the place of ustar's prefix.
        var isUstar = bytes[header + 262] == 0;
        var prefix = isUstar ? Text(bytes, header + 345, 155) : "";
        return prefix.Length > 0 ? $"{prefix}/{name}" : name;
    }

    private static string Text(byte[] bytes, int at, int most)
    {
        var end = Array.IndexOf(bytes, (byte)0, at, most);
        return Encodings.Latin1.GetString(bytes, at, end < 0 ? most : end - at);
    }

    private static int Octal(byte[] bytes, int at, int length)
    {
        var text = Text(bytes, at, length).Trim();
        try
        {
            return text.Length == 0 ? 0 : checked((int)Convert.ToUInt32(text, 8));
        }
        catch (Exception exception) when (exception is FormatException or OverflowException or ArgumentException)
        {
            throw new FormatException(
                string.Format(CultureInfo.InvariantCulture, "The archive of the source's files has a size of {0}.", text),
                exception
            );
        }
    }

    private static bool IsZero(byte[] bytes, int at)
    {
        for (var index = at; index < at + Block; index++)
        {
            if (bytes[index] != 0)
                return false;
        }

        return true;
    }
}
