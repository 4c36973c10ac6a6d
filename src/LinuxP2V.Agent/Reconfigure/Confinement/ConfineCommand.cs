using System.Runtime.InteropServices;
using LinuxP2V.Agent.Events;

namespace LinuxP2V.Agent.Reconfigure.Confinement;

/// <summary>
/// The mode that becomes a program of the copy: confine.sh runs it in the copy's root folder. It ends only where it fails.
/// </summary>
internal static partial class ConfineCommand
{
    /// <summary>An exit code that no tool of a copy has; confine.sh uses it, too.</summary>
    public const int Failed = 213;

    private const int CloseOnExecute = 4;
    private const int BrokenPipe = 13;
    private const int DefaultAction = 0;

    /// <param name="command">A program by its path in the copy, and its arguments.</param>
    public static int Run(IReadOnlyList<string> command)
    {
        try
        {
            Capabilities.DropOthers();
            if (ChangeRoot(".") != 0 || ChangeFolder("/") != 0)
                throw ConfinementFailure.Of("enter the copy");

            // A descriptor of the helper would be a way out: a folder, a socket, a pipe.
            if (CloseRange(3, uint.MaxValue, CloseOnExecute) != 0)
                throw ConfinementFailure.Of("close what the helper has open");

            SyscallFilter.Install();
            // .NET ignores it, and a program keeps what is ignored: a shell's pipes would end with errors.
            SetSignal(BrokenPipe, DefaultAction);
            Execute(command[0], [.. command, null], [null]);
            throw ConfinementFailure.Of($"start {command[0]}");
        }
        catch (AgentException failure)
        {
            Console.Error.WriteLine(failure.Error.Detail);
            return Failed;
        }
    }

    [LibraryImport("libc", EntryPoint = "chroot", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChangeRoot(string path);

    [LibraryImport("libc", EntryPoint = "chdir", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChangeFolder(string path);

    [LibraryImport("libc", EntryPoint = "close_range", SetLastError = true)]
    private static partial int CloseRange(uint first, uint last, int flags);

    [LibraryImport("libc", EntryPoint = "signal", SetLastError = true)]
    private static partial nint SetSignal(int signal, nint action);

    [LibraryImport("libc", EntryPoint = "execve", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Execute(string path, string?[] arguments, string?[] environment);
}
