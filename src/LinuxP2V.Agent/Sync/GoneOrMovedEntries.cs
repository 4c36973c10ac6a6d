using LinuxP2V.Agent.Listing;
using LinuxP2V.Agent.Platform;

namespace LinuxP2V.Agent.Sync;

/// <summary>
/// What the earlier list has and the new one has not at its place, or has as something else; and the directories above,
/// as far as their names are needed. Known by number; a directory comes before what is in it.
/// </summary>
internal sealed class GoneOrMovedEntries
{
    /// <summary>The volume's root, as a parent.</summary>
    public const int Root = -1;

    /// <summary>No entry of the new list.</summary>
    public const int None = -1;

    private readonly ChunkedList<Row> rows = new();
    private readonly NameStore names = new();

    public int Count => rows.Count;

    /// <param name="isGone">False for a directory that stays, whose name is needed for what is in it.</param>
    /// <param name="place">The entry that the new list has where this one was.</param>
    public int Add(int parent, ReadOnlySpan<byte> name, in ManifestRecord record, bool isGone, int place)
    {
        rows.Add(
            new Row
            {
                Parent = parent,
                Name = names.Add(name),
                NameLength = checked((ushort)name.Length),
                Inode = record.Inode,
                Size = record.Size,
                ModifyTime = record.ModifyTime,
                Type = record.Type,
                IsGone = isGone,
                Place = place,
                Successor = None,
            }
        );
        return rows.Count - 1;
    }

    public EntryType TypeOf(int row) => rows[row].Type;

    public ulong InodeOf(int row) => rows[row].Inode;

    public int PlaceOf(int row) => rows[row].Place;

    /// <summary>The entry that it is now; <see cref="None"/> for what did not move.</summary>
    public int SuccessorOf(int row) => rows[row].Successor;

    /// <summary>Nothing of the new list is this object.</summary>
    public bool IsGone(int row) => rows[row] is { IsGone: true, Successor: None };

    public bool HasContentsOf(int row, in ManifestRecord record) =>
        rows[row].Type == record.Type && rows[row].Size == record.Size && rows[row].ModifyTime == record.ModifyTime;

    public bool HasTimeOf(int row, in ManifestRecord record) => rows[row].ModifyTime == record.ModifyTime;

    public void SetSuccessor(int row, int entry) => rows[row].Successor = entry;

    /// <summary>From the volume's root, as the earlier list had it.</summary>
    public byte[] PathOf(int row) => Path(row, out _);

    /// <summary>As long as everything that moves lies aside.</summary>
    /// <param name="aside">Where a moved entry lies.</param>
    public byte[] PathWith(int row, Func<int, byte[]> aside)
    {
        var path = Path(row, out var top, stopAtMoved: true);
        return top == Root ? path : [.. aside(top), .. path];
    }

    /// <param name="top">The nearest moved directory above, from which the path then goes on with a slash.</param>
    private byte[] Path(int row, out int top, bool stopAtMoved = false)
    {
        var length = 0;
        for (top = row; top != Root && !(stopAtMoved && top != row && rows[top].Successor != None); top = rows[top].Parent)
            length += rows[top].NameLength + 1;

        var path = new byte[length];
        var end = length;
        for (var i = row; i != top; i = rows[i].Parent)
        {
            var name = names.Get(rows[i].Name, rows[i].NameLength);
            end -= name.Length;
            name.CopyTo(path.AsSpan(end));
            path[--end] = (byte)'/';
        }

        return top == Root ? path[1..] : path;
    }

    private struct Row
    {
        public long Name;
        public long Size;
        public Nanoseconds ModifyTime;
        public ulong Inode;
        public int Parent;
        public int Place;
        public int Successor;
        public ushort NameLength;
        public EntryType Type;
        public bool IsGone;
    }
}
