using System.Text;
using LinuxP2V.Agent.Platform;

namespace LinuxP2V.Agent.Listing;

/// <summary>
/// All entries of one volume as the source listed them, the root first and each directory before what is in it. Compact:
/// a row of 80 bytes, the bare name and a place in the index for each, so that ten million fit into a helper. Entries are known by their
/// number. Built by one thread, then read by any.
/// </summary>
internal sealed class Manifest
{
    /// <summary>The root directory's number.</summary>
    public const int Root = 0;

    private const int AllocationUnit = 512;
    private const long Second = 1_000_000_000;

    private readonly ChunkedList<Row> rows = new();
    private readonly NameStore names = new();
    private readonly NameIndex index;
    private byte[] lastParentPath = [];
    private int lastParent;

    public Manifest() => index = new NameIndex(this);

    public int Count => rows.Count;

    /// <summary>Of all files' data, a file with several names counted once.</summary>
    public long TotalBytes { get; private set; }

    public int DirectoryCount { get; private set; }

    /// <summary>
    /// Adds an entry; a name that is there already, which a source in motion may list twice, takes the newer record. But a
    /// directory stays one: what was listed in it has it as its place.
    /// </summary>
    /// <param name="path">From the volume's root, without a slash before it; empty for the root, which comes first.</param>
    /// <returns>Its number; -1 when its directory was not listed, as one that appeared in between.</returns>
    /// <exception cref="InvalidDataException">The first entry is not the root, or a name is longer than any can be.</exception>
    public int Add(ReadOnlySpan<byte> path, in ManifestRecord record)
    {
        if (rows.Count == 0)
        {
            if (!path.IsEmpty || record.Type != EntryType.Directory)
                throw new InvalidDataException("A manifest begins with the volume's root.");

            return Append(-1, path, record);
        }

        var slash = path.LastIndexOf((byte)'/');
        var parent = slash < 0 ? Root : FindParent(path[..slash]);
        if (parent < 0 || rows[parent].Type != EntryType.Directory || path.IsEmpty)
            return -1;

        var name = path[(slash + 1)..];
        if (name.Length > EntryPath.LongestName)
            throw new InvalidDataException($"The list of files holds a name of {name.Length} bytes.");

        if (index.Find(parent, name) is var known and >= 0)
        {
            if (rows[known].Type == EntryType.Directory && record.Type != EntryType.Directory)
                return known;

            Tally(known, -1);
            Set(known, record);
            return known;
        }

        return Append(parent, name, record);
    }

    public ManifestRecord this[int entry]
    {
        get
        {
            ref var row = ref rows[entry];
            return new ManifestRecord(
                row.Type,
                row.Mode,
                row.Owner,
                row.Group,
                row.Links,
                row.Inode,
                row.Size,
                (long)row.AllocatedUnits * AllocationUnit,
                Time(row.ModifySeconds, row.ModifyFraction),
                Time(row.ChangeSeconds, row.ChangeFraction)
            );
        }
    }

    public EntryType TypeOf(int entry) => rows[entry].Type;

    /// <summary>Number of the directory that it is in; -1 for the root.</summary>
    public int ParentOf(int entry) => rows[entry].Parent;

    public ReadOnlySpan<byte> NameOf(int entry)
    {
        ref var row = ref rows[entry];
        return names.Get(row.Name, row.NameLength);
    }

    /// <summary>From the volume's root, without a slash before it; empty for the root.</summary>
    public byte[] PathOf(int entry)
    {
        var length = 0;
        for (var i = entry; i != Root; i = rows[i].Parent)
            length += rows[i].NameLength + 1;

        if (length == 0)
            return [];

        var path = new byte[length - 1];
        var end = path.Length;
        for (var i = entry; i != Root; i = rows[i].Parent)
        {
            var name = NameOf(i);
            end -= name.Length;
            name.CopyTo(path.AsSpan(end));
            if (end > 0)
                path[--end] = (byte)'/';
        }

        return path;
    }

    /// <summary>For people; bytes that are no UTF-8 show as such.</summary>
    public string TextOf(int entry) => Encoding.UTF8.GetString(PathOf(entry));

    /// <returns>The entry's number; -1 when there is none.</returns>
    public int Find(ReadOnlySpan<byte> path)
    {
        var entry = Root;
        while (!path.IsEmpty && entry >= 0)
        {
            var slash = path.IndexOf((byte)'/');
            entry = index.Find(entry, slash < 0 ? path : path[..slash]);
            path = slash < 0 ? [] : path[(slash + 1)..];
        }

        return rows.Count == 0 ? -1 : entry;
    }

    /// <returns>The entry of that name in that directory; -1 when there is none.</returns>
    public int Find(int directory, ReadOnlySpan<byte> name) => index.Find(directory, name);

    /// <summary>For one list after another that was made in the same order: each entry follows the one before it in both.</summary>
    /// <param name="guess">What it may well be; any number.</param>
    /// <returns>The entry of that name in that directory; -1 when there is none.</returns>
    public int Find(int directory, ReadOnlySpan<byte> name, int guess) =>
        guess > Root && guess < rows.Count && IsCalled(guess, directory, name) ? guess : index.Find(directory, name);

    /// <summary>Whether an entry is in that directory under that name.</summary>
    public bool IsCalled(int entry, int directory, ReadOnlySpan<byte> name)
    {
        ref var row = ref rows[entry];
        return row.Parent == directory && row.NameLength == name.Length && names.Get(row.Name, row.NameLength).SequenceEqual(name);
    }

    /// <summary>Most entries follow one of the same directory: the walk from the root is for the others.</summary>
    private int FindParent(ReadOnlySpan<byte> path)
    {
        if (!lastParentPath.AsSpan().SequenceEqual(path))
            (lastParent, lastParentPath) = (Find(path), path.ToArray());

        return lastParent;
    }

    private int Append(int parent, ReadOnlySpan<byte> name, in ManifestRecord record)
    {
        var entry = rows.Count;
        rows.Add(
            new Row
            {
                Parent = parent,
                Name = names.Add(name),
                NameLength = checked((ushort)name.Length),
            }
        );
        Set(entry, record);
        if (entry != Root)
            index.Add(entry, parent, name);

        return entry;
    }

    private void Set(int entry, in ManifestRecord record)
    {
        ref var row = ref rows[entry];
        row.Type = record.Type;
        row.Mode = record.Mode;
        row.Owner = record.Owner;
        row.Group = record.Group;
        row.Links = record.Links;
        row.Inode = record.Inode;
        row.Size = record.Size;
        row.AllocatedUnits = (ulong)(record.AllocatedBytes / AllocationUnit);
        (row.ModifySeconds, row.ModifyFraction) = Split(record.ModifyTime);
        (row.ChangeSeconds, row.ChangeFraction) = Split(record.ChangeTime);
        Tally(entry, 1);
    }

    private static Nanoseconds Time(long seconds, uint fraction) => ((Nanoseconds)seconds * Second) + fraction;

    private static (long Seconds, uint Fraction) Split(Nanoseconds time)
    {
        // Most are after 1970 and before 2262: a division of 64 bits is ten times as fast.
        if (time >= 0 && time <= long.MaxValue)
            return ((long)time / Second, (uint)((long)time % Second));

        var (seconds, fraction) = Nanoseconds.DivRem(time, Second);
        return fraction < 0 ? ((long)seconds - 1, (uint)(fraction + Second)) : ((long)seconds, (uint)fraction);
    }

    private void Tally(int entry, int sign)
    {
        ref var row = ref rows[entry];
        if (row.Type == EntryType.Directory)
            DirectoryCount += sign;
        else if (row.Type == EntryType.File)
            TotalBytes += sign * (row.Size / Math.Max(1, row.Links));
    }

    private struct Row
    {
        public long Name;
        public long Size;
        public long ModifySeconds;
        public long ChangeSeconds;
        public ulong Inode;
        public ulong AllocatedUnits;
        public int Parent;
        public uint Owner;
        public uint Group;
        public uint Links;
        public uint ModifyFraction;
        public uint ChangeFraction;
        public ushort Mode;
        public ushort NameLength;
        public EntryType Type;
    }
}
