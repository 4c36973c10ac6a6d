using LinuxP2V.Lab.Processes;

namespace LinuxP2V.Lab.Commands;

/// <summary>
/// The suite InGuest: tests of the agent that need a kernel with more than this machine's may have. They run in a QEMU guest
/// with Debian's kernel and this machine's files.
/// </summary>
internal sealed class GuestTestRunner : ITestRunner
{
    /// <summary>The suite's name in tests/areas.txt.</summary>
    public const string Suite = "InGuest";

    /// <summary>The value of the trait Run that such tests bear.</summary>
    public const string Run = "Guest";

    private const string Project = "LinuxP2V.Agent.Tests";

    public async Task RunAsync(
        string suite,
        TestSelection selection,
        string configuration,
        string folder,
        CancellationToken cancellationToken
    )
    {
        string[] arguments =
        [
            Path.Combine(LabPaths.Repository, "tests", Project, "bin", configuration, "net10.0", $"{Project}.dll"),
            $"Run={Run}",
            folder,
            Path.Combine(LabPaths.Lab, "guest-kernel"),
        ];
        var script = Path.Combine(LabPaths.Repository, "tests", "lab", "guest", "run-tests.sh");
        await Command.RunAsync(script, arguments, cancellationToken, output: Console.WriteLine);
    }

    public TestCounts? ReadCounts(string suite, string folder) => TrxFile.ReadCounts(Path.Combine(folder, "guest.trx"));
}
