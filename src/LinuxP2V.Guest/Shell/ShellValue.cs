using System.Text;

namespace LinuxP2V.Guest.Shell;

/// <summary>A word inside a value, such as one of the kernel's command line.</summary>
internal sealed record ShellValueWord(ShellAssignment Assignment, IReadOnlyList<ShellPiece> Pieces, int First)
{
    /// <summary>No command line is longer; the kernel takes 4096.</summary>
    private const int MostCharacters = 1 << 16;

    /// <summary>Exactly one variable or command, so what it means stands elsewhere.</summary>
    public bool IsExpansion => Pieces is [{ IsExpansion: true }];

    /// <summary>With variables replaced as far as they are known.</summary>
    /// <returns>The text, and whether all of it is known.</returns>
    public (string Text, bool IsKnown) Evaluate(IReadOnlyDictionary<string, string?> variables)
    {
        var result = new StringBuilder();
        var isKnown = true;
        foreach (var piece in Pieces)
        {
            string? value = piece.Text;
            // A variable that names itself twice would double with each line.
            if (
                piece.IsExpansion
                && (
                    result.Length > MostCharacters
                    || piece.Variable is null
                    || !variables.TryGetValue(piece.Variable, out value)
                    || value is null
                )
            )
            {
                isKnown = false;
                value = piece.Text;
            }

            result.Append(value);
        }

        return (result.ToString(), isKnown);
    }
}

/// <summary>Values as lists of words, and how words are changed without touching what stands around them.</summary>
internal static class ShellValue
{
    private const string SafeCharacters = "/.,:=@%+-_~^";

    /// <summary>Double quotes inside the value hold blanks together, as the kernel reads them.</summary>
    public static IReadOnlyList<ShellValueWord> Words(ShellAssignment assignment)
    {
        var words = new List<ShellValueWord>();
        var current = new List<ShellPiece>();
        var isQuoted = false;
        for (var index = 0; index <= assignment.Value.Count; index++)
        {
            var piece = index < assignment.Value.Count ? assignment.Value[index] : null;
            if (piece is null || (piece.IsBlank && !isQuoted))
            {
                if (current.Count > 0)
                    words.Add(new ShellValueWord(assignment, [.. current], index - current.Count));
                current.Clear();
                continue;
            }

            isQuoted ^= piece is { IsExpansion: false, Text: "\"" };
            current.Add(piece);
        }

        return words;
    }

    /// <param name="changes">Words of one value with their new text; null takes the word out.</param>
    /// <returns>Places of the file and what shall stand there.</returns>
    public static IEnumerable<(int Start, int End, string Text)> Edits(
        ShellAssignment assignment,
        IReadOnlyList<(ShellValueWord Word, string? Now)> changes
    )
    {
        if (changes.Any(change => change.Word.Pieces.Select(piece => piece.Region).Distinct().Count() > 1))
            return [(assignment.Start, assignment.End, Quoted(assignment, changes))];

        var gone = new HashSet<int>();
        var edits = new List<(int, int, string)>();
        foreach (var (word, now) in changes)
        {
            var first = word.Pieces[0];
            edits.Add((first.Start, word.Pieces[word.Pieces.Count - 1].End, now is null ? "" : Escape(now, first.Quote)));
            if (now is null && BlankBeside(assignment, word, gone) is { } blank)
                edits.Add((assignment.Value[blank].Start, assignment.Value[blank].End, ""));
        }

        return edits;
    }

    /// <summary>The blank before a word that goes, else the one behind it.</summary>
    private static int? BlankBeside(ShellAssignment assignment, ShellValueWord word, HashSet<int> gone)
    {
        foreach (var index in (int[])[word.First - 1, word.First + word.Pieces.Count])
        {
            if (index >= 0 && index < assignment.Value.Count && assignment.Value[index].IsBlank && gone.Add(index))
                return index;
        }

        return null;
    }

    /// <summary>The whole value anew in double quotes: a word that lies in several quotes cannot be cut out.</summary>
    private static string Quoted(ShellAssignment assignment, IReadOnlyList<(ShellValueWord Word, string? Now)> changes)
    {
        var words = Words(assignment)
            .Select(word =>
            {
                var index = changes.ToList().FindIndex(change => change.Word.First == word.First);
                return index < 0 ? Written(word)
                    : changes[index].Now is { } now ? Escape(now, ShellQuote.Double)
                    : null;
            });
        return "\"" + string.Join(" ", words.Where(word => word is not null)) + "\"";
    }

    private static string Written(ShellValueWord word) =>
        string.Concat(word.Pieces.Select(piece => piece.IsExpansion ? piece.Text : Escape(piece.Text, ShellQuote.Double)));

    private static string Escape(string text, ShellQuote quote) =>
        quote switch
        {
            ShellQuote.Double => string.Concat(text.Select(c => c is '"' or '\\' or '$' or '`' ? $"\\{c}" : c.ToString())),
            ShellQuote.Single => text.Replace("'", "'\\''"),
            _ => string.Concat(
                text.Select(c => (c < 128 && char.IsLetterOrDigit(c)) || SafeCharacters.IndexOf(c) >= 0 ? c.ToString() : $"\\{c}")
            ),
        };
}
