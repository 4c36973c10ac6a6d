using LinuxP2V.Guest.Kernels;

namespace LinuxP2V.Guest.BootLoaders;

/// <summary>Versions as systemd-boot compares them: the UAPI group's Version Format Specification.</summary>
internal sealed class UapiVersionOrder : IComparer<string>
{
    public static readonly UapiVersionOrder Instance = new();

    /// <summary>Separators from the one that makes a version oldest. One of only one side makes that side the older.</summary>
    private const string Separators = "-^.";

    public int Compare(string? x, string? y)
    {
        var (left, right) = (Plain(x), Plain(y));
        var (at, other) = (0, 0);
        while (true)
        {
            if (At(left, at) == '~' || At(right, other) == '~')
            {
                if (At(left, at) != At(right, other))
                    return At(left, at) == '~' ? -1 : 1;
            }
            else if (at == left.Length || other == right.Length)
            {
                return (left.Length - at).CompareTo(right.Length - other);
            }
            else if (
                Separators.FirstOrDefault(candidate => left[at] == candidate || right[other] == candidate) is var separator and not '\0'
            )
            {
                if (left[at] != right[other])
                    return left[at] == separator ? -1 : 1;
            }
            else
            {
                var isNumber = char.IsDigit(left[at]) || char.IsDigit(right[other]);
                var (one, second) = (Part(left, at, isNumber), Part(right, other, isNumber));
                var order = isNumber ? CompareNumbers(one, second) : string.CompareOrdinal(one, second);
                if (order != 0)
                    return order;

                (at, other) = (at + one.Length, other + second.Length);
                continue;
            }

            (at, other) = (at + 1, other + 1);
        }
    }

    private static int CompareNumbers(string one, string other) =>
        one.Length == 0 || other.Length == 0 ? one.Length.CompareTo(other.Length) : VersionOrder.CompareNumbers(one, other);

    /// <summary>All else is no part of a version.</summary>
    private static string Plain(string? version) =>
        new([.. (version ?? "").Where(c => c < 128 && (char.IsLetterOrDigit(c) || c == '~' || Separators.IndexOf(c) >= 0))]);

    private static char At(string text, int position) => position < text.Length ? text[position] : '\0';

    private static string Part(string text, int start, bool isNumber)
    {
        var end = start;
        while (end < text.Length && (isNumber ? char.IsDigit(text[end]) : char.IsLetter(text[end])))
            end++;

        return text[start..end];
    }
}
