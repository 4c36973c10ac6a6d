using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace LinuxP2V.Agent.Platform;

/// <summary>The flags of chattr, by the system calls that it makes itself.</summary>
internal static unsafe partial class NativeFlags
{
    private const nuint GetFlags = 0x80086601;
    private const nuint SetFlags = 0x40086602;
    private const nuint GetExtended = 0x801c581f;
    private const nuint SetExtended = 0x401c5820;

    /// <summary>FS_*_FL of linux/fs.h, in the order of chattr's letters.</summary>
    private static readonly (char Letter, uint Bit)[] Known =
    [
        ('a', 0x20),
        ('A', 0x80),
        ('c', 0x4),
        ('C', 0x800000),
        ('d', 0x40),
        ('D', 0x10000),
        ('i', 0x10),
        ('j', 0x4000),
        ('m', 0x400),
        ('P', 0x20000000),
        ('s', 0x1),
        ('S', 0x8),
        ('t', 0x8000),
        ('T', 0x20000),
        ('u', 0x2),
        ('x', 0x2000000),
    ];

    /// <summary>FS_NOCOW_FL: btrfs writes the file in place.</summary>
    public const uint NoCow = 0x800000;

    /// <param name="letters">chattr's; those that are not known here count for nothing.</param>
    public static uint Parse(string letters) => Known.Where(flag => letters.Contains(flag.Letter)).Aggregate(0u, (bits, f) => bits | f.Bit);

    /// <summary>Sets and clears flags of a file or folder; the others stay.</summary>
    /// <returns>0 or the errno.</returns>
    public static int Change(SafeFileHandle file, uint set, uint clear)
    {
        // The kernel writes a long's worth on some systems, and reads an int.
        ulong flags = 0;
        if (Control(file, GetFlags, &flags) < 0)
            return Marshal.GetLastPInvokeError();

        var wanted = ((uint)flags & ~clear) | set;
        if (wanted == (uint)flags)
            return 0;

        flags = wanted;
        return Control(file, SetFlags, &flags) < 0 ? Marshal.GetLastPInvokeError() : 0;
    }

    /// <summary>An empty file or a folder takes it; any other keeps what it has, and no error tells so.</summary>
    /// <returns>0 or the errno.</returns>
    public static int SetNoCow(SafeFileHandle file, bool isNoCow) => Change(file, isNoCow ? NoCow : 0, isNoCow ? 0 : NoCow);

    /// <returns>0 where it cannot be told.</returns>
    public static uint Read(SafeFileHandle file)
    {
        ulong flags = 0;
        return Control(file, GetFlags, &flags) < 0 ? 0 : (uint)flags;
    }

    /// <summary>Counts a file or folder for a project's quota.</summary>
    /// <param name="project">0: for none, which every file system can do.</param>
    /// <returns>0 or the errno.</returns>
    public static int SetProject(SafeFileHandle file, uint project)
    {
        var attributes = default(ExtendedFlags);
        if (Control(file, GetExtended, &attributes) < 0)
            return project == 0 ? 0 : Marshal.GetLastPInvokeError();

        if (attributes.Project == project)
            return 0;

        attributes.Project = project;
        return Control(file, SetExtended, &attributes) < 0 ? Marshal.GetLastPInvokeError() : 0;
    }

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(SafeFileHandle file, nuint command, void* argument);

    /// <summary>The kernel's struct fsxattr.</summary>
    private struct ExtendedFlags
    {
        public uint Flags;
        public uint ExtentSize;
        public uint Extents;
        public uint Project;
        public uint CowExtentSize;
        public uint Padding1;
        public uint Padding2;
    }
}
