using System.Globalization;
using LinuxP2V.Guest.Files;

namespace LinuxP2V.Guest.Images;

/// <summary>What is in an initramfs.</summary>
/// <param name="Paths">Of files, folders and links, without a slash at the start.</param>
/// <param name="Texts">Of the files whose text was wanted, each byte as a Latin-1 character.</param>
public sealed record InitramfsFiles(IReadOnlyCollection<string> Paths, IReadOnlyDictionary<string, string> Texts);

/// <summary>
/// Reads an initramfs as the kernel does: cpio archives one behind the other, the last of them compressed as a rule.
/// Archives of processor microcode come first.
/// </summary>
public sealed class InitramfsFile
{
    private const int HeaderBytes = 110;
    private const string LastName = "TRAILER!!!";

    /// <summary>No configuration file is longer.</summary>
    private const int MostTextBytes = 1 << 20;

    private const int MostNameBytes = 4096;

    /// <summary>An image for any hardware has some ten thousand.</summary>
    private const int MostFiles = 500_000;

    private readonly Func<PackedKind, Stream, Stream?> unpack;
    private readonly Func<string, bool> isWanted;
    private readonly HashSet<string> paths = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> texts = new(StringComparer.Ordinal);

    private InitramfsFile(Func<PackedKind, Stream, Stream?> unpack, Func<string, bool> isWanted) =>
        (this.unpack, this.isWanted) = (unpack, isWanted);

    /// <param name="image">Read from front to back.</param>
    /// <param name="unpack">Gives what a compressed stream holds; null where nothing is there that can.</param>
    /// <param name="isWanted">Whether the text of a file is wanted, by its path.</param>
    /// <exception cref="InvalidDataException">It is cut off, damaged, or no initramfs.</exception>
    public static InitramfsFiles Read(Stream image, Func<PackedKind, Stream, Stream?> unpack, Func<string, bool> isWanted)
    {
        var file = new InitramfsFile(unpack, isWanted);
        try
        {
            file.ReadParts(new LookAheadStream(image), isPacked: false);
        }
        catch (EndOfStreamException exception)
        {
            throw new InvalidDataException("It is cut off.", exception);
        }

        return new InitramfsFiles(file.paths, file.texts);
    }

    private void ReadParts(LookAheadStream image, bool isPacked)
    {
        var isFirst = true;
        while (true)
        {
            image.SkipZeros();
            var start = image.Peek(6);
            if (start.Length == 0)
                return;

            if (IsArchive(start))
            {
                ReadArchive(image);
                isFirst = false;
                continue;
            }

            if (isPacked || PackedKinds.Of(start) is not { } kind)
                throw new InvalidDataException(
                    isFirst ? "It begins with neither an archive nor a compression that is known." : "What follows an archive is none."
                );

            // To its end: the tools unpack all that follows as one.
            using var content = unpack(kind, image) ?? throw new InvalidDataException($"Nothing here can unpack {kind}.");
            ReadParts(new LookAheadStream(content), isPacked: true);
            return;
        }
    }

    private static bool IsArchive(byte[] start) => Encodings.Latin1.GetString(start) is "070701" or "070702";

    private void ReadArchive(LookAheadStream image)
    {
        while (true)
        {
            var header = image.Take(HeaderBytes);
            if (!IsArchive([.. header.Take(6)]))
                throw new InvalidDataException("An archive in it is damaged.");

            var size = Number(header, 6);
            var nameLength = Number(header, 11);
            if (nameLength is 0 or > MostNameBytes || paths.Count > MostFiles)
                throw new InvalidDataException("An archive in it is damaged.");

            var name = Encodings.Latin1.GetString(image.Take((int)nameLength)).TrimEnd('\0');
            image.Skip(Padding(HeaderBytes + nameLength));
            if (name == LastName)
                return;

            ReadFile(image, name.StartsWith("./", StringComparison.Ordinal) ? name[2..] : name.TrimStart('/'), Number(header, 1), size);
            image.Skip(Padding(size));
        }
    }

    private void ReadFile(LookAheadStream image, string path, long mode, long size)
    {
        const long KindMask = 0xF000;
        const long PlainFile = 0x8000;
        paths.Add(path);
        if ((mode & KindMask) == PlainFile && size is > 0 and <= MostTextBytes && isWanted(path))
            texts[path] = Encodings.Latin1.GetString(image.Take((int)size));
        else
            image.Skip(size);
    }

    /// <summary>The header's fields are eight hex digits each, behind six of the format's own.</summary>
    private static long Number(byte[] header, int field) =>
        long.TryParse(
            Encodings.Latin1.GetString(header, 6 + field * 8, 8),
            NumberStyles.AllowHexSpecifier,
            CultureInfo.InvariantCulture,
            out var number
        )
            ? number
            : throw new InvalidDataException("An archive in it is damaged.");

    private static long Padding(long length) => (4 - length % 4) % 4;
}
