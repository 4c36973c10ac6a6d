namespace LinuxP2V.Agent.Platform;

/// <summary>Bytes of a device or a file.</summary>
internal readonly record struct ByteRange(long Start, long Length)
{
    public long End => Start + Length;
}
