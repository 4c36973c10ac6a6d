using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace LinuxP2V.Guest.FileSystems;

/// <summary>Reads on-disk structures. What lies behind the end reads as zero, so that a short read is just nothing found.</summary>
public sealed class ByteReader(byte[] bytes, int start = 0)
{
    public int Length => Math.Max(0, bytes.Length - start);

    public byte this[int offset] => start + offset < bytes.Length && offset >= 0 ? bytes[start + offset] : (byte)0;

    public ByteReader At(int offset) => new(bytes, start + offset);

    public ushort UInt16(int offset) => BinaryPrimitives.ReadUInt16LittleEndian(Take(offset, 2));

    public uint UInt32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(Take(offset, 4));

    public ulong UInt64(int offset) => BinaryPrimitives.ReadUInt64LittleEndian(Take(offset, 8));

    public ushort UInt16Big(int offset) => BinaryPrimitives.ReadUInt16BigEndian(Take(offset, 2));

    public uint UInt32Big(int offset) => BinaryPrimitives.ReadUInt32BigEndian(Take(offset, 4));

    public bool Is(int offset, string ascii) => Encoding.ASCII.GetString(Take(offset, ascii.Length)) == ascii;

    /// <summary>Text up to the first NUL; null when empty.</summary>
    public string? Text(int offset, int length)
    {
        var taken = Take(offset, length);
        var end = Array.IndexOf(taken, (byte)0);
        return NullIfEmpty(Encoding.UTF8.GetString(taken, 0, end < 0 ? length : end));
    }

    public string? Utf16(int offset, int length)
    {
        var text = Encoding.Unicode.GetString(Take(offset, length));
        var end = text.IndexOf('\0');
        return NullIfEmpty(end < 0 ? text : text.Substring(0, end));
    }

    /// <summary>Hex digits in the order of the bytes, with dashes as a UUID; null when all are zero.</summary>
    public string? Uuid(int offset)
    {
        var taken = Take(offset, 16);
        return taken.All(b => b == 0) ? null : Dashes(Hex(taken));
    }

    /// <summary>A GUID as Microsoft writes it, the first three fields little-endian; null when all are zero.</summary>
    public string? MixedGuid(int offset)
    {
        var taken = Take(offset, 16);
        return taken.All(b => b == 0) ? null : new Guid(taken).ToString("D", CultureInfo.InvariantCulture);
    }

    public bool Contains(string ascii, int length)
    {
        var text = Encoding.GetEncoding("ISO-8859-1").GetString(Take(0, Math.Min(length, Math.Max(0, Length))));
        return text.IndexOf(ascii, StringComparison.Ordinal) >= 0;
    }

    private static string? NullIfEmpty(string text) => text.Trim() is { Length: > 0 } trimmed ? trimmed : null;

    private static string Hex(byte[] taken) => string.Concat(taken.Select(b => b.ToString("x2", CultureInfo.InvariantCulture)));

    private static string Dashes(string hex) =>
        $"{hex.Substring(0, 8)}-{hex.Substring(8, 4)}-{hex.Substring(12, 4)}-{hex.Substring(16, 4)}-{hex.Substring(20)}";

    private byte[] Take(int offset, int length)
    {
        var taken = new byte[length];
        var available = Math.Min(length, bytes.Length - start - offset);
        if (available > 0)
            Array.Copy(bytes, start + offset, taken, 0, available);

        return taken;
    }
}
