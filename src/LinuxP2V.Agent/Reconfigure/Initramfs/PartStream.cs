using LinuxP2V.Guest.Images;

namespace LinuxP2V.Agent.Reconfigure.Initramfs;

/// <summary>A part of a file, read from front to back.</summary>
internal sealed class PartStream : Stream
{
    private readonly FileStream file;
    private long left;

    public PartStream(FileStream file, FilePart part)
    {
        this.file = file;
        file.Position = part.Offset;
        left = part.Length;
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        var read = file.Read(buffer, offset, (int)Math.Min(count, left));
        left -= read;
        return read;
    }

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
