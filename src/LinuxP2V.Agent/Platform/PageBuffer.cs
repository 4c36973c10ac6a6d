using System.Runtime.InteropServices;

namespace LinuxP2V.Agent.Platform;

/// <summary>Memory that begins at a page's start, as writes past the page cache want it.</summary>
/// <param name="bytes">A multiple of a page.</param>
internal sealed unsafe class PageBuffer(int bytes) : IDisposable
{
    public const int PageBytes = 4096;

    private void* memory = NativeMemory.AlignedAlloc((nuint)bytes, PageBytes);

    public Span<byte> Span => new(memory, bytes);

    public void Dispose()
    {
        NativeMemory.AlignedFree(memory);
        memory = null;
    }
}
