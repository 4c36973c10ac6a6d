using System.Diagnostics;

namespace LinuxP2V.Engine.Tests.Sources;

/// <summary>Runs a program of this machine, for what a test compares with.</summary>
internal static class Command
{
    public static string Run(string program, params string[] arguments) => RunWithInput(null, program, arguments);

    public static string RunWithInput(string? input, string program, params string[] arguments)
    {
        var (exitCode, output, error) = Try(input, program, arguments);
        return exitCode == 0
            ? output
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {exitCode}: {error}");
    }

    public static (int ExitCode, string Output, string Error) Try(string? input, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["LC_ALL"] = "C";
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }
}
