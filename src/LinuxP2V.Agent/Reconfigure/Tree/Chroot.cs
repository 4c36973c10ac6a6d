using System.Diagnostics;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Agent.Reconfigure.Confinement;
using LinuxP2V.Guest.Files;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Reconfigure.Tree;

/// <summary>Runs the copy's own tools, confined to the copy: plain environment, C locale, no input, a time limit.</summary>
internal sealed class Chroot(string root, IEventSink sink)
{
    private static readonly string Path = string.Join(':', GuestTree.ProgramFolders);

    /// <summary>Under software emulation an initramfs takes four minutes; nothing that works takes half an hour.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(30);

    /// <param name="isSecret">What it prints may hold passwords, so that the log must not have it.</param>
    /// <exception cref="AgentException">ReconfigurationFailed: it ran into the time limit.</exception>
    public async Task<ToolResult> RunAsync(
        string program,
        IReadOnlyList<string> arguments,
        CancellationToken cancellationToken,
        string? input = null,
        bool isSecret = false
    )
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(Limit);
        var clock = Stopwatch.StartNew();
        try
        {
            var result = await ConfinedCommand.RunAsync(root, WithEnvironment(program, arguments), limited.Token, input);
            var output = isSecret
                ? ""
                : string.Join('\n', new[] { result.Output.Trim(), result.Error.Trim() }.Where(text => text.Length > 0));
            sink.Debug(
                $"In the copy: {program} {string.Join(' ', arguments)} ended with {result.ExitCode} after "
                    + $"{clock.Elapsed.TotalSeconds:0.0} s"
                    + (output.Length == 0 ? "" : ":\n" + (output.Length > 4000 ? "… " + output[^4000..] : output))
            );
            return result with { Command = program };
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new AgentException(
                new ErrorDescription(
                    ErrorIds.ReconfigurationFailed,
                    $"{program} did not end within {Limit.TotalMinutes:0} minutes in the copy.",
                    "See the agent's log for what it did last; run the reconfiguration again, the copy itself is kept."
                ),
                exception
            );
        }
    }

    /// <summary>How a program of the copy is started by who reads its output as it comes.</summary>
    public (string Program, IReadOnlyList<string> Arguments) LineOf(string program, IReadOnlyList<string> arguments) =>
        (ConfinedCommand.Program, ConfinedCommand.ArgumentsFor(root, WithEnvironment(program, arguments)));

    private static IReadOnlyList<string> WithEnvironment(string program, IReadOnlyList<string> arguments) =>
        [
            "/usr/bin/env",
            "-i",
            $"PATH={Path}",
            "LC_ALL=C",
            "HOME=/root",
            "TERM=dumb",
            "DEBIAN_FRONTEND=noninteractive",
            "SYSTEMD_OFFLINE=1",
            "DM_DISABLE_UDEV=1",
            program,
            .. arguments,
        ];
}
