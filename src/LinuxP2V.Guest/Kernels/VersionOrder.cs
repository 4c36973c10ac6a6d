using System.Numerics;
using System.Text.RegularExpressions;

namespace LinuxP2V.Guest.Kernels;

/// <summary>Kernel versions as people count: 6.1.0-9 before 6.1.0-10.</summary>
internal sealed class VersionOrder : IComparer<string>
{
    private static readonly Regex PartPattern = new(@"\d+|[A-Za-z]+", RegexOptions.CultureInvariant);

    public static readonly VersionOrder Instance = new();

    public int Compare(string? x, string? y)
    {
        var (left, right) = (Parts(x), Parts(y));
        for (var index = 0; index < Math.Min(left.Count, right.Count); index++)
        {
            var order =
                BigInteger.TryParse(left[index], out var a) && BigInteger.TryParse(right[index], out var b)
                    ? a.CompareTo(b)
                    : string.CompareOrdinal(left[index], right[index]);
            if (order != 0)
            {
                return order;
            }
        }

        return left.Count.CompareTo(right.Count);
    }

    private static List<string> Parts(string? version) =>
        [.. PartPattern.Matches(version ?? "").Cast<Match>().Select(match => match.Value)];
}
