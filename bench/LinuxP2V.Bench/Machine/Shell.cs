using System.Diagnostics;

namespace LinuxP2V.Bench.Machine;

/// <summary>Runs bash scripts: what the baselines and the judging are made of.</summary>
internal static class Shell
{
    /// <param name="script">Its arguments are $1, $2, …; it ends at the first command that fails, also inside a pipe.</param>
    /// <returns>Standard output.</returns>
    /// <exception cref="BenchException">It failed; its last lines are in the message.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; it and its children were killed.</exception>
    public static async Task<string> RunAsync(string script, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        var (code, output, error) = await TryAsync(script, arguments, cancellationToken);
        if (code == 0)
            return output;

        var lastLines = string.Join('\n', $"{output}\n{error}".Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(10));
        throw new BenchException($"{script.Trim()}\nended with {code}.\n{lastLines}");
    }

    /// <returns>Exit code and what it wrote.</returns>
    public static async Task<(int Code, string Output, string Error)> TryAsync(
        string script,
        IEnumerable<string> arguments,
        CancellationToken cancellationToken
    )
    {
        cancellationToken.ThrowIfCancellationRequested();
        var start = new ProcessStartInfo("bash", ["-c", $"set -euo pipefail\n{script}", "bench", .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        start.Environment["LC_ALL"] = "C";
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var error = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        return (process.ExitCode, await output, await error);
    }
}
