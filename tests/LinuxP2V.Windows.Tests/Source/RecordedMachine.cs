using LinuxP2V.Lab;
using LinuxP2V.Protocol.Shell;

namespace LinuxP2V.Windows.Tests.Source;

/// <summary>The machine in tests/shared/RecordedSource, which an sshd shows in the place of its own.</summary>
internal static class RecordedMachine
{
    public const string Name = "demo";

    /// <summary>Not ASCII: each runtime decodes it.</summary>
    public const string OperatingSystem = "Debian GNU/Linux 12 (Bücherwurm) ✓";

    /// <summary>For sshd's ForceCommand.</summary>
    public static string Command => PosixShell.Quote(Path.Combine(LabPaths.Repository, "tests", "shared", "RecordedSource", "answer.sh"));
}
