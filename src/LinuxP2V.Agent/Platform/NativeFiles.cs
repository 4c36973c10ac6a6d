using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace LinuxP2V.Agent.Platform;

/// <summary>
/// System calls on paths that are bytes: a .NET path is text and would lose a name that is no UTF-8. Every path ends with
/// a NUL byte. No call follows a link in the last place. Where nothing else is said the result is 0 or the errno.
/// </summary>
internal static unsafe partial class NativeFiles
{
    public const int NotFound = 2;
    public const int Busy = 16;
    public const int Exists = 17;
    public const int IsNotDirectory = 20;
    public const int IsDirectory = 21;
    public const int NoSpace = 28;
    public const int NameTooLong = 36;
    public const int NotEmpty = 39;
    public const int NotSupported = 95;
    public const int OverQuota = 122;

    private const int CurrentFolder = -100;
    private const int NoFollow = 0x100;
    private const int EmptyPath = 0x1000;
    private const uint BasicStatus = 0x7ff;
    private const int ReadOnly = 0;
    private const int WriteOnly = 1;
    private const int OnlyNew = 0x80;
    private const int Direct = 0x4000;
    private const int CloseOnExec = 0x80000;

    public static int MakeDirectory(byte[] path, uint mode) => Result(MakeDirectoryCall(path, mode));

    public static int RemoveDirectory(byte[] path) => Result(RemoveDirectoryCall(path));

    /// <summary>Not for directories.</summary>
    public static int Unlink(byte[] path) => Result(UnlinkCall(path));

    public static int Link(byte[] existing, byte[] name) => Result(LinkCall(existing, name));

    public static int Rename(byte[] from, byte[] to) => Result(RenameCall(from, to));

    public static int SetOwner(byte[] path, uint owner, uint group) => Result(SetOwnerCall(path, owner, group));

    /// <summary>Follows a link: not for links, which have no mode.</summary>
    public static int SetMode(byte[] path, uint mode) => Result(SetModeCall(path, mode));

    /// <summary>Access and modification time, nanoseconds since 1970.</summary>
    public static int SetTimes(byte[] path, Nanoseconds accessTime, Nanoseconds modifyTime)
    {
        var times = stackalloc long[4];
        (times[0], times[1]) = Split(accessTime);
        (times[2], times[3]) = Split(modifyTime);
        return Result(SetTimesCall(CurrentFolder, path, times, NoFollow));
    }

    /// <summary>The same of a file that is open.</summary>
    public static int SetTimes(SafeFileHandle file, Nanoseconds accessTime, Nanoseconds modifyTime)
    {
        var times = stackalloc long[4];
        (times[0], times[1]) = Split(accessTime);
        (times[2], times[3]) = Split(modifyTime);
        return Result(SetOpenTimesCall(file, times));
    }

    public static int Read(SafeFileHandle file, out FileStatus status)
    {
        StatusBuffer buffer;
        var result = Result(OpenStatusCall(file, [0], EmptyPath, BasicStatus, &buffer));
        status = result == 0 ? buffer.ToStatus() : default;
        return result;
    }

    public static int Read(byte[] path, out FileStatus status)
    {
        StatusBuffer buffer;
        var result = Result(StatusCall(CurrentFolder, path, NoFollow, BasicStatus, &buffer));
        status = result == 0 ? buffer.ToStatus() : default;
        return result;
    }

    public static bool IsThere(byte[] path) => Read(path, out _) == 0;

    /// <summary>
    /// A device or file that is there, for writing past the page cache: addresses, offsets and lengths must be multiples of
    /// a page. Through it where the device or file system cannot do without. Follows links.
    /// </summary>
    /// <returns>An invalid handle and the errno where it failed.</returns>
    public static SafeFileHandle OpenForDirectWriting(byte[] path, out int error)
    {
        var descriptor = OpenCall(path, WriteOnly | CloseOnExec | Direct, 0);
        if (descriptor < 0)
            descriptor = OpenCall(path, WriteOnly | CloseOnExec, 0);

        error = Result(descriptor);
        return new SafeFileHandle(descriptor, ownsHandle: true);
    }

    /// <summary>The same for a file that is open.</summary>
    public static SafeFileHandle OpenForDirectWriting(SafeFileHandle file, out int error)
    {
        var result = OpenForDirectWriting(Encoding.ASCII.GetBytes($"/proc/self/fd/{file.DangerousGetHandle()}\0"), out error);
        GC.KeepAlive(file);
        return result;
    }

    /// <summary>Whether nothing in the kernel has a claim on a block device, as a mount has.</summary>
    public static bool CanClaim(byte[] device)
    {
        // Without Create it asks for a device's claim.
        using var handle = new SafeFileHandle(OpenCall(device, ReadOnly | OnlyNew | CloseOnExec, 0), ownsHandle: true);
        return !handle.IsInvalid || Marshal.GetLastPInvokeError() != Busy;
    }

    /// <summary>Writes all that was written to a file system before to its disk.</summary>
    /// <param name="path">Any file or folder on it.</param>
    public static int SyncFileSystem(byte[] path)
    {
        var descriptor = OpenCall(path, ReadOnly | CloseOnExec, 0);
        if (descriptor < 0)
            return Result(descriptor);

        using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        return Result(SyncFileSystemCall(descriptor));
    }

    /// <returns>Where the file's next data lies, from there on; -1 where only a hole follows.</returns>
    public static long NextData(SafeFileHandle file, long from)
    {
        const int Data = 3;
        return SeekCall(file, from, Data);
    }

    /// <returns>Each with a NUL behind it; empty where the file system has none.</returns>
    public static List<byte[]> ListAttributes(byte[] path)
    {
        var names = new List<byte[]>();
        var size = ListAttributesCall(path, null, 0);
        if (size <= 0)
            return names;

        // More may appear in between: nobody but us writes to the copy.
        var buffer = new byte[size];
        size = ListAttributesCall(path, buffer, buffer.Length);
        for (var rest = buffer.AsSpan(0, (int)Math.Max(0, size)); rest.IndexOf((byte)0) is var end and >= 0; rest = rest[(end + 1)..])
            names.Add(rest[..(end + 1)].ToArray());

        return names;
    }

    /// <returns>null when it is not there.</returns>
    public static byte[]? ReadAttribute(byte[] path, byte[] name)
    {
        var size = ReadAttributeCall(path, name, null, 0);
        if (size < 0)
            return null;

        var value = new byte[size];
        size = ReadAttributeCall(path, name, value, value.Length);
        return size < 0 ? null : value[..(int)size];
    }

    public static int SetAttribute(byte[] path, byte[] name, byte[] value) => Result(SetAttributeCall(path, name, value, value.Length, 0));

    public static int RemoveAttribute(byte[] path, byte[] name) => Result(RemoveAttributeCall(path, name));

    /// <summary>The system's message for an errno.</summary>
    public static string Describe(int error) => Marshal.GetPInvokeErrorMessage(error);

    private static int Result(int result) => result < 0 ? Marshal.GetLastPInvokeError() : 0;

    private static (long Seconds, long Fraction) Split(Nanoseconds time)
    {
        const long Second = 1_000_000_000;
        var (seconds, rest) = Nanoseconds.DivRem(time, Second);
        return rest < 0 ? ((long)seconds - 1, (long)rest + Second) : ((long)seconds, (long)rest);
    }

    [LibraryImport("libc", EntryPoint = "mkdir", SetLastError = true)]
    private static partial int MakeDirectoryCall(byte[] path, uint mode);

    [LibraryImport("libc", EntryPoint = "rmdir", SetLastError = true)]
    private static partial int RemoveDirectoryCall(byte[] path);

    [LibraryImport("libc", EntryPoint = "unlink", SetLastError = true)]
    private static partial int UnlinkCall(byte[] path);

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true)]
    private static partial int LinkCall(byte[] existing, byte[] name);

    [LibraryImport("libc", EntryPoint = "rename", SetLastError = true)]
    private static partial int RenameCall(byte[] from, byte[] to);

    [LibraryImport("libc", EntryPoint = "lchown", SetLastError = true)]
    private static partial int SetOwnerCall(byte[] path, uint owner, uint group);

    [LibraryImport("libc", EntryPoint = "chmod", SetLastError = true)]
    private static partial int SetModeCall(byte[] path, uint mode);

    [LibraryImport("libc", EntryPoint = "utimensat", SetLastError = true)]
    private static partial int SetTimesCall(int folder, byte[] path, long* times, int flags);

    [LibraryImport("libc", EntryPoint = "futimens", SetLastError = true)]
    private static partial int SetOpenTimesCall(SafeFileHandle file, long* times);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true)]
    private static partial int OpenStatusCall(SafeFileHandle file, byte[] path, int flags, uint mask, StatusBuffer* buffer);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true)]
    private static partial int StatusCall(int folder, byte[] path, int flags, uint mask, StatusBuffer* buffer);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true)]
    private static partial int OpenCall(byte[] path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "syncfs", SetLastError = true)]
    private static partial int SyncFileSystemCall(int descriptor);

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    private static partial long SeekCall(SafeFileHandle file, long offset, int whence);

    [LibraryImport("libc", EntryPoint = "llistxattr", SetLastError = true)]
    private static partial nint ListAttributesCall(byte[] path, byte[]? list, nint size);

    [LibraryImport("libc", EntryPoint = "lgetxattr", SetLastError = true)]
    private static partial nint ReadAttributeCall(byte[] path, byte[] name, byte[]? value, nint size);

    [LibraryImport("libc", EntryPoint = "lsetxattr", SetLastError = true)]
    private static partial int SetAttributeCall(byte[] path, byte[] name, byte[] value, nint size, int flags);

    [LibraryImport("libc", EntryPoint = "lremovexattr", SetLastError = true)]
    private static partial int RemoveAttributeCall(byte[] path, byte[] name);

    /// <summary>The kernel's struct statx, alike on every processor.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct StatusBuffer
    {
        [FieldOffset(16)]
        public uint Links;

        [FieldOffset(20)]
        public uint Owner;

        [FieldOffset(24)]
        public uint Group;

        [FieldOffset(28)]
        public ushort Mode;

        [FieldOffset(32)]
        public ulong Inode;

        [FieldOffset(40)]
        public ulong Size;

        [FieldOffset(64)]
        public long AccessSeconds;

        [FieldOffset(72)]
        public uint AccessNanoseconds;

        [FieldOffset(112)]
        public long ModifySeconds;

        [FieldOffset(120)]
        public uint ModifyNanoseconds;

        public readonly FileStatus ToStatus() =>
            new(
                (Mode & 0xf000) switch
                {
                    0x8000 => EntryType.File,
                    0x4000 => EntryType.Directory,
                    0xa000 => EntryType.Link,
                    0x1000 => EntryType.Fifo,
                    0xc000 => EntryType.Socket,
                    0x2000 => EntryType.CharacterDevice,
                    0x6000 => EntryType.BlockDevice,
                    _ => EntryType.Unknown,
                },
                (ushort)(Mode & 0xfff),
                Owner,
                Group,
                Links,
                Inode,
                (long)Size,
                ((Nanoseconds)AccessSeconds * 1_000_000_000) + AccessNanoseconds,
                ((Nanoseconds)ModifySeconds * 1_000_000_000) + ModifyNanoseconds
            );
    }
}

/// <summary>A file of the copy as it is now. Times are nanoseconds since 1970.</summary>
/// <param name="Mode">The twelve permission bits.</param>
internal readonly record struct FileStatus(
    EntryType Type,
    ushort Mode,
    uint Owner,
    uint Group,
    uint Links,
    ulong Inode,
    long Size,
    Nanoseconds AccessTime,
    Nanoseconds ModifyTime
);
