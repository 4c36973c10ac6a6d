namespace LinuxP2V.Agent.Copy.Tar;

/// <summary>Moves a tar stream from the source's end to the helper's tar, counting.</summary>
internal static class TarPump
{
    /// <summary>Ends with the stream, and closes the target's side behind it.</summary>
    /// <returns>False when the target's side broke.</returns>
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

            meter.Add(buffer.AsSpan(0, count));
        }
    }
}
