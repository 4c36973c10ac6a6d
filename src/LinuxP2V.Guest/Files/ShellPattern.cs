namespace LinuxP2V.Guest.Files;

/// <summary>
/// Patterns of names as shells, systemd and NetworkManager read them: *, ? and [a-z]. The time is within bounds whoever
/// wrote name and pattern.
/// </summary>
internal static class ShellPattern
{
    public static bool Matches(string name, string pattern)
    {
        var (at, place) = (0, 0);
        // Behind the last star, and where in the name what it stands for ends so far.
        var (behindStar, end) = (-1, 0);
        while (at < name.Length)
        {
            if (place < pattern.Length && pattern[place] == '*')
            {
                (behindStar, end) = (++place, at);
            }
            else if (place < pattern.Length && Takes(pattern, place, name[at]) is var length and > 0)
            {
                at++;
                place += length;
            }
            else if (behindStar >= 0)
            {
                place = behindStar;
                at = ++end;
            }
            else
            {
                return false;
            }
        }

        return pattern[place..].All(c => c == '*');
    }

    public static bool MatchesIgnoringCase(string name, string pattern) => Matches(name.ToLowerInvariant(), pattern.ToLowerInvariant());

    /// <returns>Length of the pattern's element that takes the character; 0 where it does not.</returns>
    private static int Takes(string pattern, int place, char c)
    {
        if (pattern[place] == '[' && Set(pattern, place) is var (set, isNegated, length))
            return IsIn(set, c) != isNegated ? length : 0;

        return pattern[place] == '?' || pattern[place] == c ? 1 : 0;
    }

    /// <returns>What stands in the brackets; null for a bracket that is never closed, which stands for itself.</returns>
    private static (string Characters, bool IsNegated, int Length)? Set(string pattern, int open)
    {
        var isNegated = open + 1 < pattern.Length && pattern[open + 1] is '!' or '^';
        var first = open + (isNegated ? 2 : 1);
        // A bracket right at the start is one of the set.
        var close = first + 1 <= pattern.Length ? pattern.IndexOf(']', Math.Min(first + 1, pattern.Length)) : -1;
        return close < 0 ? null : (pattern[first..close], isNegated, close - open + 1);
    }

    private static bool IsIn(string set, char c)
    {
        for (var index = 0; index < set.Length; index++)
        {
            var isRange = index + 2 < set.Length && set[index + 1] == '-';
            if (isRange ? set[index] <= c && c <= set[index + 2] : set[index] == c)
                return true;

            index += isRange ? 2 : 0;
        }

        return false;
    }
}
