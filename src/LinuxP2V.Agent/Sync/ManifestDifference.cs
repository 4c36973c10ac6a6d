using LinuxP2V.Agent.Listing;

namespace LinuxP2V.Agent.Sync;

/// <summary>A new list of a volume against what the copy was made by: a byte for each entry, and a row for what left its place.</summary>
internal sealed class ManifestDifference(Manifest manifest)
{
    private readonly EntryState[] states = new EntryState[manifest.Count];

    public Manifest Manifest => manifest;

    public GoneOrMovedEntries Departed { get; } = new();

    public EntryState this[int entry]
    {
        get => states[entry];
        set => states[entry] = value;
    }

    public EntryState VerdictOf(int entry) => states[entry] & EntryState.Verdict;

    public bool Has(int entry, EntryState mark) => (states[entry] & mark) != 0;

    public void Mark(int entry, EntryState mark) => states[entry] |= mark;

    /// <summary>Sets another state; the marks stay.</summary>
    public void SetVerdict(int entry, EntryState verdict) => states[entry] = (states[entry] & ~EntryState.Verdict) | verdict;

    /// <summary>Marks the directory that a name came into or left.</summary>
    public void MarkNames(int directory)
    {
        if (directory >= 0)
            states[directory] |= EntryState.NamesMoved;
    }
}
