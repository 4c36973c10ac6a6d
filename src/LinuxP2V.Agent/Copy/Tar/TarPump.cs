namespace LinuxP2V.Agent.Copy.Tar;

/// <summary>Moves a tar stream from the source's end to the helper's tar, counting.</summary>
internal static class TarPump
{
    /// <summary>Ends with the stream, and closes the target's side behind it. Nothing is written before the meter has seen it.</summary>
    /// <returns>False when the target's side broke.</returns>
    /// <exception cref="UnexpectedArchiveException">The meter refused it; the target's side is open still.</exception>
    public static bool Run(Stream from, Stream to, TarMeter meter, int bufferBytes)
    {
        var buffer = GC.AllocateUninitializedArray<byte>(bufferBytes);
        while (true)
        {
            int count;
            try
            {
                count = from.Read(buffer);
            }
            catch (Exception exception) when (exception is IOException or ObjectDisposedException or InvalidDataException)
            {
                // The caller that waits for the command's end reports what broke.
                count = 0;
            }

            meter.Add(buffer.AsSpan(0, count));
            try
            {
                if (count == 0)
                {
                    to.Close();
                    return true;
                }

                to.Write(buffer, 0, count);
            }
            catch (IOException)
            {
                return false;
            }
        }
    }
}
