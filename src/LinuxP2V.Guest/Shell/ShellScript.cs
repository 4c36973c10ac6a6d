using System.Text;
using LinuxP2V.Guest.Files;

namespace LinuxP2V.Guest.Shell;

/// <summary>What becomes of a word: its new text, null to take it out; the reason where it changes.</summary>
internal sealed record WordVerdict(string? Now, string? Why);

/// <summary>A changed script, and what in it only a shell can tell.</summary>
/// <param name="Words">Words of the values that were looked at, with variables replaced as far as they are known.</param>
internal sealed record ScriptChange(ChangedText Text, IReadOnlyList<string> Words, IReadOnlyList<string> Doubts);

/// <summary>Changes words in the values of a shell script's variables. All else stays byte for byte.</summary>
internal static class ShellScript
{
    private const int MostCharacters = 1 << 12;

    /// <param name="isWanted">Variables whose values are lists of words; those that they refer to are looked at too.</param>
    /// <param name="judge">One verdict for each word, in order.</param>
    public static ScriptChange Change(
        string text,
        Func<string, bool> isWanted,
        Func<IReadOnlyList<string>, IReadOnlyList<WordVerdict>> judge
    )
    {
        if (ShellReader.Read(text) is not var (assignments, doubts))
            return new ScriptChange(new ChangedText(text, []), [], ["a quote or bracket that is never closed"]);

        var wanted = Wanted(assignments, isWanted);
        var words = Evaluate(assignments, wanted);
        var verdicts = judge([.. words.Select(word => word.Text)]);
        var changes = new List<TextChange>();
        var edits = new List<(int Start, int End, string Text)>();
        var unknown = doubts.ToList();
        foreach (
            var group in words.Zip(verdicts, (word, verdict) => (Word: word, Verdict: verdict)).GroupBy(pair => pair.Word.Word.Assignment)
        )
        {
            var changed = new List<(ShellValueWord Word, string? Now)>();
            foreach (var ((word, written, isKnown), verdict) in group)
            {
                if (!isKnown && !(word.IsExpansion && word.Pieces[0].Variable is not null))
                    unknown.Add(written);
                if (word.IsExpansion || verdict.Why is not { } why)
                    continue;

                changes.Add(new TextChange(written, verdict.Now is null ? "removed" : $"now {verdict.Now}", why));
                changed.Add((word, verdict.Now));
            }

            edits.AddRange(changed.Count > 0 ? ShellValue.Edits(group.Key, changed) : []);
        }

        return new ScriptChange(
            new ChangedText(Apply(text, edits), changes),
            [.. words.Where(word => !word.Word.IsExpansion).Select(word => word.Text)],
            [.. unknown.Distinct()]
        );
    }

    /// <summary>Whole values instead of words. Those that a shell alone can work out are left alone.</summary>
    /// <param name="judge">What to write in the place of a value, as the shell reads it; null where it may stay.</param>
    public static ChangedText ChangeValues(string text, Func<string, bool> isWanted, Func<string, string, (string Now, string Why)?> judge)
    {
        if (ShellReader.Read(text) is not var (assignments, _))
            return new ChangedText(text, []);

        var changes = new List<TextChange>();
        var edits = new List<(int, int, string)>();
        foreach (var assignment in assignments.Where(assignment => isWanted(assignment.Name)))
        {
            if (assignment.Value.Any(piece => piece.IsExpansion))
                continue;

            var value = string.Concat(assignment.Value.Select(piece => piece.Text));
            if (judge(assignment.Name, value) is not var (now, why))
                continue;

            changes.Add(new TextChange($"{assignment.Name}={value}", $"now {now}", why));
            edits.Add((assignment.Start, assignment.End, now));
        }

        return new ChangedText(Apply(text, edits), changes);
    }

    /// <param name="edits">Places of the text, none of which overlaps another, and what shall stand there.</param>
    public static string Apply(string text, IEnumerable<(int Start, int End, string Text)> edits)
    {
        var result = new StringBuilder();
        var position = 0;
        foreach (var (start, end, now) in edits.OrderBy(edit => edit.Start))
        {
            result.Append(text, position, start - position).Append(now);
            position = end;
        }

        return result.Append(text, position, text.Length - position).ToString();
    }

    private static HashSet<string> Wanted(IReadOnlyList<ShellAssignment> assignments, Func<string, bool> isWanted)
    {
        var wanted = new HashSet<string>(assignments.Select(assignment => assignment.Name).Where(isWanted), StringComparer.Ordinal);
        var count = -1;
        while (count != wanted.Count)
        {
            count = wanted.Count;
            var referred = assignments
                .Where(assignment => wanted.Contains(assignment.Name))
                .SelectMany(assignment => assignment.Value.Select(piece => piece.Variable).OfType<string>())
                .ToList();
            wanted.UnionWith(referred);
        }

        return wanted;
    }

    /// <summary>In the order of the file, with the variables as they are set by then.</summary>
    private static List<(ShellValueWord Word, string Text, bool IsKnown)> Evaluate(
        IReadOnlyList<ShellAssignment> assignments,
        HashSet<string> wanted
    )
    {
        var variables = new Dictionary<string, string?>(StringComparer.Ordinal);
        var words = new List<(ShellValueWord, string, bool)>();
        foreach (var assignment in assignments)
        {
            if (wanted.Contains(assignment.Name))
            {
                foreach (var word in ShellValue.Words(assignment))
                {
                    var (text, isKnown) = word.Evaluate(variables);
                    words.Add((word, text, isKnown));
                }
            }

            var value = new ShellValueWord(assignment, assignment.Value, 0).Evaluate(variables);
            variables.TryGetValue(assignment.Name, out var before);
            variables[assignment.Name] = value is { IsKnown: true, Text.Length: <= MostCharacters }
                ? (assignment.IsAppended ? before : "") + value.Text
                : null;
        }

        return words;
    }
}
