using System.Runtime.InteropServices;

namespace LinuxP2V.Agent.Copy.Tar;

/// <summary>
/// Reads a tar stream that flows by, before the tar here does: counts files and their data, and refuses what the two could
/// read in different ways. It looks at the headers alone, 512 bytes each, and skips the data.
/// </summary>
/// <param name="onMember">Gets each member when its header has passed.</param>
/// <param name="isPosix">The archive is of the POSIX format, which has no other names than those of its own headers.</param>
internal sealed class TarMeter(TarMeter.MemberHandler? onMember = null, bool isPosix = false) : IMeter
{
    private const int BlockBytes = 512;

    /// <summary>No file system takes so many attributes.</summary>
    private const int MaxExtendedBytes = 16 << 20;

    private readonly byte[] block = new byte[BlockBytes];
    private readonly List<byte> extended = [];
    private readonly List<byte> longName = [];
    private readonly List<byte> longLink = [];
    private List<byte>? collected;
    private int blockFill;
    private long skip;
    private long dataLeft;
    private int extendedLeft;
    private bool isMapGoingOn;
    private long skipBehindMap;
    private bool isEnded;
    private long bytes;
    private long files;

    public delegate void MemberHandler(in TarMember member);

    /// <summary>Bytes of file data so far.</summary>
    public long Bytes => Volatile.Read(ref bytes);

    public long Files => Volatile.Read(ref files);

    /// <summary>False: the stream stopped before the archive's end, whatever the one who wrote it said.</summary>
    public bool IsComplete => isEnded;

    /// <exception cref="UnexpectedArchiveException">Nothing of these bytes may reach the tar here.</exception>
    public void Add(ReadOnlySpan<byte> data)
    {
        while (data.Length > 0)
            data = skip > 0 ? Skip(data) : FillBlock(data);
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
            if (isMapGoingOn)
                PassMap();
            else
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

        if (isEnded)
            throw new UnexpectedArchiveException("goes on behind its end");

        if (!HasValidChecksum() || !TarNumber.TryRead(block.AsSpan(124, 12), out var size) || size < 0)
            throw new UnexpectedArchiveException("holds a header that is none");

        var type = (char)block[156];
        switch (type)
        {
            case 'x':
                Collect(extended, size);
                break;
            case 'L' when !isPosix:
                Collect(longName, size);
                break;
            case 'K' when !isPosix:
                Collect(longLink, size);
                break;
            default:
                ReadMember(type, size);
                break;
        }
    }

    /// <summary>What precedes a member: its records, or a name too long for a header.</summary>
    private void Collect(List<byte> text, long size)
    {
        if (size > MaxExtendedBytes)
            throw new UnexpectedArchiveException($"holds a header of {size} bytes");

        if (text.Count > 0 || size == 0)
            throw new UnexpectedArchiveException("gives a member two headers of one kind");

        collected = text;
        skip = RoundUp(size);
        extendedLeft = (int)size;
    }

    private void ReadMember(char type, long size)
    {
        var member = new TarMember(
            type,
            block,
            CollectionsMarshal.AsSpan(extended),
            CollectionsMarshal.AsSpan(longName),
            CollectionsMarshal.AsSpan(longLink),
            size
        );
        TarRules.Check(member, isPosix);
        Volatile.Write(ref files, files + 1);
        collected = null;
        dataLeft = TarRules.HasData(type) ? member.DataBytes : 0;
        skip = RoundUp(dataLeft);
        isMapGoingOn = type == 'S' && block[482] != 0;
        onMember?.Invoke(member);
        extended.Clear();
        longName.Clear();
        longLink.Clear();
        if (isMapGoingOn)
            (skip, skipBehindMap) = (0, skip);
    }

    /// <summary>The map of an old GNU sparse file may go on in blocks of its own, before the data.</summary>
    private void PassMap()
    {
        isMapGoingOn = block[504] != 0;
        if (!isMapGoingOn)
            skip = skipBehindMap;
    }

    private bool HasValidChecksum()
    {
        long sum = 8 * ' ';
        for (var i = 0; i < BlockBytes; i++)
        {
            if (i is < 148 or >= 156)
                sum += block[i];
        }

        return TarNumber.TryRead(block.AsSpan(148, 8), out var expected) && sum == expected;
    }

    private static long RoundUp(long size) => (size + BlockBytes - 1) / BlockBytes * BlockBytes;
}
