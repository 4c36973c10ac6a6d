using System.Runtime.InteropServices;
using LinuxP2V.Agent.Events;

namespace LinuxP2V.Agent.Reconfigure.Confinement;

/// <summary>What of root's power the programs of a copy keep.</summary>
internal static partial class Capabilities
{
    private const int DropFromBoundingSet = 24;
    private const int InvalidArgument = 22;

    /// <summary>
    /// Numbers of linux/capability.h. Owners and modes of files; ending own processes; immutable files; chroot, as ldconfig
    /// and dracut use it; administration, which LVM and labels of SELinux need and whose calls the filter cuts down; nodes,
    /// which an initramfs holds and no mount of the copy lets be opened.
    /// </summary>
    private static readonly HashSet<int> Kept =
    [
        0, // CHOWN
        1, // DAC_OVERRIDE
        2, // DAC_READ_SEARCH
        3, // FOWNER
        4, // FSETID
        5, // KILL
        6, // SETGID
        7, // SETUID
        9, // LINUX_IMMUTABLE
        14, // IPC_LOCK
        15, // IPC_OWNER
        18, // SYS_CHROOT
        21, // SYS_ADMIN
        23, // SYS_NICE
        24, // SYS_RESOURCE
        27, // MKNOD
        28, // LEASE
        31, // SETFCAP
    ];

    /// <summary>Takes the others from whatever this process starts or becomes.</summary>
    /// <exception cref="AgentException">ReconfigurationFailed: the kernel does not let it.</exception>
    public static void DropOthers()
    {
        // The kernel says which number is none any more.
        for (var capability = 0; capability < 64; capability++)
        {
            if (Kept.Contains(capability) || Control(DropFromBoundingSet, capability, 0, 0, 0) == 0)
                continue;

            if (Marshal.GetLastPInvokeError() == InvalidArgument)
                return;

            throw ConfinementFailure.Of("drop capabilities");
        }
    }

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    private static partial int Control(int option, nint second, nint third, nint fourth, nint fifth);
}
