using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Platform;

namespace LinuxP2V.Agent.Reconfigure.Confinement;

/// <summary>Runs a program of the copy as root in name spaces of its own: it finds the copy and nothing else.</summary>
internal static class ConfinedCommand
{
    /// <summary>The program of the helper that makes the name spaces.</summary>
    public const string Program = "unshare";

    private static readonly Lazy<string> Script = new(LoadScript);

    /// <param name="root">Where the copy is put together; a mount point.</param>
    /// <param name="command">A program by its path in the copy, and its arguments.</param>
    /// <exception cref="AgentException">ReconfigurationFailed: it could not be confined, and was not run.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; whatever ran was ended.</exception>
    public static async Task<ToolResult> RunAsync(
        string root,
        IReadOnlyList<string> command,
        CancellationToken cancellationToken,
        string? input = null
    )
    {
        var result = await Tool.RunAsync(Program, ArgumentsFor(root, command), cancellationToken, input);
        return result.ExitCode != ConfineCommand.Failed ? result : throw ConfinementFailure.Because(result.Error.Trim());
    }

    /// <summary>
    /// What <see cref="Program"/> is given, for who reads the output as it comes. A program that cannot be confined is not
    /// run: the exit code is then <see cref="ConfineCommand.Failed"/>.
    /// </summary>
    public static IReadOnlyList<string> ArgumentsFor(string root, IReadOnlyList<string> command) =>
        [
            "--mount",
            "--propagation=private",
            "--pid",
            "--fork",
            "--kill-child=KILL",
            "--net",
            "--ipc",
            "--uts",
            "--",
            "sh",
            "-c",
            Script.Value,
            "sh",
            root,
            AgentPaths.Executable,
            .. command,
        ];

    private static string LoadScript()
    {
        using var stream = typeof(ConfinedCommand).Assembly.GetManifestResourceStream("LinuxP2V.Agent.Reconfigure.Confinement.confine.sh")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
