using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace LinuxP2V.Agent.Platform;

/// <summary>Opens folders step by step, so that no link leads out of where the steps began. Names end with a NUL byte.</summary>
internal static unsafe partial class NativeFolders
{
    /// <summary>openat2, the same on every processor.</summary>
    private const nint OpenBeneathNumber = 437;

    private const ulong OwnerOnly = 0x180;
    private const int ReadOnly = 0;
    private const int WriteOnly = 1;
    private const int Create = 0x40;
    private const int OnlyNew = 0x80;
    private const int DirectoryOnly = 0x10000;
    private const int NoFollow = 0x20000;
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;
    private const int CurrentFolder = -100;

    // On Arm these two have each other's places.
    private static readonly bool IsArm = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm;

    /// <param name="name">One name, not a path.</param>
    /// <param name="error">The errno where it failed; a link is no folder.</param>
    public static SafeFileHandle OpenFolder(SafeFileHandle? above, ReadOnlySpan<byte> name, out int error) =>
        Open(above, name, ReadOnly | (IsArm ? 0x4000 | 0x8000 : DirectoryOnly | NoFollow) | CloseOnExec, out error);

    /// <summary>For reading; a pipe or device does not hold it up.</summary>
    public static SafeFileHandle OpenFile(SafeFileHandle folder, ReadOnlySpan<byte> name, out int error) =>
        Open(folder, name, ReadOnly | (IsArm ? 0x8000 : NoFollow) | NonBlocking | CloseOnExec, out error);

    /// <summary>
    /// Opens what lies below a folder, whatever is on the way: neither a link nor a mount nor two dots leads out of it.
    /// </summary>
    /// <param name="path">From the folder, without a slash before it, with a NUL at its end; no more than 4096 bytes.</param>
    /// <param name="error">The errno where it failed; 40 (ELOOP) where a link stands in the way.</param>
    public static SafeFileHandle OpenBeneath(SafeFileHandle folder, ReadOnlySpan<byte> path, BeneathAccess access, out int error)
    {
        const ulong NoMounts = 1;
        const ulong NoLinks = 4;
        const ulong Beneath = 8;
        var how = new OpenHow
        {
            Flags =
                CloseOnExec
                | (ulong)(
                    access switch
                    {
                        BeneathAccess.Write => WriteOnly | Create,
                        BeneathAccess.WriteNew => WriteOnly | Create | OnlyNew,
                        _ => ReadOnly | NonBlocking,
                    }
                ),
            Mode = access == BeneathAccess.Read ? 0UL : OwnerOnly,
            Resolve = NoMounts | NoLinks | Beneath,
        };
        fixed (byte* text = path)
        {
            var descriptor = (int)OpenBeneathCall(OpenBeneathNumber, folder, text, &how, (nuint)sizeof(OpenHow));
            error = descriptor < 0 ? Marshal.GetLastPInvokeError() : 0;
            return new SafeFileHandle(descriptor, ownsHandle: true);
        }
    }

    /// <summary>Names in a folder, without the two dots, each with a NUL behind it.</summary>
    public static List<byte[]> List(SafeFileHandle folder)
    {
        var names = new List<byte[]>();
        // A descriptor of its own: the stream keeps a place and closes it.
        using var own = Open(folder, ".\0"u8, ReadOnly | CloseOnExec, out var error);
        if (error != 0 || OpenStream((int)own.DangerousGetHandle()) is var stream && stream == 0)
            return names;

        own.SetHandleAsInvalid();
        while (ReadStream(stream) is var entry && entry != 0)
        {
            // struct dirent of 64 bits: inode, offset, record length, type, then the name.
            var name = MemoryMarshal.CreateReadOnlySpanFromNullTerminated((byte*)entry + 19);
            if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8))
                names.Add([.. name, 0]);
        }

        _ = CloseStream(stream);
        return names;
    }

    private static SafeFileHandle Open(SafeFileHandle? above, ReadOnlySpan<byte> name, int flags, out int error)
    {
        fixed (byte* text = name)
        {
            var descriptor = OpenCall(above is null ? CurrentFolder : (int)above.DangerousGetHandle(), text, flags, 0);
            error = descriptor < 0 ? Marshal.GetLastPInvokeError() : 0;
            return new SafeFileHandle(descriptor, ownsHandle: true);
        }
    }

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true)]
    private static partial int OpenCall(int folder, byte* path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "fdopendir", SetLastError = true)]
    private static partial nint OpenStream(int descriptor);

    [LibraryImport("libc", EntryPoint = "readdir", SetLastError = true)]
    private static partial nint ReadStream(nint stream);

    [LibraryImport("libc", EntryPoint = "closedir", SetLastError = true)]
    private static partial int CloseStream(nint stream);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint OpenBeneathCall(nint number, SafeFileHandle folder, byte* path, OpenHow* how, nuint size);

    /// <summary>The kernel's struct open_how.</summary>
    private struct OpenHow
    {
        public ulong Flags;
        public ulong Mode;
        public ulong Resolve;
    }
}

/// <summary>What a file below a folder is opened for.</summary>
internal enum BeneathAccess
{
    /// <summary>A pipe or device does not hold it up.</summary>
    Read,

    /// <summary>A file that is there keeps its data.</summary>
    Write,

    /// <summary>There must be none yet.</summary>
    WriteNew,
}
