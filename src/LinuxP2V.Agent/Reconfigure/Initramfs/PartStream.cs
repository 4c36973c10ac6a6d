using LinuxP2V.Agent.Platform;
using LinuxP2V.Guest.Images;

namespace LinuxP2V.Agent.Reconfigure.Initramfs;

/// <summary>A part of a file, read from front to back.</summary>
internal sealed class PartStream : ReadOnlyStream
{
    private readonly FileStream file;
    private long left;

    public PartStream(FileStream file, FilePart part)
    {
        this.file = file;
        file.Position = part.Offset;
        left = part.Length;
    }

    public override int Read(Span<byte> buffer)
    {
        var read = file.Read(buffer[..(int)Math.Min(buffer.Length, left)]);
        left -= read;
        return read;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));
}
