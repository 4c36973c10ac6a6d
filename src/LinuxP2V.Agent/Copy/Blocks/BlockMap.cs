using LinuxP2V.Agent.Platform;

namespace LinuxP2V.Agent.Copy.Blocks;

/// <summary>Which bytes of a file system's device hold something.</summary>
/// <param name="FileSystemBytes">The device may be larger.</param>
/// <param name="Used">Rising, apart from each other, in whole <see cref="Unit"/>s but for the end.</param>
internal sealed record BlockMap(long FileSystemBytes, IReadOnlyList<ByteRange> Used)
{
    /// <summary>What is read at a time: any dd can, and it is small beside a gap.</summary>
    public const int Unit = 64 << 10;

    /// <summary>Reading over a gap costs less than a new start behind it.</summary>
    private const long SmallestGap = 1 << 20;

    /// <summary>Lower case; null where its tools do not tell.</summary>
    public string? FileSystemUuid { get; init; }

    public long UsedBytes => Used.Sum(range => range.Length);

    /// <param name="free">In any order; they do not overlap.</param>
    /// <exception cref="InvalidDataException">A free range lies outside, or over another.</exception>
    public static BlockMap FromFree(long fileSystemBytes, IEnumerable<ByteRange> free)
    {
        var used = new List<ByteRange>();
        var from = 0L;
        var last = 0L;
        foreach (var range in free.OrderBy(range => range.Start))
        {
            if (range.Start < last || range.Length <= 0 || range.End > fileSystemBytes)
                throw new InvalidDataException(
                    $"The free space at {range.Start} of {fileSystemBytes} bytes, {range.Length} long, cannot be."
                );

            last = range.End;
            var (gapStart, gapEnd) = (RoundUp(range.Start), range.End == fileSystemBytes ? range.End : range.End / Unit * Unit);
            if (gapEnd - gapStart < SmallestGap)
                continue;

            if (gapStart > from)
                used.Add(new ByteRange(from, gapStart - from));
            from = gapEnd;
        }

        if (from < fileSystemBytes)
            used.Add(new ByteRange(from, fileSystemBytes - from));

        return new BlockMap(fileSystemBytes, used);
    }

    /// <summary>Parts of about so many bytes, each a list of ranges, for a stream to bring over.</summary>
    public IEnumerable<IReadOnlyList<ByteRange>> Split(long bytes)
    {
        var part = new List<ByteRange>();
        var sum = 0L;
        foreach (var range in Used)
        {
            var start = range.Start;
            while (start < range.End)
            {
                // Whole units, so that every part begins on one.
                var length = Math.Min(range.End - start, Math.Max(Unit, (bytes - sum) / Unit * Unit));
                part.Add(new ByteRange(start, length));
                start += length;
                sum += length;
                if (sum < bytes)
                    continue;

                yield return part;
                (part, sum) = ([], 0);
            }
        }

        if (part.Count > 0)
            yield return part;
    }

    private static long RoundUp(long bytes) => (bytes + Unit - 1) / Unit * Unit;
}
