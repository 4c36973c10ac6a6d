namespace LinuxP2V.Guest.Shell;

/// <summary>
/// Finds the assignments of a shell script and where each character of their values stands. It runs nothing: which branch
/// of a condition counts is not asked, so every assignment is found.
/// </summary>
internal sealed class ShellReader
{
    private static readonly HashSet<string> Keywords = new(StringComparer.Ordinal)
    {
        "if",
        "then",
        "else",
        "elif",
        "do",
        "while",
        "until",
        "!",
        "{",
        "time",
    };

    private static readonly HashSet<string> Declarations = new(StringComparer.Ordinal)
    {
        "export",
        "readonly",
        "declare",
        "typeset",
        "local",
    };

    /// <summary>They set variables in ways that only a shell can follow.</summary>
    private static readonly HashSet<string> Others = new(StringComparer.Ordinal) { ".", "source", "eval", "read", "unset" };

    private readonly ShellWordReader words;
    private readonly List<ShellAssignment> assignments = [];
    private readonly List<string> doubts = [];
    private readonly Queue<string> hereDocuments = new();

    private ShellReader(string text) => words = new ShellWordReader(text);

    /// <returns>
    /// The assignments, and what a shell alone can tell. Null for a text that no shell reads, such as one with an open quote.
    /// </returns>
    public static (IReadOnlyList<ShellAssignment> Assignments, IReadOnlyList<string> Doubts)? Read(string text)
    {
        var reader = new ShellReader(text);
        reader.Read();
        return reader.words.IsBroken ? null : (reader.assignments, reader.doubts);
    }

    private void Read()
    {
        var isStart = true;
        var isDeclaration = false;
        while (!words.IsAtEnd)
        {
            switch (words.Current)
            {
                case ' ' or '\t' or '\r':
                    words.Skip(1);
                    break;
                case '\\' when words.Next == '\n':
                    words.Skip(2);
                    break;
                case '#':
                    words.SkipLine();
                    break;
                case '<' when words.Next == '<':
                    ReadHereDocument();
                    break;
                case '\n' or ';' or '&' or '|' or '(' or ')':
                    (isStart, isDeclaration) = (true, false);
                    EndCommand();
                    break;
                case '<' or '>':
                    words.Skip(1);
                    break;
                default:
                    var word = words.ReadWord();
                    if ((isStart || isDeclaration) && ToAssignment(word) is { } assignment)
                        assignments.Add(assignment);
                    else if (isStart)
                        (isStart, isDeclaration) = ReadCommand(word);
                    break;
            }
        }
    }

    private void EndCommand()
    {
        var isLine = words.Current == '\n';
        words.Skip(1);
        while (isLine && hereDocuments.Count > 0)
            words.SkipThroughLine(hereDocuments.Dequeue());
    }

    private void ReadHereDocument()
    {
        words.Skip(2);
        if (!words.IsAtEnd && words.Current == '-')
            words.Skip(1);
        while (!words.IsAtEnd && words.Current is ' ' or '\t')
            words.Skip(1);
        hereDocuments.Enqueue(string.Concat(words.ReadWord().Select(piece => piece.Text)));
    }

    /// <returns>Whether the next word may be a command, and whether the next words may be assignments.</returns>
    private (bool IsStart, bool IsDeclaration) ReadCommand(IReadOnlyList<ShellPiece> word)
    {
        var name = string.Concat(word.Select(piece => piece.Text));
        if (Others.Contains(name))
            doubts.Add($"the command {name}");

        return (Keywords.Contains(name), Declarations.Contains(name));
    }

    private static ShellAssignment? ToAssignment(ShellWordPieces word)
    {
        var equals = 0;
        while (
            equals < word.Count && word[equals] is { IsExpansion: false, Quote: ShellQuote.None } piece && IsNameCharacter(piece.Text[0])
        )
            equals++;

        var isAppended = equals < word.Count && word[equals].Text == "+";
        var end = isAppended ? equals + 1 : equals;
        if (equals == 0 || end >= word.Count || word[end] is not { Text: "=", Quote: ShellQuote.None } || char.IsDigit(word[0].Text[0]))
            return null;

        return new ShellAssignment(
            string.Concat(word.Take(equals).Select(piece => piece.Text)),
            isAppended,
            [.. word.Skip(end + 1)],
            word[end].End,
            word.End
        );
    }

    private static bool IsNameCharacter(char c) => c < 128 && (char.IsLetterOrDigit(c) || c == '_');
}
