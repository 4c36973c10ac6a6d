using System.Text;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Agent.Storage;
using LinuxP2V.Protocol.Layout;
using Microsoft.Win32.SafeHandles;

namespace LinuxP2V.Agent.Copy.Flags;

/// <summary>
/// The flags of chattr, which no tar carries: read from the source, set on the copy when everything is in place, since
/// an immutable file takes no change. Paths are bytes: a file name need not be text.
/// </summary>
internal static class FileFlags
{
    /// <summary>Flags to the NUL-ended paths that have them.</summary>
    /// <param name="listing">Records of "flags path" with a NUL behind each.</param>
    public static IReadOnlyDictionary<FlagSet, MemoryStream> Group(ReadOnlySpan<byte> listing)
    {
        var groups = new Dictionary<FlagSet, MemoryStream>();
        while (listing.IndexOf((byte)0) is var end and >= 0)
        {
            var record = listing[..end];
            listing = listing[(end + 1)..];
            // The root is a dot alone; all else begins with one and a slash.
            var space = record.IndexOf(" ./"u8) is var at and >= 0 ? at : record.LastIndexOf((byte)' ');
            if (space < 0)
                continue;

            var flags = FlagSet.Parse(Encoding.Latin1.GetString(record[..space]));
            var path = record[(space + 1)..];
            if (flags.IsEmpty || !IsInside(path))
                continue;

            if (!groups.TryGetValue(flags, out var paths))
                groups[flags] = paths = new MemoryStream();

            paths.Write(path);
            paths.WriteByte(0);
        }

        return groups;
    }

    /// <summary>Sets flags in the copy. A path may be gone or left out meanwhile: the others get theirs.</summary>
    public static void Set(
        IReadOnlyDictionary<FlagSet, MemoryStream> groups,
        string targetPath,
        TargetVolume volume,
        IEventSink sink,
        CancellationToken cancellationToken
    )
    {
        foreach (var (flags, paths) in groups)
        {
            var list = paths.GetBuffer().AsSpan(0, (int)paths.Length);
            // The project first: an immutable file takes none.
            var error = Change(
                list,
                targetPath,
                volume,
                file =>
                    NativeFlags.SetProject(file, flags.Project) is var failure and not 0
                        ? failure
                        : NativeFlags.Change(file, NativeFlags.Parse(flags.Letters), 0),
                cancellationToken
            );
            if (error != 0)
                sink.Warning($"{volume.Id}: not every file could get its flags ({flags}): {NativeFiles.Describe(error)}.");
        }
    }

    /// <summary>
    /// Takes off all that an admin sets, but for NoCow: it is in no change's way, and what is new in such a folder gets it
    /// by that.
    /// </summary>
    public static void Clear(ReadOnlySpan<byte> paths, string targetPath, TargetVolume volume, CancellationToken cancellationToken)
    {
        var bits = NativeFlags.Parse(FlagSet.Kept) & ~NativeFlags.NoCow;
        // What is in the way all the same shows where it is.
        Change(
            paths,
            targetPath,
            volume,
            file => NativeFlags.Change(file, 0, bits) is var failure and not 0 ? failure : NativeFlags.SetProject(file, 0),
            cancellationToken
        );
    }

    /// <summary>Takes NoCow off folders that may have it on the source no more; a file that is not empty keeps it.</summary>
    public static void ClearNoCow(ReadOnlySpan<byte> paths, string targetPath, TargetVolume volume, CancellationToken cancellationToken) =>
        Change(paths, targetPath, volume, file => NativeFlags.SetNoCow(file, false), cancellationToken);

    /// <param name="paths">A NUL behind each, ./ before it.</param>
    /// <returns>The first errno of a path that is there; 0 when there was none.</returns>
    private static int Change(
        ReadOnlySpan<byte> paths,
        string targetPath,
        TargetVolume volume,
        Func<SafeFileHandle, int> change,
        CancellationToken cancellationToken
    )
    {
        using var root = NativeFolders.OpenFolder(null, Encoding.UTF8.GetBytes(targetPath + "\0"), out var first);
        while (paths.IndexOf((byte)0) is var end and >= 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var path = paths[..(end + 1)];
            paths = paths[(end + 1)..];
            if (AgentFiles.IsOwn(path is [(byte)'.', (byte)'/', ..] ? path[2..^1] : path[..^1], volume))
                continue;

            // A link in the copy leads nowhere, whatever its source says of a path.
            using var file = NativeFolders.OpenBeneath(root, path, BeneathAccess.Read, out var error);
            if (error == 0)
                error = change(file);

            if (first == 0 && error is not NativeFiles.NotFound)
                first = error;
        }

        return first;
    }

    private static bool IsInside(ReadOnlySpan<byte> path) =>
        path.SequenceEqual("."u8) || (path.StartsWith("./"u8) && path.Length > 2 && EntryPath.IsInside(path[2..]));
}
