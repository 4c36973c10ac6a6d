namespace LinuxP2V.Agent.Listing;

/// <summary>File names one behind the other, in blocks. Bytes: a name need not be text.</summary>
internal sealed class NameStore
{
    private const int Shift = 20;
    private const int BlockBytes = 1 << Shift;

    private readonly List<byte[]> blocks = [];
    private int used;

    /// <returns>Where the name lies, for <see cref="Get"/>.</returns>
    public long Add(ReadOnlySpan<byte> name)
    {
        // A name lies in one block: 255 bytes is the kernel's limit, and a wasted rest of a block is nothing.
        if (blocks.Count == 0 || used + name.Length > BlockBytes)
        {
            blocks.Add(GC.AllocateUninitializedArray<byte>(BlockBytes));
            used = 0;
        }

        name.CopyTo(blocks[^1].AsSpan(used));
        var place = ((long)(blocks.Count - 1) << Shift) | (uint)used;
        used += name.Length;
        return place;
    }

    public ReadOnlySpan<byte> Get(long place, int length) => blocks[(int)(place >> Shift)].AsSpan((int)(place & (BlockBytes - 1)), length);
}
