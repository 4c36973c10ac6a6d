using System.Buffers.Binary;
using System.Runtime.InteropServices;
using LinuxP2V.Agent.Events;

namespace LinuxP2V.Agent.Reconfigure.Confinement;

/// <summary>
/// Has the kernel refuse calls that lead out of a confinement, or that change the whole machine: mounting, other name
/// spaces, other processes' memory, modules, kernels, clocks, keys. They fail with EPERM, as for a user without the right.
/// </summary>
internal static unsafe partial class SyscallFilter
{
    private const uint X64 = 0xc000003e;
    private const uint X86 = 0x40000003;

    /// <summary>Numbers from here on are of a third kind, x32, which no distribution of a server uses.</summary>
    private const uint FirstOfX32 = 0x40000000;

    private const int OffsetOfNumber = 0;
    private const int OffsetOfArchitecture = 4;
    private const uint Allow = 0x7fff0000;
    private const uint Refuse = 0x00050000 | 1; // EPERM
    private const uint KillProcess = 0x80000000;

    private const ushort Load = 0x20;
    private const ushort JumpIfEqual = 0x15;
    private const ushort JumpIfGreaterOrEqual = 0x35;
    private const ushort Return = 0x06;

    private const int SetNoNewPrivileges = 38;
    private const int SetSeccomp = 22;
    private const int FilterMode = 2;

    /// <summary>The number on x86-64, and that on 32-bit x86; a copy may be a 32-bit system.</summary>
    private static readonly (string Name, uint X64, uint X86)[] Refused =
    [
        ("ptrace", 101, 26),
        ("process_vm_readv", 310, 347),
        ("process_vm_writev", 311, 348),
        ("pidfd_getfd", 438, 438),
        ("kcmp", 312, 349),
        ("mount", 165, 21),
        ("umount2", 166, 52),
        ("pivot_root", 155, 217),
        ("open_tree", 428, 428),
        ("move_mount", 429, 429),
        ("fsopen", 430, 430),
        ("fsconfig", 431, 431),
        ("fsmount", 432, 432),
        ("fspick", 433, 433),
        ("mount_setattr", 442, 442),
        ("setns", 308, 346),
        ("unshare", 272, 310),
        ("open_by_handle_at", 304, 342),
        ("swapon", 167, 87),
        ("swapoff", 168, 115),
        ("quotactl", 179, 131),
        ("quotactl_fd", 443, 443),
        ("reboot", 169, 88),
        ("kexec_load", 246, 283),
        ("kexec_file_load", 320, uint.MaxValue),
        ("init_module", 175, 128),
        ("finit_module", 313, 350),
        ("delete_module", 176, 129),
        ("iopl", 172, 110),
        ("ioperm", 173, 101),
        ("bpf", 321, 357),
        ("perf_event_open", 298, 336),
        ("userfaultfd", 323, 374),
        ("io_uring_setup", 425, 425),
        ("add_key", 248, 286),
        ("request_key", 249, 287),
        ("keyctl", 250, 288),
        ("settimeofday", 164, 79),
        ("clock_settime", 227, 264),
        ("clock_settime64", uint.MaxValue, 404),
        ("adjtimex", 159, 124),
        ("clock_adjtime", 305, 343),
        ("clock_adjtime64", uint.MaxValue, 405),
        ("stime", uint.MaxValue, 25),
        ("umount", uint.MaxValue, 22),
        ("syslog", 103, 103),
        ("fanotify_init", 300, 338),
        ("acct", 163, 51),
        ("vhangup", 153, 111),
    ];

    public static IEnumerable<string> Names => Refused.Select(call => call.Name);

    /// <summary>For this process and whatever it starts or becomes; it cannot be taken back.</summary>
    /// <exception cref="AgentException">ReconfigurationFailed: the kernel does not let it.</exception>
    public static void Install()
    {
        if (Control(SetNoNewPrivileges, 1, 0, 0, 0) != 0)
            throw ConfinementFailure.Of("give up new privileges");

        var program = Program();
        fixed (byte* instructions = program)
        {
            // struct sock_fprog: the number of instructions, and where they are.
            var description = stackalloc nint[2];
            description[0] = program.Length / 8;
            description[1] = (nint)instructions;
            if (Control(SetSeccomp, FilterMode, (nint)description, 0, 0) != 0)
                throw ConfinementFailure.Of("filter system calls");
        }
    }

    /// <summary>Instructions of the kernel's packet filter, eight bytes each.</summary>
    internal static byte[] Program()
    {
        List<uint> x64 = [.. Refused.Select(call => call.X64).Where(number => number != uint.MaxValue)];
        List<uint> x86 = [.. Refused.Select(call => call.X86).Where(number => number != uint.MaxValue)];
        var program = new List<byte>();
        Add(program, Load, 0, 0, OffsetOfArchitecture);
        Add(program, JumpIfEqual, 0, (byte)(x64.Count + 4), X64);
        Add(program, Load, 0, 0, OffsetOfNumber);
        Add(program, JumpIfGreaterOrEqual, (byte)(x64.Count + 1), 0, FirstOfX32);
        AddList(program, x64);
        Add(program, JumpIfEqual, 1, 0, X86);
        Add(program, Return, 0, 0, KillProcess);
        Add(program, Load, 0, 0, OffsetOfNumber);
        AddList(program, x86);
        return [.. program];
    }

    private static void AddList(List<byte> program, List<uint> numbers)
    {
        for (var index = 0; index < numbers.Count; index++)
            Add(program, JumpIfEqual, (byte)(numbers.Count - index), 0, numbers[index]);

        Add(program, Return, 0, 0, Allow);
        Add(program, Return, 0, 0, Refuse);
    }

    private static void Add(List<byte> program, ushort code, byte ifTrue, byte ifFalse, uint value)
    {
        Span<byte> instruction = stackalloc byte[8];
        BinaryPrimitives.WriteUInt16LittleEndian(instruction, code);
        instruction[2] = ifTrue;
        instruction[3] = ifFalse;
        BinaryPrimitives.WriteUInt32LittleEndian(instruction[4..], value);
        program.AddRange(instruction);
    }

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    private static partial int Control(int option, nint second, nint third, nint fourth, nint fifth);
}
