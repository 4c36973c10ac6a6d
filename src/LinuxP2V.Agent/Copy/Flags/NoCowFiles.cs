using System.Text;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Listing;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Agent.Volumes;
using LinuxP2V.Protocol.Layout;
using Microsoft.Win32.SafeHandles;

namespace LinuxP2V.Agent.Copy.Flags;

/// <summary>
/// Files of btrfs that are written in place: a swap file is of no use without the flag, and a database is slow. The flag
/// counts for a file only if it has it before its first byte, by its folder or by itself.
/// </summary>
internal static class NoCowFiles
{
    /// <summary>At the volume's root while a file is written anew.</summary>
    private const string TemporaryName = ".linuxp2v-nocow";

    private const int BufferBytes = 1 << 20;

    /// <summary>Files and folders of a list that have the flag on the source, to give it to them as they are made.</summary>
    /// <exception cref="AgentException">SourceConnectionLost, CopyFailed.</exception>
    public static async Task<IReadOnlySet<int>> ReadAsync(VolumeWork work, Manifest manifest, CancellationToken cancellationToken)
    {
        if (work.Volume.FileSystem.Kind != FileSystemKind.Btrfs)
            return new HashSet<int>();

        var groups = await VolumeFlags.ReadAsync(work, cancellationToken);
        return PathsOf(groups).Select(path => manifest.Find(path)).Where(entry => entry >= 0).ToHashSet();
    }

    /// <summary>
    /// Writes anew what came without the flag, and what came with it by its folder and does not have it on the source.
    /// </summary>
    /// <param name="groups">Of the source: of all files, or of those that a pass asked for.</param>
    public static void Complete(VolumeWork work, IReadOnlyDictionary<FlagSet, MemoryStream> groups, CancellationToken cancellationToken)
    {
        if (work.Volume.FileSystem.Kind != FileSystemKind.Btrfs)
            return;

        var wanted = PathsOf(groups).Select(Encoding.Latin1.GetString).ToHashSet(StringComparer.Ordinal);
        using var root = NativeFolders.OpenFolder(null, Encoding.UTF8.GetBytes(work.TargetPath + "\0"), out var error);
        if (error != 0 || wanted.Count == 0)
            return;

        var failures = new List<string>();
        foreach (var path in wanted.Concat(OthersIn(root, wanted)).ToList())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Correct(work.TargetPath, root, Encoding.Latin1.GetBytes(path), wanted.Contains(path)) is { } failure)
                failures.Add(failure);
        }

        if (failures.Count > 0)
        {
            work.Sink.Warning(
                $"{work.Volume.Id}: {failures.Count} files are written in place on the source (chattr +C) and not in the copy, or the "
                    + $"other way round: {string.Join(", ", failures.Take(5))}."
            );
        }
    }

    private static IEnumerable<byte[]> PathsOf(IReadOnlyDictionary<FlagSet, MemoryStream> groups)
    {
        foreach (var (flags, paths) in groups)
        {
            if (!flags.HasNoCow)
                continue;

            for (
                var rest = paths.GetBuffer().AsMemory(0, (int)paths.Length);
                rest.Span.IndexOf((byte)0) is var end and >= 0;
                rest = rest[(end + 1)..]
            )
                yield return (rest.Span.StartsWith("./"u8) ? rest[2..end] : default).ToArray();
        }
    }

    /// <summary>
    /// Files in folders with the flag that are not among the wanted. A folder there that is not among them has the flag by
    /// the one above: it is taken off, and what is in it is among these files.
    /// </summary>
    private static IEnumerable<string> OthersIn(SafeFileHandle root, HashSet<string> wanted)
    {
        var folders = new Stack<string>(wanted);
        while (folders.TryPop(out var path))
        {
            using var folder = Open(root, Encoding.Latin1.GetBytes(path), out var status);
            if (status?.Type != EntryType.Directory)
                continue;

            if (!wanted.Contains(path))
            {
                if ((NativeFlags.Read(folder) & NativeFlags.NoCow) == 0)
                    continue;

                _ = NativeFlags.SetNoCow(folder, false);
            }

            foreach (var name in NativeFolders.List(folder))
            {
                var child = $"{path}{(path.Length == 0 ? "" : "/")}{Encoding.Latin1.GetString(name.AsSpan(0, name.Length - 1))}";
                if (wanted.Contains(child))
                    continue;

                folders.Push(child);
                yield return child;
            }
        }
    }

    /// <returns>The file and why it could not be corrected; null when it is right.</returns>
    private static string? Correct(string targetPath, SafeFileHandle root, byte[] path, bool isNoCow)
    {
        using var file = Open(root, path, out var status);
        if (status is not { Type: EntryType.File, Size: > 0 } || (NativeFlags.Read(file) & NativeFlags.NoCow) != 0 == isNoCow)
            return null;

        string Failure(string reason) => $"/{PrintedName.ForPeople(path)} ({reason})";
        if (status.Value.Links > 1)
            return Failure("it has several names");

        try
        {
            return Remake(targetPath, root, path, file, status.Value.Size, isNoCow) is var error and not 0
                ? Failure(NativeFiles.Describe(error))
                : null;
        }
        catch (IOException exception)
        {
            return Failure(exception.Message);
        }
    }

    /// <summary>Makes a file that takes the other's place when it has all of it: nothing is lost where this breaks off.</summary>
    private static int Remake(string targetPath, SafeFileHandle root, byte[] path, SafeFileHandle file, long size, bool isNoCow)
    {
        var slash = path.AsSpan().LastIndexOf((byte)'/');
        using var folder = NativeFolders.OpenBeneath(
            root,
            slash < 0 ? ".\0"u8 : [.. path.AsSpan(0, slash), 0],
            BeneathAccess.Read,
            out var error
        );
        if (error != 0)
            return error;

        error = NativeFiles.Read(folder, out var before);
        if (error != 0)
            return error;

        var isRootKnown = NativeFiles.Read(root, out var rootBefore) == 0;
        byte[] temporary = [.. Encoding.UTF8.GetBytes($"{targetPath}/{TemporaryName}"), 0];
        byte[] place = [.. Encoding.ASCII.GetBytes($"/proc/self/fd/{folder.DangerousGetHandle()}/"), .. path.AsSpan(slash + 1), 0];
        _ = NativeFiles.Unlink(temporary);
        try
        {
            using var to = NativeFolders.OpenBeneath(
                root,
                [.. Encoding.UTF8.GetBytes(TemporaryName), 0],
                BeneathAccess.WriteNew,
                out error
            );
            if (error == 0)
                error = NativeFlags.SetNoCow(to, isNoCow);

            if (error != 0)
                return error;

            CopyData(file, to, size);
            error = MetadataCopy.Run(place, temporary);
            return error == 0 ? NativeFiles.Rename(temporary, place) : error;
        }
        finally
        {
            _ = NativeFiles.Unlink(temporary);
            _ = NativeFiles.SetTimes(folder, before.AccessTime, before.ModifyTime);
            if (isRootKnown)
                _ = NativeFiles.SetTimes(root, rootBefore.AccessTime, rootBefore.ModifyTime);
        }
    }

    /// <summary>Holes stay holes, but for parts of the last buffer of each piece of data.</summary>
    private static void CopyData(SafeFileHandle from, SafeFileHandle to, long size)
    {
        RandomAccess.SetLength(to, size);
        var buffer = new byte[BufferBytes];
        for (var at = NativeFiles.NextData(from, 0); at >= 0 && at < size; at = NativeFiles.NextData(from, at))
        {
            var count = RandomAccess.Read(from, buffer, at);
            if (count == 0)
                return;

            RandomAccess.Write(to, buffer.AsSpan(0, count), at);
            at += count;
        }
    }

    private static SafeFileHandle Open(SafeFileHandle root, byte[] path, out FileStatus? status)
    {
        var file = NativeFolders.OpenBeneath(root, path.Length == 0 ? ".\0"u8 : [.. path, 0], BeneathAccess.Read, out var error);
        status = error == 0 && NativeFiles.Read(file, out var read) == 0 ? read : null;
        return file;
    }
}
