using System.Text.Json;
using LinuxP2V.Lab;

namespace LinuxP2V.Windows.Tests.Support;

/// <summary>How one run of a script went.</summary>
/// <param name="Steps">Those that ended before it ended.</param>
/// <param name="Death">Why the process ended in the middle of the script; null when it did not.</param>
public sealed record ScriptRun(IReadOnlyList<StepRecord> Steps, string? Death)
{
    public bool IsWhole => Death is null;
}

/// <summary>Runs the scripts of Scripts/ in PowerShell 7 for Windows.</summary>
internal sealed class PowerShellScript(WindowsFixture windows)
{
    private const string LastStep = "end";
    private const int WordsOfTerminal = 1500;

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(12);
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <param name="name">Of the file in Scripts/, without .ps1.</param>
    /// <param name="folder">Gets the records and the terminal's text.</param>
    /// <param name="settings">Reach the script as environment variables.</param>
    /// <exception cref="LabException">The script ended by itself, but not at its end: a defect of the script.</exception>
    public async Task<ScriptRun> RunAsync(string name, string folder, IReadOnlyDictionary<string, string> settings)
    {
        var records = RecordsOf(name, folder);
        var environment = new Dictionary<string, string>(windows.Runtime.Environment)
        {
            ["P2V_MODULE"] = Wine.PathOf(WindowsFixture.Module),
            ["P2V_RECORDS"] = Wine.PathOf(records),
        };
        foreach (var (key, value) in settings)
        {
            environment[key] = value;
        }

        var death = await RunProcessAsync(name, folder, environment);
        var steps = File.Exists(records)
            ? (await File.ReadAllLinesAsync(records)).Select(line => JsonSerializer.Deserialize<StepRecord>(line, Json)!).ToList()
            : [];
        return steps is [.., { Name: LastStep }]
            ? new ScriptRun(steps, null)
            : new ScriptRun(steps, $"{death}; its last step was '{steps.LastOrDefault()?.Name ?? "none"}'");
    }

    /// <summary>Whether a script that runs has ended a step.</summary>
    public static bool HasRecorded(string step, string name, string folder)
    {
        if (!File.Exists(RecordsOf(name, folder)))
        {
            return false;
        }

        using var file = new StreamReader(new FileStream(RecordsOf(name, folder), FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return file.ReadToEnd().Contains($"\"Name\":\"{step}\"", StringComparison.Ordinal);
    }

    private static string RecordsOf(string name, string folder) => Path.Combine(folder, $"{name}.jsonl");

    /// <returns>How the process ended, in words.</returns>
    private async Task<string> RunProcessAsync(string name, string folder, IReadOnlyDictionary<string, string> environment)
    {
        var script = Path.Combine(AppContext.BaseDirectory, "Scripts", $"{name}.ps1");
        string[] arguments = ["-NoLogo", "-NoProfile", "-NonInteractive", "-File", Wine.PathOf(script)];
        try
        {
            var result = await windows.Wine.RunAsync(windows.Runtime.PowerShell, arguments, environment, Limit);
            await File.WriteAllTextAsync(Path.Combine(folder, $"{name}.terminal"), result.Output + result.Error);
            return $"{name}.ps1: PowerShell for Windows ended with {result.ExitCode}: {Last(result.Output)}";
        }
        catch (OperationCanceledException)
        {
            return $"{name}.ps1: PowerShell for Windows did not end within {Limit.TotalMinutes:0} minutes";
        }
    }

    private static string Last(string text) => text.Length > WordsOfTerminal ? text[^WordsOfTerminal..] : text;
}
