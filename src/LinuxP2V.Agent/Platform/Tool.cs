using System.Diagnostics;
using LinuxP2V.Agent.Events;

namespace LinuxP2V.Agent.Platform;

/// <param name="Output">Standard output, whole.</param>
/// <param name="Error">Standard error, whole.</param>
internal sealed record ToolResult(string Command, int ExitCode, string Output, string Error)
{
    public bool Succeeded => ExitCode == 0;

    /// <summary>The last lines of the command's output, for an error message.</summary>
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
    /// <param name="inputStream">Goes to standard input, behind <paramref name="input"/>.</param>
    /// <param name="workingFolder">Null: the agent's own.</param>
    /// <exception cref="AgentException">AgentFailed: there is no such program.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the program and its children were killed.</exception>
    public static async Task<ToolResult> RunAsync(
        string program,
        IEnumerable<string> arguments,
        CancellationToken cancellationToken,
        string? input = null,
        IReadOnlyDictionary<string, string>? environment = null,
        Stream? inputStream = null,
        string? workingFolder = null
    )
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = workingFolder ?? "",
        };
        start.Environment["LC_ALL"] = "C";
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        var command = Path.GetFileName(program);
        using var process = ProcessStarter.Start(start);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var error = process.StandardError.ReadToEndAsync(cancellationToken);
            await WriteInputAsync(process, input, inputStream, cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return new ToolResult(command, process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    private static async Task WriteInputAsync(Process process, string? input, Stream? inputStream, CancellationToken cancellationToken)
    {
        try
        {
            if (input is not null)
            {
                await process.StandardInput.WriteAsync(input.AsMemory(), cancellationToken);
            }

            if (inputStream is not null)
            {
                await inputStream.CopyToAsync(process.StandardInput.BaseStream, cancellationToken);
            }

            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading: its exit code tells why.
        }
    }
}
