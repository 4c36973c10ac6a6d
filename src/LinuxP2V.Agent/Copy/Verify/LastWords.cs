using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Copy.Verify;

/// <summary>The last lines of a standard error, for a message. A char a byte.</summary>
internal sealed class LastWords
{
    private const int Kept = 4;

    private readonly Queue<string> lines = new();

    public void Add(string line)
    {
        lock (lines)
        {
            lines.Enqueue(line);
            if (lines.Count > Kept)
                lines.Dequeue();
        }
    }

    public override string ToString()
    {
        lock (lines)
        {
            return EntryWords.Text(string.Join(" / ", lines));
        }
    }
}

internal static class VerifyFailure
{
    /// <param name="what">Behind a colon: a sentence without its full stop.</param>
    public static AgentException Of(string what, string words) => new(
        ErrorIds.VerificationFailed,
        $"The copy could not be compared with its source: {what}.",
        "See the tool's own words and the helper's log, put it right, and compare again. Nothing was changed.",
        words);
}
