using System.ComponentModel;
using System.Diagnostics;

namespace LinuxP2V.Lab.Processes;

public sealed record CommandResult(string Program, int ExitCode, string Output, string Error)
{
    public bool Succeeded => ExitCode == 0;

    /// <exception cref="LabException">The program failed; its last lines are in the message.</exception>
    public CommandResult OrThrow(string what)
    {
        if (Succeeded)
        {
            return this;
        }

        var lastLines = (Error.Trim() is { Length: > 0 } error ? error : Output.Trim()).Split('\n').TakeLast(15);
        throw new LabException($"{what}: {Program} ended with {ExitCode}.\n{string.Join('\n', lastLines)}");
    }
}

/// <summary>Runs a program with an argument list; no shell in between.</summary>
public static class Command
{
    /// <param name="input">Goes to standard input, which is closed after it.</param>
    /// <param name="output">Gets each line as it comes, of both streams; the result then holds them all the same.</param>
    /// <exception cref="LabException">There is no such program.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the program and its children were killed.</exception>
    public static async Task<CommandResult> RunAsync(
        string program,
        IEnumerable<string> arguments,
        CancellationToken cancellationToken,
        string? input = null,
        IReadOnlyDictionary<string, string>? environment = null,
        Action<string>? output = null
    )
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        using var process = Start(start);
        try
        {
            var standardOutput = ReadAsync(process.StandardOutput, output, cancellationToken);
            var standardError = ReadAsync(process.StandardError, output, cancellationToken);
            await WriteAsync(process, input, cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return new CommandResult(Path.GetFileName(program), process.ExitCode, await standardOutput, await standardError);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception exception)
        {
            throw new LabException($"{start.FileName} cannot be run ({exception.Message}). ./build.sh installs what the lab needs.");
        }
    }

    private static async Task<string> ReadAsync(StreamReader reader, Action<string>? output, CancellationToken cancellationToken)
    {
        if (output is null)
        {
            return await reader.ReadToEndAsync(cancellationToken);
        }

        var all = new List<string>();
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            all.Add(line);
            output(line);
        }

        return string.Join('\n', all);
    }

    private static async Task WriteAsync(Process process, string? input, CancellationToken cancellationToken)
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
