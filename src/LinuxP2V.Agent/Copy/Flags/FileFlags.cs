using System.Text;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Platform;

namespace LinuxP2V.Agent.Copy.Flags;

/// <summary>
/// The flags of chattr, which no tar carries: read from the source, set on the copy when everything is in place, since
/// an immutable file takes no change. Paths are bytes: a file name need not be text.
/// </summary>
internal static class FileFlags
{
    /// <summary>Those that an admin sets; the rest (extents, indexes, encryption) belong to the file system.</summary>
    public const string Kept = "aAcCdDijmsStTu";

    /// <summary>Flags to the NUL-ended paths that have them.</summary>
    /// <param name="listing">Records of "flags path" with a NUL behind each.</param>
    public static IReadOnlyDictionary<string, MemoryStream> Group(ReadOnlySpan<byte> listing)
    {
        var groups = new Dictionary<string, MemoryStream>();
        while (listing.IndexOf((byte)0) is var end and >= 0)
        {
            var record = listing[..end];
            listing = listing[(end + 1)..];
            var space = record.IndexOf((byte)' ');
            if (space < 0)
                continue;

            var flags = string.Concat(Encoding.ASCII.GetString(record[..space]).Where(Kept.Contains));
            var path = record[space..].TrimStart((byte)' ');
            if (flags.Length == 0 || !path.StartsWith("."u8) || LeavesVolume(path))
                continue;

            if (!groups.TryGetValue(flags, out var paths))
                groups[flags] = paths = new MemoryStream();

            paths.Write(path);
            paths.WriteByte(0);
        }

        return groups;
    }

    public static async Task SetAsync(
        IReadOnlyDictionary<string, MemoryStream> groups,
        string targetPath,
        string volumeId,
        IEventSink sink,
        CancellationToken cancellationToken
    )
    {
        foreach (var (flags, paths) in groups)
        {
            // A path may be gone or left out meanwhile: chattr goes on with the others.
            paths.Position = 0;
            var result = await Tool.RunAsync(
                "xargs",
                ["-0", "-r", "chattr", "-f", $"+{flags}", "--"],
                cancellationToken,
                inputStream: paths,
                workingFolder: targetPath
            );
            if (!result.Succeeded)
                sink.Warning($"{volumeId}: not every file could get its flags {flags} (chattr).");
        }
    }

    private static bool LeavesVolume(ReadOnlySpan<byte> path) =>
        path.IndexOf("/../"u8) >= 0 || path.EndsWith("/.."u8) || path.StartsWith(".."u8);
}
