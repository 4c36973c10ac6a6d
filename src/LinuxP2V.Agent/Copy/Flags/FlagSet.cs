using System.Globalization;

namespace LinuxP2V.Agent.Copy.Flags;

/// <summary>What lsattr tells of a file, as far as a copy keeps it.</summary>
/// <param name="Letters">chattr's flags, in lsattr's order.</param>
/// <param name="Project">The project whose quota it counts for; 0: none.</param>
internal readonly record struct FlagSet(string Letters, uint Project)
{
    /// <summary>Flags that an admin sets; the rest (extents, indexes, encryption) belong to the file system.</summary>
    public const string Kept = "aAcCdDijmPsStTux";

    /// <summary>The flag of btrfs by which a file is written in place. It is taken by an empty file or a folder alone.</summary>
    public const char NoCow = 'C';

    public bool IsEmpty => Letters.Length == 0 && Project == 0;

    public bool HasNoCow => Letters.Contains(NoCow);

    /// <summary>
    /// What can be compared on btrfs: where it compresses it sets m by itself, on files that do not become smaller, and
    /// not on the same ones in the copy.
    /// </summary>
    public FlagSet ComparedOnBtrfs => this with { Letters = Letters.Replace("m", "", StringComparison.Ordinal) };

    /// <param name="text">Flags as lsattr prints them, or its project number and then the flags.</param>
    public static FlagSet Parse(string text)
    {
        var fields = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var project =
            fields.Length > 1 && uint.TryParse(fields[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
        return new FlagSet(fields.Length == 0 ? "" : string.Concat(fields[^1].Where(Kept.Contains)), project);
    }

    public override string ToString() =>
        string.Join(
            ", ",
            new[] { Letters, Project == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"project {Project}") }.Where(part =>
                part.Length > 0
            )
        );
}
