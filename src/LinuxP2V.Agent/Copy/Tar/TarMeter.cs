using System.Runtime.InteropServices;
using System.Text;

namespace LinuxP2V.Agent.Copy.Tar;

/// <summary>
/// Counts files and their data in a tar stream that flows by. It looks at the headers alone, 512 bytes each, and skips
/// the data. When it meets something that is no tar header it goes on counting bytes and leaves the files.
/// </summary>
/// <param name="onMember">Gets each member when its header has passed.</param>
internal sealed class TarMeter(TarMeter.MemberHandler? onMember = null) : IMeter
{
    private const int BlockBytes = 512;

    /// <summary>An extended header larger than this is skipped: no file system takes so many attributes.</summary>
    private const int MaxExtendedBytes = 16 << 20;

    private readonly byte[] block = new byte[BlockBytes];
    private readonly List<byte> extended = [];
    private readonly List<byte> longName = [];
    private List<byte>? collected;
    private int blockFill;
    private long skip;
    private long dataLeft;
    private int extendedLeft;
    private bool isLost;
    private bool isEnded;
    private long bytes;
    private long files;

    public delegate void MemberHandler(in TarMember member);

    /// <summary>Bytes of file data so far.</summary>
    public long Bytes => Volatile.Read(ref bytes);

    public long Files => Volatile.Read(ref files);

    /// <summary>False: the stream stopped before the archive's end, whatever the one who wrote it said.</summary>
    public bool IsComplete => isEnded || isLost;

    public void Add(ReadOnlySpan<byte> data)
    {
        while (data.Length > 0)
        {
            if (isLost)
            {
                Volatile.Write(ref bytes, bytes + data.Length);
                return;
            }

            data = skip > 0 ? Skip(data) : FillBlock(data);
        }
    }

    private ReadOnlySpan<byte> Skip(ReadOnlySpan<byte> data)
    {
        var count = (int)Math.Min(skip, data.Length);
        if (collected is not null)
        {
            var kept = Math.Min(extendedLeft, count);
            collected.AddRange(data[..kept]);
            extendedLeft -= kept;
        }
        else
        {
            // What pads the last block is no data.
            var counted = Math.Min(dataLeft, count);
            dataLeft -= counted;
            Volatile.Write(ref bytes, bytes + counted);
        }

        skip -= count;
        return data[count..];
    }

    private ReadOnlySpan<byte> FillBlock(ReadOnlySpan<byte> data)
    {
        var count = Math.Min(BlockBytes - blockFill, data.Length);
        data[..count].CopyTo(block.AsSpan(blockFill));
        blockFill += count;
        if (blockFill == BlockBytes)
        {
            blockFill = 0;
            ReadHeader();
        }

        return data[count..];
    }

    private void ReadHeader()
    {
        // The archive's end, and what pads it.
        if (block.AsSpan().IndexOfAnyExcept((byte)0) < 0)
        {
            isEnded = true;
            return;
        }

        if (!HasValidChecksum())
        {
            isLost = true;
            return;
        }

        var type = (char)block[156];
        var size = ReadNumber(block.AsSpan(124, 12));
        if (type is 'x' or 'g' or 'L' or 'K' or 'X')
        {
            skip = RoundUp(size);
            collected =
                type == 'L' ? longName
                : type == 'x' ? extended
                : null;
            collected?.Clear();
            extendedLeft = size <= MaxExtendedBytes ? (int)size : 0;
            return;
        }

        // Old GNU sparse files carry further maps between header and data: where they begin cannot be told cheaply.
        if (type == 'S' && block[482] != 0)
            isLost = true;

        var member = new TarMember(type, block, CollectionsMarshal.AsSpan(extended), CollectionsMarshal.AsSpan(longName), size);
        Volatile.Write(ref files, files + 1);
        dataLeft = type is '1' or '2' or '3' or '4' or '5' or '6' ? 0 : member.DataBytes;
        skip = RoundUp(dataLeft);
        onMember?.Invoke(member);
        collected = null;
        extended.Clear();
        longName.Clear();
    }

    private bool HasValidChecksum()
    {
        long sum = 8 * ' ';
        for (var i = 0; i < BlockBytes; i++)
        {
            if (i is < 148 or >= 156)
                sum += block[i];
        }

        return sum == ReadNumber(block.AsSpan(148, 8));
    }

    /// <summary>Octal text, or binary when the first bit is set.</summary>
    private static long ReadNumber(ReadOnlySpan<byte> field)
    {
        long value = 0;
        if ((field[0] & 0x80) != 0)
        {
            value = field[0] & 0x7f;
            foreach (var b in field[1..])
                value = (value << 8) | b;

            return value;
        }

        foreach (var c in Encoding.ASCII.GetString(field).Trim(' ', '\0'))
        {
            if (c is < '0' or > '7')
                return -1;

            value = (value * 8) + (c - '0');
        }

        return value;
    }

    private static long RoundUp(long size) => (size + BlockBytes - 1) / BlockBytes * BlockBytes;
}
