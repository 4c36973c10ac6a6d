using System.Text;
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

    /// <param name="targetPath">The copy's root.</param>
    /// <param name="path">From there, without a slash before it.</param>
    public static void Set(string targetPath, ReadOnlySpan<byte> path)
    {
        using var root = NativeFolders.OpenFolder(null, Encoding.UTF8.GetBytes(targetPath + "\0"), out var error);
        if (error != 0)
            return;

        using var file = NativeFolders.OpenBeneath(root, [.. path, 0], BeneathAccess.Read, out error);
        if (error == 0 && NativeFiles.Read(file, out var status) == 0 && status.Type == EntryType.File)
            _ = NativeFiles.SetTimes(file, status.AccessTime, TimeFor(status.ModifyTime));
    }

    /// <summary>Nanoseconds since 1970: an old file's is as good as any, and people see that it is none.</summary>
    public static Nanoseconds TimeFor(Nanoseconds modifyTime) => Nanoseconds.Abs(modifyTime) < Distance ? 2 * Distance : 0;
}
