using System.Collections;
using System.Runtime.InteropServices;
using LinuxP2V.Agent.Listing;
using LinuxP2V.Agent.Platform;

namespace LinuxP2V.Agent.Copy.Files;

/// <summary>
/// Files with several names: one name, the leader, travels, the others are linked to it in the copy. So a tar stream never
/// needs to know what another one holds.
/// </summary>
internal sealed class LinkGroups
{
    private readonly List<LinkGroup> groups;
    private readonly BitArray followers;

    private LinkGroups(List<LinkGroup> groups, int entries)
    {
        this.groups = groups;
        followers = new BitArray(entries);
        foreach (var entry in groups.SelectMany(group => group.Names.Skip(1)))
            followers[entry] = true;
    }

    public IReadOnlyList<LinkGroup> All => groups;

    /// <summary>Those of which the entries name at least one; each with all names that the manifest has.</summary>
    /// <param name="entries">Rising.</param>
    public static LinkGroups Find(Manifest manifest, IReadOnlyList<int> entries)
    {
        // By inode, then by number: the first name of each becomes its leader.
        var linked = new List<(ulong Inode, int Entry)>();
        for (var entry = 0; entry < manifest.Count; entry++)
        {
            var record = manifest[entry];
            if (record.Links > 1 && record.Type is not (EntryType.Directory or EntryType.Socket))
                linked.Add((record.Inode, entry));
        }

        linked.Sort();
        var groups = new List<LinkGroup>();
        var wanted = entries.Count == manifest.Count ? null : MarksOf(entries, manifest);
        var all = CollectionsMarshal.AsSpan(linked);
        while (!all.IsEmpty)
        {
            var (inode, first) = all[0];
            var end = 1;
            while (end < all.Length && all[end].Inode == inode && manifest.TypeOf(all[end].Entry) == manifest.TypeOf(first))
                end++;

            var names = new int[end];
            for (var i = 0; i < end; i++)
                names[i] = all[i].Entry;

            if (wanted is null)
                groups.Add(new LinkGroup(names));
            else if (names.Any(name => wanted[name]))
                groups.Add(new LinkGroup([.. names.Where(name => wanted[name]), .. names.Where(name => !wanted[name])]));

            all = all[end..];
        }

        return new LinkGroups(groups, manifest.Count);
    }

    /// <summary>Whether it is linked to another name instead of travelling.</summary>
    public bool IsFollower(int entry) => followers[entry];

    /// <summary>A bit for each entry of the manifest: a set of millions would take a hundred times as much.</summary>
    public static BitArray MarksOf(IReadOnlyList<int> entries, Manifest manifest)
    {
        var marks = new BitArray(manifest.Count);
        foreach (var entry in entries)
            marks[entry] = true;

        return marks;
    }
}

/// <summary>The names of one file that the manifest knows.</summary>
/// <param name="names">Those that were asked for first.</param>
internal sealed class LinkGroup(int[] names)
{
    private int leader;

    public IReadOnlyList<int> Names => names;

    /// <summary>The name that travels; -1 when each one has vanished, or travels by itself.</summary>
    public int Leader => leader < names.Length ? names[leader] : -1;

    public IEnumerable<int> Followers => names.Skip(leader + 1);

    /// <summary>The leader is gone from the source: the next name travels.</summary>
    public void DropLeader() => leader++;

    /// <summary>Which names are one file has to be asked anew: none is linked to another by the list.</summary>
    /// <returns>The names that are left.</returns>
    public IReadOnlyList<int> Split()
    {
        var rest = names[leader..];
        leader = names.Length;
        return rest;
    }
}
