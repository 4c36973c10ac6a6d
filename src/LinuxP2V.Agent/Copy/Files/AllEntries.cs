using System.Collections;
using LinuxP2V.Agent.Listing;

namespace LinuxP2V.Agent.Copy.Files;

/// <summary>Every number of a manifest, without a list of them.</summary>
internal sealed class AllEntries(Manifest manifest) : IReadOnlyList<int>
{
    public int Count => manifest.Count;

    public int this[int index] => index;

    public IEnumerator<int> GetEnumerator() => Enumerable.Range(0, Count).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
