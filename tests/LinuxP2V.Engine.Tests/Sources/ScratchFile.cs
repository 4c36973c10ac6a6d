namespace LinuxP2V.Engine.Tests.Sources;

/// <summary>A sparse file that goes with the test.</summary>
internal sealed class ScratchFile : IDisposable
{
    public ScratchFile(long bytes)
    {
        Path = System.IO.Path.GetTempFileName();
        using var stream = File.OpenWrite(Path);
        stream.SetLength(bytes);
    }

    public string Path { get; }

    public byte[] Read(int bytes, long offset = 0)
    {
        using var stream = File.OpenRead(Path);
        stream.Seek(offset, SeekOrigin.Begin);
        var buffer = new byte[bytes];
        stream.ReadExactly(buffer);
        return buffer;
    }

    public void Dispose() => File.Delete(Path);
}
