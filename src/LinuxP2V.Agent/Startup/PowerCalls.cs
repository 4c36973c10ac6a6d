using System.Runtime.InteropServices;

namespace LinuxP2V.Agent.Startup;

/// <summary>The system calls that end a machine.</summary>
internal static partial class PowerCalls
{
    public const int PowerOffCommand = 0x4321FEDC;

    [LibraryImport("libc", EntryPoint = "sync")]
    public static partial void Sync();

    [LibraryImport("libc", EntryPoint = "reboot", SetLastError = true)]
    public static partial int Reboot(int command);
}
