using LinuxP2V.Agent.Platform;

namespace LinuxP2V.Agent.Copy.Files;

/// <summary>
/// A file that came with zeros in place of what could not be read has its source's size, and must not pass for its copy: it
/// gets a modification time that the source's has not, so that the next comparison brings it again.
/// </summary>
internal static class UnreadMark
{
    /// <summary>More than any file system's idea of the same time.</summary>
    private const long Distance = 86_400_000_000_000;

    /// <param name="path">In the copy, with a NUL at the end.</param>
    public static void Set(byte[] path)
    {
        if (NativeFiles.Read(path, out var status) == 0 && status.Type == EntryType.File)
            _ = NativeFiles.SetTimes(path, status.AccessTime, TimeFor(status.ModifyTime));
    }

    /// <summary>Nanoseconds since 1970: an old file's is as good as any, and people see that it is none.</summary>
    public static long TimeFor(long modifyTime) => Math.Abs(modifyTime) < Distance ? 2 * Distance : 0;
}
