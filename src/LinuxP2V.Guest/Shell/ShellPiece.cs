namespace LinuxP2V.Guest.Shell;

internal enum ShellQuote
{
    None,
    Single,
    Double,
}

/// <summary>A character of a shell word, or something that the shell puts in its place.</summary>
/// <param name="Text">The character that the shell will see; of an expansion what is written, such as $NAME.</param>
/// <param name="Start">Where it stands in the file.</param>
/// <param name="Region">Number of the quoted or unquoted stretch that it stands in: what lies in one can be cut out.</param>
/// <param name="IsExpansion">A variable or the output of a command.</param>
/// <param name="Variable">The name of a plain variable; null for anything that only a shell can work out.</param>
internal sealed record ShellPiece(
    string Text,
    int Start,
    int End,
    ShellQuote Quote,
    int Region,
    bool IsExpansion = false,
    string? Variable = null
)
{
    public bool IsBlank => !IsExpansion && char.IsWhiteSpace(Text[0]);
}

/// <summary>NAME=value or NAME+=value.</summary>
/// <param name="Start">Where the value begins in the file.</param>
internal sealed record ShellAssignment(string Name, bool IsAppended, IReadOnlyList<ShellPiece> Value, int Start, int End);
