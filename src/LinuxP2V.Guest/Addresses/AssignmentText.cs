using System.Text.RegularExpressions;

namespace LinuxP2V.Guest.Addresses;

/// <summary>A file of shell assignments, one a line, as ifcfg files are.</summary>
internal sealed class AssignmentText
{
    private static readonly Regex Assignment = new(
        @"^[ \t]*(?:export[ \t]+)?(?<key>[A-Za-z_][A-Za-z0-9_]*)=(?<value>""[^""]*""|'[^']*'|[^\s#;]*)",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture
    );

    private readonly List<string> lines;
    private readonly string quote;

    private AssignmentText(List<string> lines, string? quote)
    {
        this.lines = lines;
        this.quote =
            quote
            ?? lines
                .Select(line => Assignment.Match(line).Groups["value"].Value)
                .Where(value => value.Length > 1 && value[0] is '"' or '\'')
                .Select(value => value[..1])
                .FirstOrDefault()
            ?? "";
    }

    public string Text => string.Join("\n", lines);

    public IEnumerable<string> Keys => lines.Select(line => Assignment.Match(line).Groups["key"].Value).Where(key => key.Length > 0);

    /// <param name="quote">Around values; null: as the file has it.</param>
    public static AssignmentText Parse(string text, string? quote = null) => new([.. text.Split('\n')], quote);

    /// <summary>Without quotes; the last one counts. Null where it is not set.</summary>
    public string? Value(string key) =>
        lines
            .Select(line => Assignment.Match(line))
            .LastOrDefault(match => match.Success && match.Groups["key"].Value == key)
            ?.Groups["value"]
            .Value.Trim('"', '\'');

    /// <returns>The first of several settings that has a value; null where none has.</returns>
    public string? First(IEnumerable<string> keys) => keys.Select(Value).FirstOrDefault(value => !string.IsNullOrEmpty(value));

    /// <summary>Takes settings out, and puts others where the first of them stood.</summary>
    public void Replace(Func<string, bool> goes, IReadOnlyList<(string Key, string Value)> settings)
    {
        var place = lines.FindIndex(IsGoing);
        lines.RemoveAll(IsGoing);
        if (place < 0)
        {
            place = lines.Count;
            while (place > 0 && lines[place - 1].Trim().Length == 0)
                place--;

            // What follows stays the last line's end.
            if (place == lines.Count)
                lines.Add("");
        }

        lines.InsertRange(place, settings.Select(setting => $"{setting.Key}={Quoted(setting.Value)}"));

        bool IsGoing(string line) => Assignment.Match(line) is { Success: true } match && goes(match.Groups["key"].Value);
    }

    private string Quoted(string value) => quote.Length == 0 && value.IndexOf(' ') >= 0 ? $"\"{value}\"" : quote + value + quote;
}
