using System.IO.Pipes;
using System.Runtime.InteropServices;

namespace LinuxP2V.Agent.Platform;

/// <summary>Pipes between this program and those that it starts.</summary>
internal static partial class Pipes
{
    private const int SetPipeSize = 1031;

    /// <summary>Makes a pipe hold more, so that reader and writer wake each other less often. Best effort.</summary>
    public static void Enlarge(Stream stream, int bytes)
    {
        if (stream is PipeStream pipe)
            _ = Control(pipe.SafePipeHandle, SetPipeSize, bytes);
    }

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Control(Microsoft.Win32.SafeHandles.SafePipeHandle handle, int command, int argument);
}
