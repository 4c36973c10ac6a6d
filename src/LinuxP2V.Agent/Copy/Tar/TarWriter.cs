using System.Text;

namespace LinuxP2V.Agent.Copy.Tar;

/// <summary>Writes members without data: what a tar in the helper then gives to files of the copy.</summary>
internal static class TarWriter
{
    private const int BlockBytes = 512;

    /// <summary>Repeats a member that has no data, as it came.</summary>
    public static void Repeat(in TarMember member, Stream to)
    {
        WriteRecords(member.Records, to);
        to.Write(member.Header);
    }

    /// <summary>A file of that name, empty, with the owner, mode, times and attributes of the member.</summary>
    public static void WriteEmptyFile(in TarMember member, string name, Stream to)
    {
        using var kept = new MemoryStream();
        var rest = member.Records;
        while (TarMember.TryReadRecord(rest, out var key, out _, out var record))
        {
            if (!key.SequenceEqual("path"u8) && !key.SequenceEqual("size"u8) && !key.StartsWith("GNU.sparse."u8))
                kept.Write(record);

            rest = rest[record.Length..];
        }

        WriteRecords(kept.GetBuffer().AsSpan(0, (int)kept.Length), to);
        Span<byte> header = stackalloc byte[BlockBytes];
        member.Header.CopyTo(header);
        header[..100].Clear();
        Encoding.ASCII.GetBytes(name, header);
        header[345..].Clear();
        WriteNumber(header.Slice(124, 12), 0);
        header[156] = (byte)'0';
        WriteChecksum(header);
        to.Write(header);
    }

    public static void WriteEnd(Stream to) => to.Write(new byte[2 * BlockBytes]);

    private static void WriteRecords(ReadOnlySpan<byte> records, Stream to)
    {
        if (records.IsEmpty)
            return;

        Span<byte> header = stackalloc byte[BlockBytes];
        header.Clear();
        "./PaxHeaders/member"u8.CopyTo(header);
        WriteNumber(header.Slice(100, 8), 420);
        WriteNumber(header.Slice(108, 8), 0);
        WriteNumber(header.Slice(116, 8), 0);
        WriteNumber(header.Slice(124, 12), records.Length);
        WriteNumber(header.Slice(136, 12), 0);
        header[156] = (byte)'x';
        "ustar\000"u8.CopyTo(header[257..]);
        WriteChecksum(header);
        to.Write(header);
        to.Write(records);
        var padding = (BlockBytes - (records.Length % BlockBytes)) % BlockBytes;
        to.Write(stackalloc byte[padding]);
    }

    private static void WriteChecksum(Span<byte> header)
    {
        header.Slice(148, 8).Fill((byte)' ');
        var sum = 0;
        foreach (var value in header)
            sum += value;

        WriteNumber(header.Slice(148, 7), sum);
    }

    /// <summary>Octal digits to the field's end but one, which is a NUL.</summary>
    private static void WriteNumber(Span<byte> field, long value)
    {
        var digits = Convert.ToString(value, 8).PadLeft(field.Length - 1, '0');
        Encoding.ASCII.GetBytes(digits, field);
        field[^1] = 0;
    }
}
