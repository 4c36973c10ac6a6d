namespace LinuxP2V.Guest.Files;

/// <summary>A change within a configuration file.</summary>
/// <param name="Line">The line or setting, as a person would name it.</param>
/// <param name="What">What became of it.</param>
public sealed record TextChange(string Line, string What, string Why);

/// <summary>A file's text after some changes; the text that went in where there are none.</summary>
public sealed record ChangedText(string Text, IReadOnlyList<TextChange> Changes)
{
    /// <summary>Stands before a line that was switched off, with the reason behind it.</summary>
    public const string Marker = "# linuxp2v: ";

    public string What => string.Join("; ", Changes.Select(change => $"{change.Line}: {change.What}"));

    public string Why => string.Join("; ", Changes.Select(change => change.Why).Distinct());
}
