using System.Diagnostics;
using System.Text.RegularExpressions;
using LinuxP2V.Engine.Conversions;
using LinuxP2V.Lab.Demo;
using LinuxP2V.Lab.Machines;
using LinuxP2V.Lab.Processes;
using LinuxP2V.Lab.Proof;

namespace LinuxP2V.Lab.Matrix;

/// <summary>Runs a row: a source, its conversion by the example script, and three boots of the copy alone.</summary>
public sealed partial class MatrixRun(MatrixRow row, Action<string> log)
{
    /// <summary>Beside the system, which is what is on trial.</summary>
    private const int LargeFileMB = 20;

    private const int ConsoleLines = 40;

    private readonly string folder = LabPaths.Run($"matrix-{row.Name}");
    private readonly List<MatrixPhase> phases = [];
    private readonly List<string> said = [];
    private MatrixVersions? versions;

    /// <summary>A failure is a result too. Cancelling leaves none.</summary>
    public async Task<MatrixResult> RunAsync(CancellationToken cancellationToken)
    {
        // Of the code that runs: a commit may follow in the meantime.
        var (date, commit) = (DateTimeOffset.UtcNow, await CommitAsync());
        try
        {
            await EmptyFolderAsync();
            var outcome = await ConvertAsync(cancellationToken);
            await EmptyFolderAsync();
            return Result(date, commit, outcome, "", []);
        }
        catch (LabException exception)
        {
            log(exception.Message);
            return Result(date, commit, MatrixOutcome.Failed, exception.Message, LastConsole());
        }
        finally
        {
            await QemuMachine.KillAllBelowAsync(folder, CancellationToken.None);
        }
    }

    private async Task<MatrixOutcome> ConvertAsync(CancellationToken cancellationToken)
    {
        var image = await PhaseAsync("build", () => SourceImage.GetAsync(row.Name, log, cancellationToken, LargeFileMB));
        var source = await PhaseAsync("source", () => StartSourceAsync(image, cancellationToken));
        versions = await ReadVersionsAsync(source.Root, cancellationToken);
        if (row.Refusal is { } refusal)
        {
            await PhaseAsync("refusal", () => ExpectRefusalAsync(source, refusal, cancellationToken));
            return MatrixOutcome.Refused;
        }

        var before = await PhaseAsync("description", () => MachineDescription.ReadAsync(source.Root, cancellationToken, whole: true));
        if (before["failed-units"] is { Length: > 0 } failed)
        {
            throw new LabException($"The source is not well itself, so that its copy would prove nothing: {failed}");
        }

        var script = new ScriptConversion(folder, Say);
        var conversion = await PhaseAsync(
            "conversion",
            () => script.RunAsync(source, row.Name, verify: false, cancellationToken, row.Hardware, row.User)
        );
        await source.StopAsync();
        await ProveAsync(conversion, image, before, cancellationToken);
        return MatrixOutcome.Passed;
    }

    private async Task<SourceMachine> StartSourceAsync(SourceImage image, CancellationToken cancellationToken)
    {
        var source = await SourceMachine.StartAsync(image, Path.Combine(folder, "source"), cancellationToken);
        await source.WaitForSshAsync(cancellationToken);
        return source;
    }

    private async Task<bool> ExpectRefusalAsync(SourceMachine source, string refusal, CancellationToken cancellationToken)
    {
        var script = new ScriptConversion(folder, Say);
        try
        {
            await script.RunAsync(source, row.Name, verify: false, cancellationToken, row.Hardware, row.User);
        }
        catch (LabException) when (said.Any(line => Regex.IsMatch(line, $@"^\s*Error\s+{refusal}\b")) && script.Newest() is null)
        {
            return true;
        }

        throw new LabException($"The source was converted, and should have been refused: {refusal}");
    }

    /// <summary>As it came, once more, and after its own tools made what it boots from anew, as an update of its kernel does.</summary>
    private async Task ProveAsync(Conversion conversion, SourceImage image, MachineDescription source, CancellationToken cancellationToken)
    {
        var copy = await ConvertedMachine.StartAsync(conversion.Location!, image.KeyFile, Path.Combine(folder, "proof"), cancellationToken);
        await JudgeAsync("first boot", () => copy.WaitForSshAsync(cancellationToken));
        await JudgeAsync("second boot", () => copy.RebootAsync(cancellationToken));
        await PhaseAsync("renewal", () => RenewAsync(copy.Root, cancellationToken));
        await JudgeAsync("renewed boot", () => copy.RebootAsync(cancellationToken));
        await copy.StopAsync();

        Task JudgeAsync(string name, Func<Task<TimeSpan>> boot) =>
            PhaseAsync(
                name,
                async () =>
                {
                    var proof = await CopyProof.JudgeAsync(copy.Root, await boot(), source, cancellationToken, row.Hardware);
                    return proof.IsProven
                        ? proof
                        : throw new LabException($"The copy is not as its source at its {name}.\n{proof.Reason()}");
                }
            );
    }

    private async Task<CommandResult> RenewAsync(SshLogin copy, CancellationToken cancellationToken)
    {
        var result = await copy.RunAsync("sh -s", cancellationToken, await ScriptAsync("renew.sh", cancellationToken));
        foreach (var line in (result.Output + result.Error).Split('\n'))
        {
            Say(line);
        }

        return result.OrThrow("The copy's own tools could not make anew what it boots from");
    }

    private static async Task<MatrixVersions> ReadVersionsAsync(SshLogin source, CancellationToken cancellationToken)
    {
        var result = await source.RunAsync("sh -s", cancellationToken, await ScriptAsync("versions.sh", cancellationToken));
        result.OrThrow("The source did not tell its versions");
        return result.Output.Trim().Split('\n') is [var debian, var kernel, var loader]
            ? new MatrixVersions(debian, kernel, loader)
            : throw new LabException($"The source's versions are not understood: {result.Output}");
    }

    private static Task<string> ScriptAsync(string name, CancellationToken cancellationToken) =>
        File.ReadAllTextAsync(Path.Combine(LabPaths.Repository, "tests", "lab", "matrix", name), cancellationToken);

    private async Task<T> PhaseAsync<T>(string name, Func<Task<T>> work)
    {
        log($"== {row.Name}: {name}");
        var clock = Stopwatch.StartNew();
        try
        {
            return await work();
        }
        finally
        {
            phases.Add(new MatrixPhase(name, (int)clock.Elapsed.TotalSeconds));
        }
    }

    private void Say(string line)
    {
        said.Add(line);
        log(line);
    }

    /// <summary>Of the machine that wrote last: the copy, the helper or the source.</summary>
    private string[] LastConsole() =>
        Directory
            .EnumerateFiles(folder, "*.log", SearchOption.AllDirectories)
            .Where(file => Path.GetFileName(file) is "console.log" or "serial.log" or "helper.log")
            .OrderByDescending(File.GetLastWriteTimeUtc)
            .Take(1)
            .SelectMany(File.ReadLines)
            .Select(line => ControlCharacters().Replace(line, ""))
            .TakeLast(ConsoleLines)
            .ToArray();

    private MatrixResult Result(DateTimeOffset date, string commit, MatrixOutcome outcome, string reason, IReadOnlyList<string> console) =>
        new(row.Name, date, commit, ProductVersion(), versions, outcome, phases, reason, console);

    private static async Task<string> CommitAsync() =>
        (
            await Command.RunAsync("git", ["-C", LabPaths.Repository, "describe", "--always", "--dirty"], CancellationToken.None)
        ).Output.Trim();

    private static string ProductVersion()
    {
        var manifest = File.ReadAllText(Path.Combine(LabPaths.Output, "LinuxP2V", "LinuxP2V.psd1"));
        return ModuleVersion().Match(manifest).Groups[1].Value;
    }

    /// <summary>Of a run that failed or was killed something is left, to be looked at until the next one.</summary>
    private async Task EmptyFolderAsync()
    {
        await QemuMachine.KillAllBelowAsync(folder, CancellationToken.None);
        Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(folder);
    }

    [GeneratedRegex(@"\e\[[0-9;?]*[a-zA-Z]|[\x00-\x08\x0b-\x1f]")]
    private static partial Regex ControlCharacters();

    [GeneratedRegex(@"ModuleVersion\s*=\s*'([^']*)'")]
    private static partial Regex ModuleVersion();
}
