using System.Collections;
using LinuxP2V.Agent.Listing;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Verify;

/// <summary>
/// Which names are one file, here and there. Each name is compared by the first name of its group, so that names that are
/// missing on one side, and are told as such, disturb no other.
/// </summary>
internal sealed class NameGroups(Manifest source)
{
    private readonly ChunkedList<CopyName> names = new();
    private readonly BitArray aliases = new(source.Count);

    /// <summary>Takes an entry that both sides have, when either has several names for it.</summary>
    public void Add(int entry, ulong inode, uint links) => names.Add(new CopyName { Entry = entry, Inode = links > 1 ? inode : 0 });

    public void Compare(DifferenceReport report)
    {
        var onSource = new Dictionary<ulong, int>();
        var inCopy = new Dictionary<ulong, int>();
        for (var i = 0; i < names.Count; i++)
        {
            var name = names[i];
            var record = source[name.Entry];
            if (record.Links > 1)
                First(onSource, record.Inode, name.Entry);
            if (name.Inode != 0)
                First(inCopy, name.Inode, name.Entry);
        }

        for (var i = 0; i < names.Count; i++)
        {
            var name = names[i];
            var record = source[name.Entry];
            var there = record.Links > 1 ? onSource[record.Inode] : name.Entry;
            var here = name.Inode != 0 ? inCopy[name.Inode] : name.Entry;
            if (there != here)
                report.Add(name.Entry, DifferenceKind.HardLink, Describe(there, name.Entry), Describe(here, name.Entry));
            else if (there != name.Entry)
                aliases[name.Entry] = true;
        }
    }

    /// <summary>Another name of a file whose first name stands for it on both sides.</summary>
    public bool IsAlias(int entry) => aliases[entry];

    private static void First(Dictionary<ulong, int> firsts, ulong inode, int entry)
    {
        if (!firsts.TryGetValue(inode, out var first) || entry < first)
            firsts[inode] = entry;
    }

    private string Describe(int first, int entry) =>
        first == entry ? "the first name of its file" : $"another name of {source.TextOf(first)}";

    private struct CopyName
    {
        public int Entry;
        public ulong Inode;
    }
}
