using System.Diagnostics;
using LinuxP2V.Agent.Events;

namespace LinuxP2V.Agent.Platform;

/// <param name="Output">Standard output, whole.</param>
/// <param name="Error">Standard error, whole.</param>
internal sealed record ToolResult(string Command, int ExitCode, string Output, string Error)
{
    public bool Succeeded => ExitCode == 0;

    /// <summary>The command's last words, for an error message.</summary>
    public string LastLines
    {
        get
        {
            var text = (Error.Trim() is { Length: > 0 } error ? error : Output.Trim()).Split('\n');
            return $"{Command} ended with {ExitCode}: {string.Join(" / ", text.TakeLast(3))}";
        }
    }

    /// <exception cref="AgentException">The command failed.</exception>
    public ToolResult OrThrow(string errorId, string cause, string remedy) =>
        Succeeded ? this : throw new AgentException(errorId, cause, remedy, LastLines);
}

/// <summary>Runs a program of the helper with an argument list: no shell, C locale, nothing on standard input unless given.</summary>
internal static class Tool
{
    /// <exception cref="OperationCanceledException">Cancelled; the program and its children were killed.</exception>
    public static async Task<ToolResult> RunAsync(
        string program,
        IEnumerable<string> arguments,
        CancellationToken cancellationToken,
        string? input = null,
        IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["LC_ALL"] = "C";
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        var command = Path.GetFileName(program);
        using var process = Start(start, command);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var error = process.StandardError.ReadToEndAsync(cancellationToken);
            await WriteInputAsync(process, input, cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return new ToolResult(command, process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    private static Process Start(ProcessStartInfo start, string command)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            throw new AgentException(
                Protocol.Messages.ErrorIds.AgentFailed,
                $"The helper could not run {command}.",
                "The helper image is damaged or of another version: build it anew or download it again.",
                exception.Message);
        }
    }

    private static async Task WriteInputAsync(Process process, string? input, CancellationToken cancellationToken)
    {
        try
        {
            if (input is not null)
            {
                await process.StandardInput.WriteAsync(input.AsMemory(), cancellationToken);
            }

            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading: its exit code tells why.
        }
    }
}
