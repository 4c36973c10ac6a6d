using System.Text.RegularExpressions;

namespace LinuxP2V.Guest.Storage;

/// <summary>The settings of a systemd unit, as far as single lines tell them; a value that goes on in the next line is joined.</summary>
internal sealed class UnitFile(string text)
{
    private static readonly Regex Setting = new(
        @"^[ \t]*(?<name>[A-Za-z]+)[ \t]*=[ \t]*(?<value>(?:[^\n\\]|\\(?!\n)|\\\n)*)$",
        RegexOptions.CultureInvariant | RegexOptions.Multiline
    );

    public string Text { get; } = text;

    /// <summary>The last assignment counts; null where there is none.</summary>
    public string? Value(string name) => Values(name).LastOrDefault();

    public IEnumerable<string> Values(string name) => Matches(name).Select(match => Plain(match.Groups["value"].Value));

    /// <summary>Every assignment of the name gets the new value.</summary>
    public UnitFile With(string name, string value) =>
        new(
            Matches(name)
                .Reverse()
                .Select(match => match.Groups["value"])
                .Aggregate(Text, (current, old) => current[..old.Index] + value + current[(old.Index + old.Length)..])
        );

    private IEnumerable<Match> Matches(string name) =>
        Setting.Matches(Text).Cast<Match>().Where(match => match.Groups["name"].Value == name);

    private static string Plain(string value) => value.Replace("\\\n", " ").Trim();
}
