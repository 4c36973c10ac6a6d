using System.Numerics;

namespace LinuxP2V.Agent.Copy.Manifests;

/// <summary>
/// Finds an entry by its directory and name: a hash table of entry numbers alone, five to ten bytes an entry, as the
/// names are in the manifest.
/// </summary>
internal sealed class NameIndex(Manifest manifest)
{
    private int[] slots = [];
    private int count;

    public void Add(int entry)
    {
        if ((count + 1) * 4L > slots.Length * 3L)
            Grow();

        Place(entry);
        count++;
    }

    public int Find(int directory, ReadOnlySpan<byte> name)
    {
        if (slots.Length == 0)
            return -1;

        for (var slot = Hash(directory, name); ; slot++)
        {
            var entry = slots[slot & (slots.Length - 1)] - 1;
            if (entry < 0 || (manifest.ParentOf(entry) == directory && manifest.NameOf(entry).SequenceEqual(name)))
                return entry;
        }
    }

    private void Grow()
    {
        var old = slots;
        slots = new int[Math.Max(1024, old.Length * 2)];
        foreach (var value in old)
        {
            if (value > 0)
                Place(value - 1);
        }
    }

    private void Place(int entry)
    {
        var slot = Hash(manifest.ParentOf(entry), manifest.NameOf(entry));
        while (slots[slot & (slots.Length - 1)] != 0)
            slot++;

        slots[slot & (slots.Length - 1)] = entry + 1;
    }

    private static int Hash(int directory, ReadOnlySpan<byte> name)
    {
        var hash = new HashCode();
        hash.Add(directory);
        hash.AddBytes(name);
        return (int)BitOperations.RotateLeft((uint)hash.ToHashCode(), 7) & int.MaxValue;
    }
}
