using System.Diagnostics;
using System.Globalization;
using System.Text;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Agent.Reconfigure.Confinement;
using LinuxP2V.Agent.Reconfigure.Tree;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Reconfigure.Hooks;

/// <summary>Runs scripts of the admin's in the copy, confined as the copy's own programs are. What they print is in the log.</summary>
internal sealed class HookRunner(ReconfigureContext context)
{
    private const string Place = $"{Originals.Folder}/hook";

    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserExecute;

    /// <summary>What a script prints beyond it is read and forgotten.</summary>
    private const int MostLines = 1000;

    private const int LongestLine = 1000;

    /// <summary>Those of a moment, in their order. Each runs at every reconfiguration.</summary>
    /// <exception cref="AgentException">
    /// HookFailed: one failed that has to work. ReconfigurationFailed: it could not be confined.
    /// </exception>
    public async Task RunAsync(HookMoment moment, CancellationToken cancellationToken)
    {
        foreach (var hook in context.Guest.Options.Hooks.Where(hook => hook.Moment == moment))
        {
            if (await FailureOfAsync(hook, cancellationToken) is not { } failure)
                continue;

            if (!hook.ContinueOnError)
                throw new AgentException(
                    ErrorIds.HookFailed,
                    $"The {hook} {failure}.",
                    "See in the conversion's log what it printed. The copy is kept: change the task's hooks, or give the hook "
                        + "-ContinueOnError, and run the conversion again."
                );

            context.Warn($"The {hook} {failure}; the reconfiguration goes on, as it was asked to.");
        }
    }

    /// <returns>What went wrong, in words that follow its name; null where nothing did.</returns>
    private async Task<string?> FailureOfAsync(HookScript hook, CancellationToken cancellationToken)
    {
        context.Note($"The {hook} runs in the copy.");
        var file = await WriteAsync(hook, cancellationToken);
        var clock = Stopwatch.StartNew();
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(TimeSpan.FromSeconds(hook.TimeoutSeconds));
        try
        {
            var code = await RunAsync(hook, limited.Token);
            context.Note(
                string.Create(CultureInfo.InvariantCulture, $"The {hook} ended with {code} after {clock.Elapsed.TotalSeconds:0.0} s.")
            );
            return code == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"ended with {code}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return string.Create(CultureInfo.InvariantCulture, $"did not end within {hook.TimeoutSeconds} seconds");
        }
        finally
        {
            File.Delete(file);
        }
    }

    private async Task<string> WriteAsync(HookScript hook, CancellationToken cancellationToken)
    {
        var file = context.Files.HostEntry(Place);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.Delete(file);
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = Mode,
        };
        await using var stream = new FileStream(file, options);
        await using var writer = new StreamWriter(stream);
        await writer.WriteAsync(hook.Text.AsMemory(), cancellationToken);
        return file;
    }

    private async Task<int> RunAsync(HookScript hook, CancellationToken cancellationToken)
    {
        var interpreter = hook.Interpreter();
        var (program, arguments) = context.Chroot.LineOf(interpreter[0], [.. interpreter.Skip(1), Place]);
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = ProcessStarter.Start(start);
        try
        {
            process.StandardInput.Close();
            var lines = 0;
            string? last = null;
            await Task.WhenAll(
                TellAsync(process.StandardOutput.BaseStream),
                TellAsync(process.StandardError.BaseStream),
                process.WaitForExitAsync(cancellationToken)
            );
            if (lines > MostLines)
                context.Note($"The {hook} printed {lines} lines; the first {MostLines} are in the log.");

            return process.ExitCode != ConfineCommand.Failed ? process.ExitCode : throw ConfinementFailure.Because(last ?? "");

            async Task TellAsync(Stream stream)
            {
                var reader = new LineReader(stream, LongestLine);
                while (await reader.ReadLineAsync(cancellationToken) is { } line)
                {
                    last = Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(line));
                    if (Interlocked.Increment(ref lines) <= MostLines)
                        context.Tell($"{hook}: {last}");
                }
            }
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}
