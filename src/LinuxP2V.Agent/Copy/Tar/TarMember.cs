using System.Globalization;

namespace LinuxP2V.Agent.Copy.Tar;

/// <summary>What a tar stream says of one member before its data.</summary>
internal readonly ref struct TarMember
{
    private const long Second = 1_000_000_000;
    private const int NameBytes = 100;
    private const int LinkAt = 157;
    private const int PrefixAt = 345;
    private const int PrefixBytes = 155;

    private readonly ReadOnlySpan<byte> longName;
    private readonly ReadOnlySpan<byte> longLink;

    public TarMember(
        char type,
        ReadOnlySpan<byte> header,
        ReadOnlySpan<byte> records,
        ReadOnlySpan<byte> longName,
        ReadOnlySpan<byte> longLink,
        long headerSize
    )
    {
        Type = type;
        Header = header;
        Records = records;
        this.longName = longName;
        this.longLink = longLink;
        HeaderSize = headerSize;
    }

    /// <summary>tar's letter: 0 file, 2 link, 5 directory.</summary>
    public char Type { get; }

    /// <summary>The block of 512 bytes.</summary>
    public ReadOnlySpan<byte> Header { get; }

    /// <summary>Of the POSIX extended header: "length key=value\n" each.</summary>
    public ReadOnlySpan<byte> Records { get; }

    /// <summary>As the header has it, whatever the records say.</summary>
    public long HeaderSize { get; }

    /// <summary>What follows in the stream, without padding; negative when it is no number.</summary>
    public long DataBytes =>
        !TryGet("size"u8, out var value) ? HeaderSize
        : long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size
        : -1;

    public bool IsSparse => Type == 'S' || HasKey("GNU.sparse."u8);

    /// <summary>The size of a sparse file whose map stands before its data: GNU's format 1.0. Null for every other member.</summary>
    public long? MappedSize =>
        TryGet("GNU.sparse.major"u8, out var major)
        && major.SequenceEqual("1"u8)
        && TryGet("GNU.sparse.minor"u8, out var minor)
        && minor.SequenceEqual("0"u8)
        && TryGet("GNU.sparse.realsize"u8, out var value)
        && long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            ? size
            : null;

    /// <summary>As tar was given it, without a slash at the end.</summary>
    public byte[] Name => FullName.AsSpan().TrimEnd((byte)'/').ToArray();

    public bool EndsWithSlash =>
        (
            TryGet("GNU.sparse.name"u8, out var name) || TryGet("path"u8, out name) ? name
            : !longName.IsEmpty ? Text(longName)
            : Text(Header[..NameBytes])
        )
            is [.., (byte)'/'];

    /// <summary>Of a hard link: the member that it is another name of, as tar was given it.</summary>
    public byte[] LinkName =>
        TryGet("linkpath"u8, out var name) ? name.ToArray()
        : !longLink.IsEmpty ? Text(longLink).ToArray()
        : Text(Header.Slice(LinkAt, NameBytes)).ToArray();

    private byte[] FullName
    {
        get
        {
            if (TryGet("GNU.sparse.name"u8, out var name) || TryGet("path"u8, out name))
                return name.ToArray();

            if (!longName.IsEmpty)
                return Text(longName).ToArray();

            var last = Text(Header[..NameBytes]);
            // Old GNU headers have other things where POSIX has the name's beginning.
            var prefix = Header.Slice(257, 6).SequenceEqual("ustar\0"u8) ? Text(Header.Slice(PrefixAt, PrefixBytes)) : [];
            return prefix.IsEmpty ? last.ToArray() : [.. prefix, (byte)'/', .. last];
        }
    }

    /// <summary>Modification time in nanoseconds since 1970; 0 where it is told in no form that is known.</summary>
    public Nanoseconds ModifyTime =>
        TryGet("mtime"u8, out var value) && TryReadTime(value, out var time) ? time
        : TarNumber.TryRead(Header.Slice(136, 12), out var seconds) ? (Nanoseconds)seconds * Second
        : 0;

    /// <summary>Reads the first record: its key, its value and all of it.</summary>
    public static bool TryReadRecord(
        ReadOnlySpan<byte> records,
        out ReadOnlySpan<byte> key,
        out ReadOnlySpan<byte> value,
        out ReadOnlySpan<byte> record
    )
    {
        key = value = record = [];
        var space = records.IndexOf((byte)' ');
        if (
            space <= 0
            || !int.TryParse(records[..space], NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            || length <= space + 1
            || length > records.Length
        )
        {
            return false;
        }

        record = records[..length];
        var content = record[(space + 1)..^1];
        var equals = content.IndexOf((byte)'=');
        if (equals < 0)
            return false;

        key = content[..equals];
        value = content[(equals + 1)..];
        return true;
    }

    /// <summary>Seconds, with a minus and a fraction where there are any.</summary>
    private static bool TryReadTime(ReadOnlySpan<byte> text, out Nanoseconds time)
    {
        const int FractionDigits = 9;
        time = 0;
        var isNegative = text is [(byte)'-', ..];
        text = isNegative ? text[1..] : text;
        var dot = text.IndexOf((byte)'.');
        var whole = dot < 0 ? text : text[..dot];
        if (!long.TryParse(whole, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
            return false;

        var fraction = dot < 0 ? [] : text[(dot + 1)..];
        var digits = fraction[..Math.Min(FractionDigits, fraction.Length)];
        var nanoseconds = 0;
        if (digits.Length > 0 && !int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out nanoseconds))
            return false;

        for (var i = digits.Length; i < FractionDigits; i++)
            nanoseconds *= 10;

        time = ((Nanoseconds)seconds * Second) + nanoseconds;
        time = isNegative ? -time : time;
        return true;
    }

    private bool TryGet(ReadOnlySpan<byte> wanted, out ReadOnlySpan<byte> found)
    {
        var rest = Records;
        while (TryReadRecord(rest, out var key, out found, out var record))
        {
            if (key.SequenceEqual(wanted))
                return true;

            rest = rest[record.Length..];
        }

        found = [];
        return false;
    }

    private bool HasKey(ReadOnlySpan<byte> beginning)
    {
        var rest = Records;
        while (TryReadRecord(rest, out var key, out _, out var record))
        {
            if (key.StartsWith(beginning))
                return true;

            rest = rest[record.Length..];
        }

        return false;
    }

    private static ReadOnlySpan<byte> Text(ReadOnlySpan<byte> field) => field.IndexOf((byte)0) is var end and >= 0 ? field[..end] : field;
}
