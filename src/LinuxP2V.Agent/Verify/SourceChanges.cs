using System.Collections;
using System.Text;
using LinuxP2V.Agent.Listing;

namespace LinuxP2V.Agent.Verify;

/// <summary>
/// What changed on the source between the last pass and the list that the copy is compared with. An entry that the last
/// pass may have read while it changed counts as changed: the next pass copies it again anyway.
/// </summary>
internal sealed class SourceChanges
{
    private readonly Manifest source;
    private readonly BitArray unchanged;
    private readonly HashSet<string> gone = new(StringComparer.Ordinal);

    /// <param name="source">The list that was just read.</param>
    public SourceChanges(Manifest source)
    {
        this.source = source;
        unchanged = new BitArray(source.Count);
    }

    /// <summary>Takes what the last pass knew of one entry.</summary>
    /// <param name="passStart">On the source's clock, nanoseconds since 1970.</param>
    public void AddEarlier(ReadOnlySpan<byte> path, in ManifestRecord earlier, Nanoseconds passStart)
    {
        var entry = source.Find(path);
        if (entry < 0)
            gone.Add(Key(path));
        else
            unchanged[entry] = earlier.ChangeTime < passStart && source[entry].IsUnchangedSince(earlier);
    }

    /// <summary>Without what the last pass knew every difference is one that nothing explains.</summary>
    public static SourceChanges None(Manifest source)
    {
        var changes = new SourceChanges(source);
        changes.unchanged.SetAll(true);
        return changes;
    }

    public bool HasChanged(int entry) => !unchanged[entry];

    /// <summary>It was on the source at the last pass and is not now.</summary>
    public bool IsGone(ReadOnlySpan<byte> path) => gone.Count > 0 && gone.Contains(Key(path));

    /// <summary>A char a byte: no two paths become one.</summary>
    private static string Key(ReadOnlySpan<byte> path) => Encoding.Latin1.GetString(path);
}
