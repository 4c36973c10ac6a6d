using System.CommandLine;
using System.Globalization;

namespace LinuxP2V.Bench;

/// <summary>The command line of the benchmark. Option names are PowerShell's, as in build.ps1.</summary>
internal static class BenchCommand
{
    /// <param name="run">Runs the benchmark; false where it failed.</param>
    public static RootCommand Create(Func<BenchOptions, CancellationToken, Task<bool>> run)
    {
        var quick = new Option<bool>("-Quick", "-quick") { Description = "Small data: shows that all works." };
        var shapes = new Option<string[]>("-Shape", "-shape") { Description = "Shapes to run, by name, with commas between them." };
        var rounds = new Option<int>("-Rounds", "-rounds")
        {
            Description = "How often each shape runs.",
            DefaultValueFactory = _ => BenchOptions.DefaultRounds,
        };
        rounds.Validators.Add(result =>
        {
            if (
                result.Tokens is [var token, ..]
                && (!int.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count == 0)
            )
                result.AddError($"'{token.Value}' is no number of rounds.");
        });
        var agent = new Option<FileInfo>("-Agent", "-agent") { Description = "The agent's binary, instead of the one that was built." };
        var command = new RootCommand("Measures the copy against tar, rsync and dd over SSH.") { quick, shapes, rounds, agent };
        command.SetAction(
            async (result, cancellationToken) =>
            {
                var names = (result.GetValue(shapes) ?? []).SelectMany(list => list.Split(',', StringSplitOptions.RemoveEmptyEntries));
                var options = new BenchOptions(
                    result.GetValue(quick),
                    [.. names],
                    result.GetValue(rounds),
                    result.GetValue(agent)?.FullName
                );
                return await run(options, cancellationToken) ? 0 : 1;
            }
        );
        return command;
    }
}
