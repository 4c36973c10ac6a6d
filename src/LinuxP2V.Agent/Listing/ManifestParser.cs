using System.Buffers.Text;
using LinuxP2V.Agent.Platform;

namespace LinuxP2V.Agent.Listing;

/// <summary>
/// Reads the records that <see cref="ManifestScript"/> prints, from the source or from a stored manifest. Each ends with
/// a NUL: letter, octal mode, owner, group, links, inode, size, 512-byte units, mtime, ctime, then the path, blanks in
/// between. A stat that knows no letters writes an x and the kernel's mode in hexadecimal. The first record is the
/// <see cref="ManifestHeader"/>, the last one <see cref="ManifestHeader.End"/>. Bytes come in pieces of any size.
/// </summary>
/// <param name="onRecord">The path is valid during the call only.</param>
internal sealed class ManifestParser(ManifestParser.RecordHandler onRecord)
{
    /// <summary>A path and the numbers before it; longer is no record.</summary>
    private const int LongestRecord = 1 << 16;

    private byte[] rest = [];
    private bool isEnded;

    public delegate void RecordHandler(ReadOnlySpan<byte> path, in ManifestRecord record);

    /// <summary>Null until the first record has come.</summary>
    public ManifestHeader? Header { get; private set; }

    /// <summary>The last record is the mark of a list's end.</summary>
    public bool IsAtEnd => rest.Length == 0 && isEnded;

    /// <exception cref="InvalidDataException">The bytes are no manifest.</exception>
    public void Add(ReadOnlySpan<byte> data)
    {
        if (rest.Length > 0)
        {
            var end = data.IndexOf((byte)0);
            if (end < 0)
            {
                rest = [.. rest, .. data];
                ThrowIfTooLong(rest.Length);
                return;
            }

            Read([.. rest, .. data[..end]]);
            data = data[(end + 1)..];
            rest = [];
        }

        while (data.IndexOf((byte)0) is var end and >= 0)
        {
            Read(data[..end]);
            data = data[(end + 1)..];
        }

        rest = data.ToArray();
        ThrowIfTooLong(rest.Length);
    }

    /// <exception cref="InvalidDataException">There is no header, or the list was cut short.</exception>
    public void Complete()
    {
        if (!IsAtEnd)
            throw new InvalidDataException("The list of files ends before its end.");
    }

    private void Read(ReadOnlySpan<byte> record)
    {
        if (Header is null)
        {
            Header = ManifestHeader.Parse(record);
            return;
        }

        if (isEnded)
            throw new InvalidDataException("The list of files goes on behind its end.");

        ThrowIfTooLong(record.Length);
        if (record.SequenceEqual(ManifestHeader.End))
        {
            isEnded = true;
            return;
        }

        var fields = new Fields(record);
        var (type, mode) = fields.TypeAndMode();
        var owner = fields.Number();
        var group = fields.Number();
        var links = fields.Number();
        var inode = fields.Number();
        var size = fields.Number();
        var units = fields.Number();
        var modified = fields.Time();
        var changed = fields.Time();
        var path = Relative(fields.Rest);
        if (!EntryPath.IsInside(path))
            throw new InvalidDataException($"The list of files names {PrintedName.ForPeople(path)}, which is not inside the volume.");

        onRecord(
            path,
            new ManifestRecord(type, mode, (uint)owner, (uint)group, (uint)links, (ulong)inode, size, units * 512, modified, changed)
        );
    }

    /// <summary>stat knows no path without the dot before it.</summary>
    private static ReadOnlySpan<byte> Relative(ReadOnlySpan<byte> path) =>
        path.StartsWith("./"u8) ? path[2..]
        : path.SequenceEqual("."u8) ? []
        : path;

    private static void ThrowIfTooLong(int length)
    {
        if (length > LongestRecord)
            throw new InvalidDataException("The list of files holds a record that is none.");
    }

    private ref struct Fields(ReadOnlySpan<byte> record)
    {
        /// <summary>No number of so many digits is too large for 64 bits.</summary>
        private const int SafeDigits = 18;

        private const int MostModeDigits = 6;
        private const int NanosecondDigits = 9;

        public ReadOnlySpan<byte> Rest { get; private set; } = record;

        public (EntryType Type, ushort Mode) TypeAndMode()
        {
            if (Rest is not [var letter, (byte)' ', ..])
                throw Malformed();

            Rest = Rest[2..];
            if (letter == (byte)'x')
            {
                var raw = Digits(16);
                return (TypeOf(raw), (ushort)(raw & 0xFFF));
            }

            var type = (EntryType)letter;
            return (IsKnown(type) ? type : EntryType.Unknown, (ushort)(Digits(8) & 0xFFF));
        }

        /// <summary>Inodes may use all 64 bits.</summary>
        public long Number()
        {
            var value = Leading(Rest, 0, out var end);
            if (end is 0 or > SafeDigits && !Utf8Parser.TryParse(Rest, out value, out end))
                throw Malformed();

            EndField(end);
            return (long)value;
        }

        /// <summary>Seconds with or without a fraction.</summary>
        public Nanoseconds Time()
        {
            const long Second = 1_000_000_000;
            var rest = Rest;
            var sign = rest is [(byte)'-', ..] ? 1 : 0;
            var value = Leading(rest, sign, out var end);
            if (end == sign)
                throw Malformed();

            var seconds = (Nanoseconds)value;
            if (end - sign > SafeDigits)
                seconds = Utf8Parser.TryParse(rest[sign..end], out long large, out _) ? large : throw Malformed();

            var fraction = 0UL;
            if (end < rest.Length && rest[end] == (byte)'.')
            {
                var start = end + 1;
                fraction = Leading(rest[..Math.Min(rest.Length, start + NanosecondDigits)], start, out end);
                for (var digits = end - start; digits < NanosecondDigits; digits++)
                    fraction *= 10;

                _ = Leading(rest, end, out end);
            }

            EndField(end);
            // GNU find writes times before 1970 as floor and fraction: -1.5 seconds are -2 and .5.
            return ((sign == 0 ? seconds : -seconds) * Second) + fraction;
        }

        /// <summary>Each byte is looked at once: a list is this and little else.</summary>
        /// <returns>Of the digits that begin there; too many for 64 bits give any value.</returns>
        private static ulong Leading(ReadOnlySpan<byte> text, int start, out int end)
        {
            var value = 0UL;
            for (end = start; end < text.Length && (uint)(text[end] - '0') is var digit and <= 9; end++)
                value = (value * 10) + digit;

            return value;
        }

        private static bool IsKnown(EntryType type) =>
            type
                is EntryType.File
                    or EntryType.Directory
                    or EntryType.Link
                    or EntryType.Fifo
                    or EntryType.Socket
                    or EntryType.CharacterDevice
                    or EntryType.BlockDevice;

        private static EntryType TypeOf(int mode) =>
            (mode & 0xF000) switch
            {
                0x8000 => EntryType.File,
                0x4000 => EntryType.Directory,
                0xA000 => EntryType.Link,
                0x1000 => EntryType.Fifo,
                0xC000 => EntryType.Socket,
                0x2000 => EntryType.CharacterDevice,
                0x6000 => EntryType.BlockDevice,
                _ => EntryType.Unknown,
            };

        private int Digits(int radix)
        {
            var rest = Rest;
            var (value, end) = (0, 0);
            for (; end < rest.Length && rest[end] != (byte)' '; end++)
            {
                var number = rest[end] switch
                {
                    >= (byte)'0' and <= (byte)'9' and var digit => digit - '0',
                    >= (byte)'a' and <= (byte)'f' and var letter => letter - 'a' + 10,
                    _ => radix,
                };
                value = number < radix && end < MostModeDigits ? (value * radix) + number : throw Malformed();
            }

            if (end == 0)
                throw Malformed();

            EndField(end);
            return value;
        }

        /// <summary>A blank must stand there: what follows it is the next field.</summary>
        private void EndField(int end)
        {
            if (end == Rest.Length || Rest[end] != (byte)' ')
                throw Malformed();

            Rest = Rest[(end + 1)..];
        }

        private readonly InvalidDataException Malformed() =>
            new($"The list of files holds a record that is none: {System.Text.Encoding.UTF8.GetString(Rest)}");
    }
}
