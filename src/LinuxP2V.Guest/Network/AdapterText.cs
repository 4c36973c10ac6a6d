namespace LinuxP2V.Guest.Network;

/// <summary>A file's text with matches by hardware rewritten.</summary>
/// <param name="What">What was changed, in words that follow the file's name; empty where nothing was.</param>
/// <param name="Doubts">Matches that stay, since which adapter they mean is not certain: as they stand in the file.</param>
internal sealed record AdapterText(string Text, IReadOnlyList<string> What, IReadOnlyList<string> Doubts)
{
    public static AdapterText Unchanged(string text) => new(text, [], []);
}
