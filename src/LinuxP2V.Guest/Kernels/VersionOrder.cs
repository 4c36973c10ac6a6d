using System.Text.RegularExpressions;

namespace LinuxP2V.Guest.Kernels;

/// <summary>
/// Versions as rpm and people count: 6.1.0-9 before 6.1.0-10, and 3.10.0-1160.el7 before its update 3.10.0-1160.119.1.el7.
/// </summary>
internal sealed class VersionOrder : IComparer<string>
{
    private static readonly Regex PartPattern = new("[0-9]+|[A-Za-z]+", RegexOptions.CultureInvariant);

    public static readonly VersionOrder Instance = new();

    public int Compare(string? x, string? y)
    {
        var (left, right) = (Parts(x), Parts(y));
        for (var index = 0; index < Math.Min(left.Count, right.Count); index++)
        {
            var order = ComparePart(left[index], right[index]);
            if (order != 0)
                return order;
        }

        return left.Count.CompareTo(right.Count);
    }

    /// <summary>A number is newer than letters.</summary>
    private static int ComparePart(string one, string other)
    {
        var (isNumber, isOtherNumber) = (char.IsDigit(one[0]), char.IsDigit(other[0]));
        return isNumber != isOtherNumber ? isNumber.CompareTo(isOtherNumber)
            : isNumber ? CompareNumbers(one, other)
            : string.CompareOrdinal(one, other);
    }

    /// <summary>Of any length.</summary>
    internal static int CompareNumbers(string one, string other)
    {
        var (left, right) = (one.TrimStart('0'), other.TrimStart('0'));
        return left.Length != right.Length ? left.Length.CompareTo(right.Length) : string.CompareOrdinal(left, right);
    }

    private static List<string> Parts(string? version) =>
        [.. PartPattern.Matches(version ?? "").Cast<Match>().Select(match => match.Value)];
}
