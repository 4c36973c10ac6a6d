using System.Text.RegularExpressions;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Planning;

/// <summary>The patterns of -ExcludeVolume or -IncludeVolume, and which of them have met something.</summary>
internal sealed class VolumePatterns(IReadOnlyList<string> patterns)
{
    private readonly HashSet<string> matched = new(StringComparer.Ordinal);
    private readonly List<(string Pattern, Regex Expression)> expressions =
    [
        .. patterns.Select(pattern => (pattern, ToExpression(pattern))),
    ];

    public bool Matches(params string?[] names)
    {
        var isMatch = false;
        foreach (var (pattern, expression) in expressions)
        {
            if (names.Any(name => name is not null && expression.IsMatch(name)))
            {
                matched.Add(pattern);
                isMatch = true;
            }
        }

        return isMatch;
    }

    /// <exception cref="P2VException">VolumeNotFound: a mistyped pattern would do the opposite of what was meant.</exception>
    public void RequireAllMatched(string parameter, IEnumerable<string> known)
    {
        var unmatched = patterns.Where(pattern => !matched.Contains(pattern)).ToList();
        if (unmatched.Count > 0)
        {
            throw new P2VException(
                ErrorIds.VolumeNotFound,
                $"{parameter}: no volume of the source matches {string.Join(", ", unmatched)}. It has: {string.Join(", ", known)}.",
                "Name mount points, devices or swap:UUID as $source.Volumes lists them."
            );
        }
    }

    /// <summary>PowerShell's wildcards: * ? [set].</summary>
    private static Regex ToExpression(string pattern)
    {
        var trimmed = pattern.Length > 1 ? pattern.TrimEnd('/') : pattern;
        var text = Regex.Escape(trimmed).Replace(@"\*", ".*").Replace(@"\?", ".");
        if (trimmed.Contains(']'))
            text = Regex.Replace(text, @"\\\[([^\]\\]+)\]", "[$1]");

        return new Regex($"^(?:{text})$", RegexOptions.Singleline | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
    }
}
