using System.Text.RegularExpressions;

namespace LinuxP2V.Guest.Addresses;

/// <summary>
/// Mappings of YAML as people and installers write them: a key a line, deeper levels further right. What else YAML can say
/// is told apart and left alone.
/// </summary>
internal static class YamlMapping
{
    private static readonly Regex KeyPattern = new(
        @"^(?<indent> *)(?<key>""[^""]*""|'[^']*'|[^\s""'#&*!|>%@`{}\[\],?:-][^:#]*?|-?\d[^:#]*?)[ \t]*:(?:[ \t]+(?<value>.*?))?[ \t]*\r?$",
        RegexOptions.CultureInvariant
    );

    private static readonly Regex Comment = new(@"(?:^|[ \t])#.*$", RegexOptions.CultureInvariant);

    /// <returns>The keys of the level that begins at a line; null where it is no plain mapping.</returns>
    /// <param name="end">Behind the level's last line.</param>
    public static IReadOnlyList<YamlEntry>? Entries(IReadOnlyList<string> lines, int start, int end)
    {
        var entries = new List<YamlEntry>();
        var indent = -1;
        for (var index = start; index < end; index++)
        {
            var line = lines[index];
            if (IsBlank(line) || (indent < 0 && line.TrimEnd() is "---"))
                continue;

            var column = Indent(line);
            if (line.Length > column && line[column] == '\t')
                return null;

            indent = indent < 0 ? column : indent;
            var isItem = line[column..].StartsWith("-", StringComparison.Ordinal) && line[column..].TrimEnd() is "-" or ['-', ' ', ..];
            if (column > indent || (isItem && column == indent && entries.Count > 0))
            {
                // It belongs to the key above.
                if (entries.Count == 0)
                    return null;

                entries[^1] = entries[^1] with { End = index + 1 };
                continue;
            }

            if (
                column < indent
                || KeyPattern.Match(line) is not { Success: true } match
                || Value(match) is ['&' or '*' or '|' or '>' or '!', ..]
            )
                return null;

            entries.Add(new YamlEntry(Plain(match.Groups["key"].Value), index, index + 1, column, Value(match)));
        }

        return entries;
    }

    /// <summary>Writes a mapping or list that stands in braces behind its key a line each. Nested braces are left as they are.</summary>
    /// <param name="entry">With its value on its own line.</param>
    /// <param name="step">How far the next level stands to the right.</param>
    /// <returns>Null where that cannot be done safely.</returns>
    public static IReadOnlyList<string>? Expand(YamlEntry entry, string line, int step)
    {
        if (entry.Value is not ['{', .., '}'] || entry.End != entry.Line + 1 || Split(entry.Value[1..^1]) is not { } parts)
            return null;

        var expanded = new List<string> { line[..line.IndexOf('{')].TrimEnd() };
        foreach (var part in parts)
        {
            if (part.IndexOf(':') < 0 || part.IndexOf('{') >= 0)
                return null;

            expanded.Add(new string(' ', entry.Indent + step) + part);
        }

        return expanded;
    }

    /// <summary>Words of a list, in brackets or below its key.</summary>
    public static IReadOnlyList<string> Items(IReadOnlyList<string> lines, YamlEntry entry) =>
        entry.Value.StartsWith("[", StringComparison.Ordinal)
            ? [.. entry.Value.Trim('[', ']').Split(',').Select(item => Plain(item.Trim()))]
            :
            [
                .. lines
                    .Skip(entry.Line + 1)
                    .Take(entry.End - entry.Line - 1)
                    .Select(line => Comment.Replace(line, "").Trim())
                    .Where(line => line.StartsWith("- ", StringComparison.Ordinal))
                    .Select(line => Plain(line[2..].Trim())),
            ];

    public static string Plain(string value) => value is ['"', .., '"'] or ['\'', .., '\''] && value.Length > 1 ? value[1..^1] : value;

    public static bool IsBlank(string line) => line.TrimStart() is "" or "\r" or ['#', ..];

    public static int Indent(string line) => line.Length - line.TrimStart(' ').Length;

    /// <summary>Without a comment; quotes stay.</summary>
    private static string Value(Match match)
    {
        var value = match.Groups["value"].Value;
        return value is ['"' or '\'', ..] ? value : Comment.Replace(value, "").Trim();
    }

    /// <returns>What commas outside of brackets part; null where the brackets do not match.</returns>
    private static List<string>? Split(string text)
    {
        var (parts, depth, start) = (new List<string>(), 0, 0);
        for (var index = 0; index <= text.Length; index++)
        {
            var c = index < text.Length ? text[index] : ',';
            depth +=
                c is '[' or '{' ? 1
                : c is ']' or '}' ? -1
                : 0;
            if (c != ',' || depth != 0)
                continue;

            if (text[start..index].Trim() is { Length: > 0 } part)
                parts.Add(part);
            start = index + 1;
        }

        return depth == 0 ? parts : null;
    }
}

/// <param name="Line">Where the key stands.</param>
/// <param name="End">Behind the last line that belongs to it and is no comment.</param>
/// <param name="Value">On the key's own line; empty where it is below.</param>
internal sealed record YamlEntry(string Key, int Line, int End, int Indent, string Value)
{
    /// <summary>Without quotes.</summary>
    public string Text => YamlMapping.Plain(Value);
}
