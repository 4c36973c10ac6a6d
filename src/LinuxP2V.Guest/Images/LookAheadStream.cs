namespace LinuxP2V.Guest.Images;

/// <summary>Reads a stream from front to back, and can look at the next few bytes before they are taken.</summary>
internal sealed class LookAheadStream(Stream below) : Stream
{
    private readonly byte[] buffer = new byte[64 * 1024];
    private int start;
    private int end;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <returns>The next bytes, fewer where the stream ends before.</returns>
    public byte[] Peek(int count)
    {
        while (end - start < count && Fill()) { }

        return [.. buffer.Skip(start).Take(Math.Min(count, end - start))];
    }

    public override int Read(byte[] target, int offset, int count)
    {
        if (start == end && !Fill())
            return 0;

        var taken = Math.Min(count, end - start);
        Array.Copy(buffer, start, target, offset, taken);
        start += taken;
        return taken;
    }

    /// <exception cref="EndOfStreamException">There are fewer bytes.</exception>
    public byte[] Take(int count)
    {
        var bytes = new byte[count];
        var done = 0;
        while (done < count)
        {
            var read = Read(bytes, done, count - done);
            done += read > 0 ? read : throw new EndOfStreamException();
        }

        return bytes;
    }

    /// <exception cref="EndOfStreamException">There are fewer bytes.</exception>
    public void Skip(long count)
    {
        while (count > 0)
        {
            if (start == end && !Fill())
                throw new EndOfStreamException();

            var taken = (int)Math.Min(count, end - start);
            start += taken;
            count -= taken;
        }
    }

    /// <summary>Zeros fill up the space between the parts of an image.</summary>
    public void SkipZeros()
    {
        while (start < end || Fill())
        {
            while (start < end && buffer[start] == 0)
                start++;

            if (start < end)
                return;
        }
    }

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] source, int offset, int count) => throw new NotSupportedException();

    private bool Fill()
    {
        if (start > 0)
        {
            Array.Copy(buffer, start, buffer, 0, end - start);
            end -= start;
            start = 0;
        }

        var read = end < buffer.Length ? below.Read(buffer, end, buffer.Length - end) : 0;
        end += read;
        return read > 0;
    }
}
