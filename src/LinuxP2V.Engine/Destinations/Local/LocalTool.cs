using System.Diagnostics;
using System.Text;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Destinations.Local;

internal sealed record LocalToolResult(string Tool, int ExitCode, string Output, string Error)
{
    public string LastLines
    {
        get
        {
            var lines = (Error.Trim() is { Length: > 0 } error ? error : Output.Trim()).Split('\n');
            return $"{Tool} ended with {ExitCode}: "
                + $"{string.Join(" / ", lines.Skip(Math.Max(0, lines.Length - 3)).Select(line => line.Trim()))}";
        }
    }
}

/// <summary>Finds and runs programs of this machine: an argument list, no shell.</summary>
internal static class LocalTool
{
    /// <exception cref="P2VException">DestinationToolMissing.</exception>
    public static string Locate(string name, string? explicitPath, params string[] otherPlaces)
    {
        var candidates = explicitPath is not null
            ? [explicitPath]
            : (Environment.GetEnvironmentVariable("PATH") ?? "")
                .Split(':')
                .Where(folder => folder.Length > 0)
                .Select(folder => Path.Combine(folder, name))
                .Concat(otherPlaces);
        return candidates.FirstOrDefault(File.Exists) is { } found
            ? Path.GetFullPath(found)
            : throw Missing(explicitPath is null ? $"{name} is not installed on this machine." : $"There is no {name} at {explicitPath}.");
    }

    public static P2VException Missing(string cause) =>
        new(
            ErrorIds.DestinationToolMissing,
            cause,
            "Install QEMU: 'apt install qemu-system-x86 qemu-utils ovmf' on Debian and Ubuntu, "
                + "'dnf install qemu-system-x86 qemu-img edk2-ovmf' on Fedora."
        );

    /// <exception cref="P2VException">DestinationToolMissing.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the program was killed.</exception>
    public static async Task<LocalToolResult> RunAsync(
        string program,
        IEnumerable<string> arguments,
        string? folder,
        CancellationToken cancellationToken
    )
    {
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo(program, string.Join(" ", arguments.Select(Quote)))
            {
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                WorkingDirectory = folder ?? "/",
            },
            EnableRaisingEvents = true,
        };
        process.StartInfo.EnvironmentVariables["LC_ALL"] = "C";
        var ended = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        process.Exited += (_, _) => ended.TrySetResult(true);
        try
        {
            process.Start();
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            throw Missing($"{program} cannot be run: {exception.Message}.");
        }

        process.StandardInput.Close();
        using var registration = cancellationToken.Register(() => Kill(process));
        var output = ReadAllAsync(process.StandardOutput);
        var error = ReadAllAsync(process.StandardError);
        await ended.Task.ConfigureAwait(false);
        var result = new LocalToolResult(
            Path.GetFileName(program),
            process.ExitCode,
            await output.ConfigureAwait(false),
            await error.ConfigureAwait(false)
        );
        cancellationToken.ThrowIfCancellationRequested();
        return result;
    }

    /// <summary>Ends with the program, which cancelling kills.</summary>
    private static Task<string> ReadAllAsync(StreamReader reader) => reader.ReadToEndAsync();

    private static void Kill(Process process)
    {
        try
        {
            process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended meanwhile.
        }
    }

    /// <summary>.NET splits an argument string by one set of rules on every system; .NET Framework takes no list.</summary>
    private static string Quote(string argument)
    {
        if (argument.Length > 0 && argument.IndexOfAny([' ', '\t', '\n', '"', '\\']) < 0)
            return argument;

        var quoted = new StringBuilder("\"");
        var backslashes = 0;
        foreach (var c in argument)
        {
            if (c == '\\')
            {
                backslashes++;
                continue;
            }

            // Backslashes count only before a quotation mark.
            quoted.Append('\\', c == '"' ? (backslashes * 2) + 1 : backslashes).Append(c);
            backslashes = 0;
        }

        return quoted.Append('\\', backslashes * 2).Append('"').ToString();
    }
}
