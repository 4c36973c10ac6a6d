using LinuxP2V.Agent.Platform;

namespace LinuxP2V.Agent.Copy.Files;

/// <summary>Which bytes of a file hold data; the rest are holes.</summary>
/// <param name="data">Rising, apart, in whole pages but for the file's end.</param>
internal sealed class FileMap(IReadOnlyList<ByteRange> data)
{
    /// <summary>What is read at a time: any dd can, and it is small beside a gap.</summary>
    public const int Unit = 64 << 10;

    /// <summary>Reading over a gap costs less than a new start behind it.</summary>
    private const long SmallestGap = 2 * Unit;

    public static FileMap Whole(long size) => new(size > 0 ? [new ByteRange(0, size)] : []);

    /// <summary>Makes a map of pieces as tar tells them, which may begin and end anywhere.</summary>
    /// <param name="pieces">Rising; they may touch, and some may be empty.</param>
    /// <exception cref="InvalidDataException">They do not rise, or go beyond the file.</exception>
    public static FileMap FromPieces(long size, IEnumerable<ByteRange> pieces)
    {
        var data = new List<ByteRange>();
        var last = 0L;
        foreach (var piece in pieces)
        {
            if (piece.Start < last || piece.Length < 0 || piece.Length > size - piece.Start)
                throw new InvalidDataException($"A file of {size} bytes cannot hold {piece.Length} at {piece.Start}.");

            last = piece.End;
            if (piece.Length > 0)
                Append(data, Round(piece, PageBuffer.PageBytes, size), 1);
        }

        return new FileMap(data);
    }

    /// <summary>The data of a part of the file.</summary>
    public IReadOnlyList<ByteRange> Within(long start, long end) =>
        [
            .. data.Select(piece => (Start: Math.Max(start, piece.Start), End: Math.Min(end, piece.End)))
                .Where(cut => cut.Start < cut.End)
                .Select(cut => new ByteRange(cut.Start, cut.End - cut.Start)),
        ];

    /// <summary>What to read for these pieces: whole units, and the smaller gaps too.</summary>
    /// <param name="pieces">Rising.</param>
    public static IReadOnlyList<ByteRange> Runs(IReadOnlyList<ByteRange> pieces)
    {
        var runs = new List<ByteRange>();
        foreach (var piece in pieces)
            Append(runs, Round(piece, Unit, long.MaxValue), SmallestGap);

        return runs;
    }

    private static ByteRange Round(ByteRange range, int unit, long most)
    {
        var start = range.Start / unit * unit;
        var beyond = range.End % unit;
        var end =
            beyond == 0 ? range.End
            : range.End > most - unit ? most
            : range.End - beyond + unit;
        return new ByteRange(start, end - start);
    }

    /// <summary>Joins it to the last one where the gap between them is smaller.</summary>
    private static void Append(List<ByteRange> ranges, ByteRange next, long smallestGap)
    {
        if (ranges.Count > 0 && next.Start - ranges[^1].End < smallestGap)
            ranges[^1] = ranges[^1] with { Length = Math.Max(ranges[^1].End, next.End) - ranges[^1].Start };
        else
            ranges.Add(next);
    }
}
