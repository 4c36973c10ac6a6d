using System.Globalization;

namespace LinuxP2V.Bench;

/// <summary>What the command line asks for.</summary>
/// <param name="IsQuick">Small data: shows that all works, measures nothing worth quoting.</param>
/// <param name="Shapes">Names to run; empty for all.</param>
/// <param name="Agent">The agent's binary; null: the one that the build published.</param>
internal sealed record BenchOptions(bool IsQuick, IReadOnlyList<string> Shapes, int Rounds, string? Agent)
{
    public const string Usage = "Usage: linuxp2v-bench [-Quick] [-Shape NAME,…] [-Rounds N] [-Agent PATH]";

    /// <summary>With fewer a median is none.</summary>
    private const int DefaultRounds = 3;

    /// <summary>The page that readers see takes its numbers.</summary>
    public bool IsToBeQuoted => !IsQuick && Rounds >= DefaultRounds;

    /// <exception cref="BenchException">An option that is unknown or lacks its value.</exception>
    public static BenchOptions Parse(IReadOnlyList<string> args)
    {
        var options = new BenchOptions(false, [], DefaultRounds, null);
        for (var i = 0; i < args.Count; i++)
        {
            options = args[i].ToUpperInvariant() switch
            {
                "-QUICK" => options with { IsQuick = true },
                "-SHAPE" => options with { Shapes = [.. options.Shapes, .. Value().Split(',', StringSplitOptions.RemoveEmptyEntries)] },
                "-ROUNDS" => options with { Rounds = Number(Value()) },
                "-AGENT" => options with { Agent = Path.GetFullPath(Value()) },
                _ => throw new BenchException($"'{args[i]}' is not understood. {Usage}"),
            };

            string Value() => ++i < args.Count ? args[i] : throw new BenchException($"{args[i - 1]} wants a value. {Usage}");
        }

        return options;
    }

    private static int Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value > 0
        ? value
        : throw new BenchException($"'{text}' is no number of rounds. {Usage}");
}
