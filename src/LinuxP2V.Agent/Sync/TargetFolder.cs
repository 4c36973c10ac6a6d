using System.Globalization;
using System.Text;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Agent.Storage;
using LinuxP2V.Protocol.Messages;
using Microsoft.Win32.SafeHandles;

namespace LinuxP2V.Agent.Sync;

/// <summary>
/// The copy of one volume, worked on by paths from its root, without a slash before them. Each folder on the way is opened
/// in the one above it: a link in the copy leads nowhere. One thread.
/// </summary>
internal sealed class TargetFolder : IDisposable
{
    private const uint PrivateMode = 0x1c0;

    private readonly string volumeId;
    private readonly SafeFileHandle root;
    private byte[] openPath = [];
    private SafeFileHandle? open;

    /// <exception cref="AgentException">CopyFailed: it cannot be opened.</exception>
    public TargetFolder(string volumeId, string path)
    {
        this.volumeId = volumeId;
        root = NativeFolders.OpenFolder(null, Encoding.UTF8.GetBytes(path + "\0"), out var error);
        Throw(error, []);
    }

    /// <returns>null when there is none, or something on the way is no folder.</returns>
    public FileStatus? Read(ReadOnlySpan<byte> path) =>
        Place(path) is { } place && NativeFiles.Read(place, out var status) == 0 ? status : null;

    /// <summary>Takes away a file or an empty folder.</summary>
    /// <returns>False when there was none.</returns>
    /// <exception cref="AgentException">CopyFailed.</exception>
    public bool Remove(ReadOnlySpan<byte> path) => TryRemove(path, out var isThere) ? isThere : RemoveTree(path) > 0;

    /// <summary>Takes away what is there with all that is in it.</summary>
    /// <returns>How many entries that were.</returns>
    /// <exception cref="AgentException">CopyFailed.</exception>
    public long RemoveTree(ReadOnlySpan<byte> path)
    {
        if (TryRemove(path, out var isThere))
            return isThere ? 1 : 0;

        long count = 0;
        if (OpenFolder(path) is { } folder)
        {
            foreach (var name in NativeFolders.List(folder))
                count += RemoveTree([.. path, (byte)'/', .. name.AsSpan(0, name.Length - 1)]);
        }

        if (TryRemove(path, out isThere))
            return count + (isThere ? 1 : 0);

        throw Failure(NativeFiles.NotEmpty, path);
    }

    /// <summary>Gives something another path; what is in the way there goes.</summary>
    /// <returns>False when there is nothing at <paramref name="from"/>.</returns>
    /// <exception cref="AgentException">CopyFailed, TargetDiskFull.</exception>
    public bool Move(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to)
    {
        MakeFolders(Above(to));
        // Two places at once: the first keeps its folder open beside the one that is cached.
        using var source = OpenFolder(Above(from), isShared: false);
        if (source is null || Place(to) is not { } target)
            return false;

        var place = PlaceIn(source, Name(from));
        var error = NativeFiles.Rename(place, target);
        if (
            error is NativeFiles.NotEmpty or NativeFiles.Exists or NativeFiles.IsDirectory or NativeFiles.IsNotDirectory
            && NativeFiles.IsThere(place)
        )
        {
            RemoveTree(to);
            error = NativeFiles.Rename(place, Place(to)!);
        }

        Forget();
        if (error == NativeFiles.NotFound)
            return false;

        Throw(error, to);
        return true;
    }

    /// <summary>Gives a file another name; what has that name goes.</summary>
    /// <returns>False when there is no such file.</returns>
    /// <exception cref="AgentException">CopyFailed, TargetDiskFull.</exception>
    public bool Link(ReadOnlySpan<byte> existing, ReadOnlySpan<byte> name)
    {
        MakeFolders(Above(name));
        using var source = OpenFolder(Above(existing), isShared: false);
        if (source is null || Place(name) is not { } target)
            return false;

        var place = PlaceIn(source, Name(existing));
        var error = NativeFiles.Link(place, target);
        if (error == NativeFiles.Exists)
        {
            RemoveTree(name);
            error = NativeFiles.Link(place, Place(name)!);
        }

        if (error == NativeFiles.NotFound)
            return false;

        Throw(error, name);
        return true;
    }

    /// <summary>Makes a folder and those above it; what is there and no folder goes.</summary>
    /// <exception cref="AgentException">CopyFailed, TargetDiskFull.</exception>
    public void MakeFolders(ReadOnlySpan<byte> path)
    {
        if (path.IsEmpty || OpenFolder(path) is not null)
            return;

        MakeFolders(Above(path));
        var place = Place(path)!;
        var error = NativeFiles.MakeDirectory(place, PrivateMode);
        if (error == NativeFiles.Exists)
        {
            _ = NativeFiles.Unlink(place);
            error = NativeFiles.MakeDirectory(place, PrivateMode);
        }

        Throw(error, path);
    }

    /// <summary>Best effort: what is not there needs none.</summary>
    /// <param name="time">Nanoseconds since 1970.</param>
    public void SetModifyTime(ReadOnlySpan<byte> path, Nanoseconds time)
    {
        if (Place(path) is { } place && NativeFiles.Read(place, out var status) == 0 && status.ModifyTime != time)
            _ = NativeFiles.SetTimes(place, status.AccessTime, time);
    }

    /// <returns>null when there is none that can be read.</returns>
    public SafeFileHandle? OpenFile(ReadOnlySpan<byte> path)
    {
        if (OpenFolder(Above(path)) is not { } folder)
            return null;

        var file = NativeFolders.OpenFile(folder, [.. Name(path), 0], out var error);
        if (error == 0)
            return file;

        file.Dispose();
        return null;
    }

    public void Dispose()
    {
        Forget();
        root.Dispose();
    }

    /// <returns>False for a folder with something in it.</returns>
    private bool TryRemove(ReadOnlySpan<byte> path, out bool isThere)
    {
        isThere = false;
        if (path.IsEmpty || Place(path) is not { } place || NativeFiles.Read(place, out var status) != 0)
            return true;

        var isFolder = status.Type == EntryType.Directory;
        if (isFolder)
            Forget(path);

        var error = isFolder ? NativeFiles.RemoveDirectory(Place(path)!) : NativeFiles.Unlink(place);
        if (isFolder && error is NativeFiles.NotEmpty or NativeFiles.Exists)
            return false;

        Throw(error, path);
        isThere = true;
        return true;
    }

    /// <returns>A path that ends with a NUL and leads through no link; null when its folder is not there.</returns>
    private byte[]? Place(ReadOnlySpan<byte> path) =>
        path.IsEmpty ? PlaceIn(root, "."u8)
        : OpenFolder(Above(path)) is { } folder ? PlaceIn(folder, Name(path))
        : null;

    private static byte[] PlaceIn(SafeFileHandle folder, ReadOnlySpan<byte> name) =>
        [
            .. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{folder.DangerousGetHandle()}/")),
            .. name,
            0,
        ];

    /// <param name="isShared">Stays open for the next one that asks; else it is the caller's.</param>
    private SafeFileHandle? OpenFolder(ReadOnlySpan<byte> path, bool isShared = true)
    {
        if (isShared && path.IsEmpty)
            return root;

        if (isShared && open is not null && path.SequenceEqual(openPath))
            return open;

        var folder = NativeFolders.OpenFolder(root, ".\0"u8, out _);
        var rest = path;
        while (!rest.IsEmpty)
        {
            var slash = rest.IndexOf((byte)'/');
            byte[] name = [.. slash < 0 ? rest : rest[..slash], 0];
            var next = NativeFolders.OpenFolder(folder, name, out var error);
            folder.Dispose();
            folder = next;
            if (error != 0)
            {
                next.Dispose();
                return null;
            }

            rest = slash < 0 ? [] : rest[(slash + 1)..];
        }

        if (!isShared)
            return folder;

        Forget();
        (open, openPath) = (folder, path.ToArray());
        return folder;
    }

    private void Forget()
    {
        open?.Dispose();
        (open, openPath) = (null, []);
    }

    /// <summary>Lets go of a folder that is in another one, or is that one, before it goes.</summary>
    private void Forget(ReadOnlySpan<byte> path)
    {
        if (openPath.AsSpan().StartsWith(path) && (openPath.Length == path.Length || openPath[path.Length] == '/'))
            Forget();
    }

    private static ReadOnlySpan<byte> Above(ReadOnlySpan<byte> path) => path[..Math.Max(0, path.LastIndexOf((byte)'/'))];

    private static ReadOnlySpan<byte> Name(ReadOnlySpan<byte> path) => path[(path.LastIndexOf((byte)'/') + 1)..];

    private void Throw(int error, ReadOnlySpan<byte> path)
    {
        if (error != 0)
            throw Failure(error, path);
    }

    private AgentException Failure(int error, ReadOnlySpan<byte> path) =>
        error is NativeFiles.NoSpace or NativeFiles.OverQuota
            ? new AgentException(
                ErrorIds.TargetDiskFull,
                $"{volumeId} is full in the destination VM.",
                TargetDiskFull.Remedy,
                NativeFiles.Describe(error)
            )
            : new AgentException(
                ErrorIds.CopyFailed,
                $"The helper could not change /{Encoding.UTF8.GetString(path)} in the copy of {volumeId}.",
                "See the helper's log, then synchronise again.",
                NativeFiles.Describe(error)
            );
}
