using System.Diagnostics;
using LinuxP2V.Protocol.Shell;

namespace LinuxP2V.Agent.Tests;

/// <summary>Runs what a test sets up and compares with: tools that are not the agent's.</summary>
internal static class Shell
{
    public static string Run(string script, string? folder = null)
    {
        var (code, output, error) = Try(script, folder);
        return code == 0 ? output : throw new InvalidOperationException($"{script}\nended with {code}\n{output}\n{error}");
    }

    public static (int Code, string Output, string Error) Try(string script, string? folder = null)
    {
        var start = new ProcessStartInfo("bash", ["-c", $"set -euo pipefail; export LC_ALL=C; {script}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = folder ?? "/",
            StandardOutputEncoding = System.Text.Encoding.Latin1,
            // Debian's own tools: a version manager's shims in front of them start a dozen processes for each python3.
            Environment = { ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin" },
        };
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.GetAwaiter().GetResult());
    }

    public static string Quote(string word) => PosixShell.Quote(word);
}
