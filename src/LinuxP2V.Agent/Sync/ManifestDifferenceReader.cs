using System.Text;
using LinuxP2V.Agent.Listing;
using LinuxP2V.Agent.Platform;

namespace LinuxP2V.Agent.Sync;

/// <summary>
/// Takes the records of the earlier list as they are streamed and finds each one's place in the new list. An object is
/// known by its inode and type: a directory that was renamed is followed, and what is in it is at its place then.
/// </summary>
/// <param name="isDepthFirst">
/// What is in a directory comes behind it at once, as find lists; else any directory may be asked for at any time.
/// </param>
internal sealed class ManifestDifferenceReader(ManifestDifference difference, SyncRules rules, bool isDepthFirst)
{
    private readonly Manifest manifest = difference.Manifest;
    private readonly List<Frame> open = [];
    private readonly Dictionary<string, Frame> all = new(StringComparer.Ordinal);
    private readonly List<GuessedMove> guesses = [];
    private Dictionary<ulong, int>? directories;
    private int lastPlace = Manifest.Root;

    /// <summary>Records so far.</summary>
    public long Count { get; private set; }

    /// <summary>One record, a directory before what is in it.</summary>
    public void Add(ReadOnlySpan<byte> path, in ManifestRecord record)
    {
        Count++;
        if (path.IsEmpty)
        {
            Enter(new Frame([], null, Manifest.Root, GoneOrMovedEntries.Root));
            difference[Manifest.Root] = rules.Compare(record, manifest[Manifest.Root]);
        }
        else if (FindFrame(path[..Math.Max(0, path.LastIndexOf((byte)'/'))]) is { } frame)
        {
            if (!rules.IsLeftAlone(path) || manifest.Find(path) >= 0)
                Place(frame, path, record);
            else if (SyncRules.IsLostAndFound(path) && record.Type == EntryType.Directory)
                Enter(new Frame(path.ToArray(), frame, GoneOrMovedEntries.None, AddStaying(frame, path, record)));
        }
    }

    /// <summary>After the last record: guesses are settled, and files that moved are found.</summary>
    public void Complete()
    {
        foreach (var guess in guesses)
        {
            // A new directory may have got the inode of one that is gone: then nothing in it is what was in that.
            if (guess.Children == 0 && !difference.Departed.HasTimeOf(guess.Row, manifest[guess.Entry]))
            {
                difference.Departed.SetSuccessor(guess.Row, GoneOrMovedEntries.None);
                difference[guess.Entry] = EntryState.New;
            }
        }

        MovedFiles.Find(difference, rules);
        Settle();
    }

    /// <summary>A folder that the source has no more and the copy keeps: what was in it goes.</summary>
    private int AddStaying(Frame frame, ReadOnlySpan<byte> path, in ManifestRecord record) =>
        difference.Departed.Add(RowOf(frame), path, record, isGone: false, GoneOrMovedEntries.None);

    private void Place(Frame frame, ReadOnlySpan<byte> path, in ManifestRecord record)
    {
        var name = path[(frame.Path.Length == 0 ? 0 : frame.Path.Length + 1)..];
        var place = frame.Entry < 0 ? GoneOrMovedEntries.None : manifest.Find(frame.Entry, name, guess: lastPlace + 1);
        if (place >= 0)
            lastPlace = place;

        // Something may have moved there by then, where a directory was listed twice.
        if (place >= 0 && rules.IsSameObject(record, manifest[place]) && !difference.Has(place, EntryState.Moved))
        {
            difference[place] = rules.Compare(record, manifest[place]);
            if (frame.Guess is { } parentGuess)
                parentGuess.Children++;

            if (record.Type == EntryType.Directory)
                Enter(new Frame(path.ToArray(), frame, place, GoneOrMovedEntries.None));

            return;
        }

        var row = difference.Departed.Add(RowOf(frame), name, record, isGone: true, place);
        difference.MarkNames(frame.Entry);
        if (record.Type == EntryType.Directory)
            Enter(new Frame(path.ToArray(), frame, GoneOrMovedEntries.None, row, GuessMove(row, record)));
    }

    private GuessedMove? GuessMove(int row, in ManifestRecord record)
    {
        if (!rules.HasInodes || FindMovedDirectory(record) is not (var entry and >= 0))
            return null;

        difference[entry] = rules.Compare(record, manifest[entry]) | EntryState.Moved;
        difference.Departed.SetSuccessor(row, entry);
        var guess = new GuessedMove(row, entry);
        guesses.Add(guess);
        return guess;
    }

    /// <returns>The directory that the earlier list's is now; none when it is gone, or that is another one's place.</returns>
    private int FindMovedDirectory(in ManifestRecord record)
    {
        if (directories is null)
        {
            directories = new Dictionary<ulong, int>(manifest.DirectoryCount);
            for (var i = 1; i < manifest.Count; i++)
            {
                // btrfs numbers the root of each subvolume alike, and a mount point shows the number of what is mounted.
                if (manifest.TypeOf(i) == EntryType.Directory && !directories.TryAdd(manifest[i].Inode, i))
                    directories[manifest[i].Inode] = GoneOrMovedEntries.None;
            }
        }

        return
            directories.TryGetValue(record.Inode, out var entry)
            && entry >= 0
            && difference[entry] == EntryState.New
            && !rules.IsLeftAlone(manifest.PathOf(entry))
            ? entry
            : GoneOrMovedEntries.None;
    }

    /// <summary>What stands in another's place, and directories that names came into.</summary>
    private void Settle()
    {
        var departed = difference.Departed;
        for (var row = 0; row < departed.Count; row++)
        {
            if (departed.IsGone(row) && departed.PlaceOf(row) is var place and >= 0 && difference.VerdictOf(place) == EntryState.New)
                difference.SetVerdict(place, EntryState.Replaced);
        }

        for (var entry = 1; entry < manifest.Count; entry++)
        {
            if (difference.VerdictOf(entry) is EntryState.New or EntryState.Replaced || difference.Has(entry, EntryState.Moved))
                difference.MarkNames(manifest.ParentOf(entry));
        }
    }

    /// <returns>null when the list never named that directory.</returns>
    private Frame? FindFrame(ReadOnlySpan<byte> directory)
    {
        if (!isDepthFirst)
            return all.GetValueOrDefault(Encoding.Latin1.GetString(directory));

        for (var i = open.Count - 1; i >= 0; i--)
        {
            if (directory.SequenceEqual(open[i].Path))
            {
                open.RemoveRange(i + 1, open.Count - i - 1);
                return open[i];
            }
        }

        return null;
    }

    private void Enter(Frame frame)
    {
        if (isDepthFirst)
            open.Add(frame);
        else
            all[Encoding.Latin1.GetString(frame.Path)] = frame;
    }

    /// <summary>A directory that stays has a row only once something in it has one.</summary>
    private int RowOf(Frame frame)
    {
        if (frame.Row < 0 && frame.Parent is { } parent)
        {
            var name = frame.Path.AsSpan(parent.Path.Length == 0 ? 0 : parent.Path.Length + 1);
            frame.Row = difference.Departed.Add(RowOf(parent), name, manifest[frame.Entry], isGone: false, GoneOrMovedEntries.None);
        }

        return frame.Row;
    }

    /// <summary>A directory of the earlier list.</summary>
    private sealed class Frame(byte[] path, Frame? parent, int entry, int row, GuessedMove? guess = null)
    {
        public byte[] Path => path;

        public Frame? Parent => parent;

        /// <summary>What it is in the new list; negative when it is gone.</summary>
        public int Entry => guess?.Entry ?? entry;

        public int Row { get; set; } = row;

        public GuessedMove? Guess => guess;
    }

    private sealed class GuessedMove(int row, int entry)
    {
        public int Row => row;

        public int Entry => entry;

        /// <summary>Entries of it that are in it still.</summary>
        public int Children { get; set; }
    }
}
