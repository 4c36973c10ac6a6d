using LinuxP2V.Agent.Copy.Tar;
using LinuxP2V.Agent.Listing;

namespace LinuxP2V.Agent.Copy.Files;

/// <summary>
/// The names that one tar is asked for, as it reads them, and which of them it has sent: members come in the order in
/// which they were asked for, so what is passed over is missing.
/// </summary>
internal sealed class ShardNames
{
    private readonly Manifest manifest;
    private readonly IReadOnlyList<int> entries;
    private readonly HashSet<int> sent = [];
    private readonly byte[] list;
    private readonly List<int> missing = [];
    private int next;
    private int nextAt;

    public ShardNames(Manifest manifest, IReadOnlyList<int> entries)
    {
        (this.manifest, this.entries) = (manifest, entries);
        using var names = new MemoryStream();
        foreach (var entry in entries)
        {
            // Behind "./" no name passes for an option.
            var path = manifest.PathOf(entry);
            names.Write(path.Length == 0 ? "."u8 : "./"u8);
            names.Write(path);
            names.WriteByte(0);
        }

        list = names.ToArray();
    }

    /// <summary>How many are asked for.</summary>
    public int Count => entries.Count;

    /// <summary>Each with a NUL behind it.</summary>
    public ReadOnlyMemory<byte> List => list;

    /// <summary>Entries that were asked for and did not come; final after <see cref="Complete"/>.</summary>
    public IReadOnlyList<int> Missing => missing;

    /// <summary>An entry's name for people.</summary>
    public string TextOf(int entry) => "/" + manifest.TextOf(entry);

    /// <summary>A member has come.</summary>
    /// <returns>Its entry; -1 when nobody asked for it.</returns>
    public int Pass(ReadOnlySpan<byte> name)
    {
        var at = nextAt;
        for (var i = next; i < entries.Count; i++)
        {
            var length = list.AsSpan(at).IndexOf((byte)0);
            if (list.AsSpan(at, length).SequenceEqual(name))
            {
                Skip(i);
                (next, nextAt) = (i + 1, at + length + 1);
                sent.Add(entries[i]);
                return entries[i];
            }

            at += length + 1;
        }

        return -1;
    }

    /// <summary>Takes a member that must be one that was asked for; as another name of a file, of one that has come.</summary>
    /// <returns>Its entry.</returns>
    /// <exception cref="UnexpectedArchiveException">It is not.</exception>
    public int Accept(in TarMember member)
    {
        var name = member.Name;
        // Before it counts as come itself.
        if (member.Type == '1' && !HasCome(member.LinkName))
            throw new UnexpectedArchiveException(
                $"makes {PrintedName.ForPeople(name)} another name of {PrintedName.ForPeople(member.LinkName)}, which it does not hold"
            );

        var entry = Pass(name);
        return entry >= 0 ? entry : throw new UnexpectedArchiveException($"holds {PrintedName.ForPeople(name)}, which was not asked for");
    }

    /// <summary>No more will come.</summary>
    public void Complete() => Skip(entries.Count);

    private bool HasCome(ReadOnlySpan<byte> name) => name.StartsWith("./"u8) && sent.Contains(manifest.Find(name[2..]));

    private void Skip(int to)
    {
        for (; next < to; next++)
            missing.Add(entries[next]);
    }
}
