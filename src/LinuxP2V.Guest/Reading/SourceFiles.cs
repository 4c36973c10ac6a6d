using System.Globalization;
using System.IO.Compression;
using LinuxP2V.Guest.Files;

namespace LinuxP2V.Guest.Reading;

/// <summary>
/// The files of a running source that a plan looks at, read in one round trip: a script for a shell of the source, and what
/// its output means. Nothing of them is written anywhere: some hold secrets.
/// </summary>
public static class SourceFiles
{
    private const string Resource = "LinuxP2V.Guest.Reading.read-files.sh";

    /// <summary>Configuration of all kinds together has a few MiB; more is no honest answer.</summary>
    private const int MostBytes = 64 << 20;

    private static readonly Lazy<string> Template = new(Load);

    /// <summary>For the standard input of sh, as root.</summary>
    /// <param name="root">The folder where the machine's root is; empty for the machine that runs the script.</param>
    public static string Script(string root = "") => $"R='{root}'\n{Template.Value}";

    /// <param name="output">What the script printed.</param>
    /// <exception cref="FormatException">It is not whole, or not what the script prints.</exception>
    public static MemoryStore Parse(string output)
    {
        var bytes = Decode(output.Trim());
        var store = new MemoryStore();
        var at = 0;
        while (true)
        {
            switch (Next(bytes, ref at))
            {
                case 'A':
                    TarReader.Read(bytes, at, store);
                    return store;
                case 'D':
                    store.Add(new GuestEntry(Path(bytes, ref at), EntryKind.Folder));
                    break;
                case 'E':
                    store.Add(new GuestEntry(Path(bytes, ref at), EntryKind.File), "");
                    break;
                case 'F':
                    var named = Path(bytes, ref at);
                    AddName(store, new GuestEntry(named, EntryKind.File, Size(Field(bytes, ref at), long.MaxValue)));
                    break;
                case 'T':
                    var path = Path(bytes, ref at);
                    var size = (int)Size(Field(bytes, ref at), bytes.Length - at);
                    store.Add(new GuestEntry(path, EntryKind.File, size), Encodings.Latin1.GetString(bytes, at, size));
                    at += size;
                    break;
                default:
                    throw new FormatException("The list of the source's files holds a record of an unknown kind.");
            }
        }
    }

    /// <summary>A file that is listed twice keeps the text that one of the records brought.</summary>
    private static void AddName(MemoryStore store, GuestEntry entry)
    {
        if (store.Find(entry.Path) is not { Kind: EntryKind.File })
            store.Add(entry);
    }

    private static char Next(byte[] bytes, ref int at) => at < bytes.Length ? (char)bytes[at++] : throw Broken();

    private static string Path(byte[] bytes, ref int at) =>
        Field(bytes, ref at) is var path && path.StartsWith("/", StringComparison.Ordinal) ? path
        // The root itself.
        : path.Length == 0 ? "/"
        : throw new FormatException("The list of the source's files holds a path that does not begin at the root.");

    private static string Field(byte[] bytes, ref int at)
    {
        var end = Array.IndexOf(bytes, (byte)0, at);
        if (end < 0)
            throw Broken();

        var text = Encodings.Latin1.GetString(bytes, at, end - at);
        at = end + 1;
        return text;
    }

    private static long Size(string text, long most) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size <= most ? size : throw Broken();

    private static FormatException Broken() => new("The list of the source's files broke off.");

    private static byte[] Decode(string line)
    {
        var split = line.IndexOf(' ');
        var (encoding, data) = split < 0 ? (line, "") : (line[..split], line[(split + 1)..]);
        return encoding switch
        {
            "gzip" => Unpack(Convert.FromBase64String(data)),
            "base64" => Convert.FromBase64String(data),
            "hex" => FromHex(data),
            _ => throw new FormatException("The source did not print the list of its files."),
        };
    }

    private static byte[] Unpack(byte[] packed)
    {
        using var unpacking = new GZipStream(new MemoryStream(packed), CompressionMode.Decompress);
        using var result = new MemoryStream();
        var buffer = new byte[81920];
        while (unpacking.Read(buffer, 0, buffer.Length) is var count and > 0)
        {
            result.Write(buffer, 0, count);
            if (result.Length > MostBytes)
                throw new FormatException($"The source's configuration has more than {MostBytes >> 20} MiB.");
        }

        return result.ToArray();
    }

    private static byte[] FromHex(string text)
    {
        if (text.Length % 2 != 0)
            throw Broken();

        var bytes = new byte[text.Length / 2];
        for (var index = 0; index < bytes.Length; index++)
            bytes[index] = byte.Parse(text.Substring(index * 2, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);

        return bytes;
    }

    private static string Load()
    {
        using var stream =
            typeof(SourceFiles).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException("The assembly lacks its script.");
        using var reader = new StreamReader(stream);
        // A checkout on Windows may have made it CRLF, which no sh reads.
        return reader.ReadToEnd().Replace("\r\n", "\n");
    }
}
