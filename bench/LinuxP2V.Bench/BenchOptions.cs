namespace LinuxP2V.Bench;

/// <summary>What the command line asks for.</summary>
/// <param name="IsQuick">Small data: shows that all works, measures nothing worth quoting.</param>
/// <param name="Shapes">Names to run; empty for all.</param>
/// <param name="Rounds">How often each shape runs.</param>
/// <param name="Agent">The agent's binary; null: the one that the build published.</param>
internal sealed record BenchOptions(bool IsQuick, IReadOnlyList<string> Shapes, int Rounds, string? Agent)
{
    /// <summary>With fewer rounds there is no median.</summary>
    public const int DefaultRounds = 3;

    /// <summary>The page that readers see takes its numbers.</summary>
    public bool IsToBeQuoted => !IsQuick && Rounds >= DefaultRounds;
}
