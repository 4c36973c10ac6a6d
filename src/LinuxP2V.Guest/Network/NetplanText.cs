using System.Text.RegularExpressions;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Guest.Network;

/// <summary>netplan's YAML, edited by its lines: what is below "match:" and names a driver.</summary>
internal static class NetplanText
{
    private const string Value = """(?:\[[^\]\n]*\]|"[^"\n]*"|'[^'\n]*'|[^,}\s#]+)""";

    private static readonly Regex BlockPattern = new(@"^(?<indent> *)match:[ \t]*(?:#.*)?\r?$", RegexOptions.CultureInvariant);

    private static readonly Regex FlowPattern = new(@"^ *match:[ \t]*\{(?<inner>[^}\n]*)\}", RegexOptions.CultureInvariant);

    private static readonly Regex KeyPattern = new(
        @"^(?<indent> *)(?<key>driver|name|macaddress):[ \t]*(?<value>.*?)[ \t]*\r?$",
        RegexOptions.CultureInvariant
    );

    private static readonly Regex FlowDriverPattern = new(
        $@"(?<before>,\s*)?driver:\s*(?<value>{Value})(?<after>\s*,\s*)?",
        RegexOptions.CultureInvariant
    );

    private static readonly Regex WordPattern = new(@"[^\s\[\],""'#]+", RegexOptions.CultureInvariant);

    public static AdapterText Transform(string text, AdapterMatcher matcher)
    {
        var lines = text.Split('\n').ToList();
        var (what, doubts) = (new List<string>(), new List<string>());
        for (var index = 0; index < lines.Count; index++)
        {
            if (FlowPattern.Match(lines[index]) is { Success: true } flow)
                lines[index] = Flow(lines[index], flow.Groups["inner"], matcher, what, doubts);
            else if (BlockPattern.Match(lines[index]) is { Success: true } block)
                Block(lines, index + 1, block.Groups["indent"].Length, matcher, what, doubts);
        }

        return new AdapterText(what.Count > 0 ? string.Join("\n", lines) : text, what, doubts);
    }

    private static void Block(List<string> lines, int start, int indent, AdapterMatcher matcher, List<string> what, List<string> doubts)
    {
        var end = start;
        while (end < lines.Count && (IsBlank(lines[end]) || Indent(lines[end]) > indent))
            end++;

        var keys = Enumerable
            .Range(start, end - start)
            .Select(index => (Index: index, Match: KeyPattern.Match(lines[index])))
            .Where(entry => entry.Match.Success)
            .GroupBy(entry => entry.Match.Groups["key"].Value)
            .ToDictionary(group => group.Key, group => group.First());
        if (!keys.TryGetValue("driver", out var driver))
            return;

        // A list may stand on the lines below, its dashes as far right as the key or further.
        var last = driver.Index;
        var column = driver.Match.Groups["indent"].Length;
        while (
            last + 1 < end && (Indent(lines[last + 1]) > column || lines[last + 1].TrimStart().StartsWith("- ", StringComparison.Ordinal))
        )
            last++;

        var values = string.Join(
            " ",
            lines
                .Skip(driver.Index)
                .Take(last - driver.Index + 1)
                .Select(line => line.Split('#')[0].Replace("driver:", "").Replace("- ", " "))
        );
        var others = string.Join(" ", keys.Where(key => key.Key != "driver").Select(key => lines[key.Value.Index]));
        if (Decide(values, others, matcher, what, doubts) is not { } replacement)
            return;

        lines.RemoveRange(driver.Index, last - driver.Index + 1);
        if (replacement.Length > 0)
            lines.Insert(driver.Index, new string(' ', column) + replacement);
    }

    private static string Flow(string line, Group inner, AdapterMatcher matcher, List<string> what, List<string> doubts)
    {
        if (FlowDriverPattern.Match(inner.Value) is not { Success: true } driver)
            return line;

        var others = inner.Value.Remove(driver.Index, driver.Length);
        if (Decide(driver.Groups["value"].Value, others, matcher, what, doubts) is not { } replacement)
            return line;

        var between = driver.Groups["before"].Success && driver.Groups["after"].Success ? ", " : "";
        var text = replacement.Length > 0 ? driver.Groups["before"].Value + replacement + driver.Groups["after"].Value : between;
        return line[..inner.Index]
            + inner.Value.Remove(driver.Index, driver.Length).Insert(driver.Index, text)
            + line[(inner.Index + inner.Length)..];
    }

    /// <returns>What takes the driver's place: empty where the rest of the match is enough; null where all stays.</returns>
    private static string? Decide(string drivers, string others, AdapterMatcher matcher, List<string> what, List<string> doubts)
    {
        var words = WordPattern.Matches(drivers).Cast<Match>().Select(match => match.Value).ToList();
        var named = matcher.ByAddress(others) ?? NamedBy(others, matcher);
        if (named is not null && !AdapterMatcher.MayMean(named, words, []))
            return null;

        var chosen = named is not null ? [named] : matcher.Select(words, []);
        if (chosen is { Count: 0 })
            return null;

        if (chosen is not [var only])
        {
            // A match holds one address, and one pattern of names.
            doubts.Add($"match: driver: {string.Join(", ", words)}");
            return null;
        }

        what.Add($"matches {only.SourceName} without its driver");
        return named is not null ? ""
            : only.TargetMac is { } mac ? $"macaddress: \"{mac}\""
            : $"name: \"{only.SourceName}\"";
    }

    private static AdapterMapping? NamedBy(string text, AdapterMatcher matcher) =>
        text.Contains("name:")
            ? WordPattern
                .Matches(text)
                .Cast<Match>()
                .Select(match => matcher.ByName(match.Value))
                .FirstOrDefault(found => found is not null)
            : null;

    private static bool IsBlank(string line) => line.Trim() is "" || line.TrimStart().StartsWith("#", StringComparison.Ordinal);

    private static int Indent(string line) => line.Length - line.TrimStart(' ').Length;
}
