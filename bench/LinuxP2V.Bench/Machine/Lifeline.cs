using System.Diagnostics;
using System.Globalization;

namespace LinuxP2V.Bench.Machine;

/// <summary>
/// Ends a program when the benchmark is killed. A shell waits at a pipe; when the kernel closes the pipe, the shell ends the program.
/// A program left running would hold mounts and loop devices.
/// </summary>
internal sealed class Lifeline : IDisposable
{
    private readonly Process watcher;

    public Lifeline(Process program) =>
        watcher = Process.Start(
            new ProcessStartInfo(
                // In a session of its own: what kills the benchmark's group spares it.
                "setsid",
                ["sh", "-c", "read _; kill -KILL \"$1\"", "sh", program.Id.ToString(CultureInfo.InvariantCulture)]
            )
            {
                RedirectStandardInput = true,
            }
        )!;

    /// <summary>To be called before the program is waited for: later the number may be another's.</summary>
    public void Dispose()
    {
        watcher.Kill();
        watcher.WaitForExit();
        watcher.Dispose();
    }
}
