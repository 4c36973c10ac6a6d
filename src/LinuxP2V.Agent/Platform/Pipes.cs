using System.IO.Pipes;
using System.Runtime.InteropServices;

namespace LinuxP2V.Agent.Platform;

/// <summary>Pipes between this program and those that it starts.</summary>
internal static partial class Pipes
{
    private const int SetPipeSize = 1031;
    private const int Bytes = 1 << 20;

    /// <summary>
    /// Makes a pipe hold a mebibyte, so that reader and writer wake each other less often: at 64 KiB a copy takes a quarter
    /// longer. Best effort, as a user may have too many large pipes.
    /// </summary>
    /// <param name="stream">A pipe to or from a program, as .NET gives it: no stream around it.</param>
    public static void Enlarge(Stream stream) => _ = Control(((PipeStream)stream).SafePipeHandle, SetPipeSize, Bytes);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Control(Microsoft.Win32.SafeHandles.SafePipeHandle handle, int command, int argument);
}
