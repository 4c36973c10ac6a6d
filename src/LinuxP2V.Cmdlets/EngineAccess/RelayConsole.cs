using LinuxP2V.Engine;

namespace LinuxP2V.Cmdlets.EngineAccess;

/// <summary>
/// What the engine says while a conversion runs in the background. Nobody may be listening: the newest lines are then
/// kept for the next Wait-P2VConversion, the older ones are in the conversion's log.
/// </summary>
internal sealed class RelayConsole : IEngineConsole
{
    private const int Kept = 500;
    private readonly Queue<(bool IsWarning, string Text)> lines = new();

    public void Verbose(string message) => Add((false, message));

    public void Warning(string message) => Add((true, message));

    /// <summary>Takes out what was said since the last call.</summary>
    public IReadOnlyList<(bool IsWarning, string Text)> Take()
    {
        lock (lines)
        {
            var taken = lines.ToArray();
            lines.Clear();
            return taken;
        }
    }

    private void Add((bool, string) line)
    {
        lock (lines)
        {
            if (lines.Count == Kept)
                lines.Dequeue();
            lines.Enqueue(line);
        }
    }
}
