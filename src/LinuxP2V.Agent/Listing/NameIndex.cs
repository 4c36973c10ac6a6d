using System.Numerics;

namespace LinuxP2V.Agent.Listing;

/// <summary>
/// Finds an entry by its directory and name: a hash table of entry numbers and hashes, eleven to twenty-two bytes an
/// entry, as the names are in the manifest. The hash spares most looks at names there, each of which waits for memory.
/// </summary>
internal sealed class NameIndex(Manifest manifest)
{
    private Slot[] slots = [];
    private int count;

    public void Add(int entry, int directory, ReadOnlySpan<byte> name)
    {
        if ((count + 1) * 4L > slots.Length * 3L)
            Grow();

        Place(new Slot(entry + 1, Hash(directory, name)));
        count++;
    }

    public int Find(int directory, ReadOnlySpan<byte> name)
    {
        if (slots.Length == 0)
            return -1;

        var hash = Hash(directory, name);
        for (var place = hash; ; place++)
        {
            ref var slot = ref slots[place & (slots.Length - 1)];
            if (slot.Number == 0 || (slot.Hash == hash && manifest.IsCalled(slot.Number - 1, directory, name)))
                return slot.Number - 1;
        }
    }

    private void Grow()
    {
        var old = slots;
        slots = new Slot[Math.Max(1024, old.Length * 2)];
        foreach (var slot in old)
        {
            if (slot.Number > 0)
                Place(slot);
        }
    }

    private void Place(Slot slot)
    {
        var place = slot.Hash;
        while (slots[place & (slots.Length - 1)].Number != 0)
            place++;

        slots[place & (slots.Length - 1)] = slot;
    }

    private static int Hash(int directory, ReadOnlySpan<byte> name)
    {
        var hash = new HashCode();
        hash.Add(directory);
        hash.AddBytes(name);
        return (int)BitOperations.RotateLeft((uint)hash.ToHashCode(), 7) & int.MaxValue;
    }

    /// <param name="Number">The entry's, from 1: none is 0.</param>
    private readonly record struct Slot(int Number, int Hash);
}
