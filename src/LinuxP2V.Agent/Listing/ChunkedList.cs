namespace LinuxP2V.Agent.Listing;

/// <summary>
/// A list that grows by blocks of one size: a list that doubles would need three times the memory of ten million
/// entries for a moment, in a helper that has little.
/// </summary>
internal sealed class ChunkedList<T>
    where T : unmanaged
{
    private const int Shift = 14;
    private const int ChunkLength = 1 << Shift;

    private readonly List<T[]> chunks = [];

    public int Count { get; private set; }

    public ref T this[int index] => ref chunks[index >> Shift][index & (ChunkLength - 1)];

    public void Add(in T item)
    {
        if (Count >> Shift == chunks.Count)
            chunks.Add(GC.AllocateUninitializedArray<T>(ChunkLength));

        this[Count++] = item;
    }
}
