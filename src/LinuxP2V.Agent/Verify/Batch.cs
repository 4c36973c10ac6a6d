using LinuxP2V.Agent.Listing;

namespace LinuxP2V.Agent.Verify;

/// <param name="Bytes">Of file data, where that is what is read.</param>
internal sealed record Batch(PropertyCheck Check, IReadOnlyList<int> Entries, long Bytes)
{
    private const int Share = 32;
    private const long LeastBytes = 32L << 20;
    private const long MostBytes = 512L << 20;
    private const int LeastFiles = 500;
    private const int MostFiles = 10_000;

    /// <summary>Files' contents: the largest files first, so that the end does not wait for one of them.</summary>
    /// <param name="ask">The check for names that are odd, or not.</param>
    public static IEnumerable<Batch> OfContents(Manifest source, IReadOnlyList<int> files, Func<bool, PropertyCheck> ask)
    {
        var total = files.Sum(entry => source[entry].Size);
        var bytes = Math.Clamp(total / Share, LeastBytes, MostBytes);
        var count = Math.Clamp(files.Count / Share, LeastFiles, MostFiles);
        var large = files.Where(entry => source[entry].Size >= bytes).OrderByDescending(entry => source[entry].Size);
        foreach (var entry in large)
            yield return new Batch(ask(IsOdd(source.PathOf(entry))), [entry], source[entry].Size);

        var (plain, odd) = (new Filling(ask(false)), new Filling(ask(true)));
        foreach (var entry in files)
        {
            var size = source[entry].Size;
            if (size >= bytes)
                continue;

            var filling = IsOdd(source.PathOf(entry)) ? odd : plain;
            filling.Add(entry, size);
            if (filling.Bytes >= bytes || filling.Count >= count)
                yield return filling.Empty();
        }

        if (plain.Count > 0)
            yield return plain.Empty();
        if (odd.Count > 0)
            yield return odd.Empty();
    }

    public static IEnumerable<Batch> Of(PropertyCheck check, IEnumerable<int> entries) =>
        entries.Chunk(MostFiles).Select(chunk => new Batch(check, chunk, 0));

    /// <summary>Whether coreutils without -z write such a name in a form of their own.</summary>
    private static bool IsOdd(ReadOnlySpan<byte> path) => path.IndexOfAny("\n\r\\"u8) >= 0;

    private sealed class Filling(PropertyCheck check)
    {
        private List<int> entries = [];

        public long Bytes { get; private set; }

        public int Count => entries.Count;

        public void Add(int entry, long bytes)
        {
            entries.Add(entry);
            Bytes += bytes;
        }

        public Batch Empty()
        {
            var batch = new Batch(check, entries, Bytes);
            (entries, Bytes) = ([], 0);
            return batch;
        }
    }
}
