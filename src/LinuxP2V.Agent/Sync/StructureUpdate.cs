using System.Globalization;
using System.Text;
using LinuxP2V.Agent.Events;

namespace LinuxP2V.Agent.Sync;

/// <summary>
/// Makes the copy's names those of the new list: what moved, moves; what is gone, goes. All that moves is laid aside first,
/// so that swapped names and chains of them need no order.
/// </summary>
/// <param name="mayDelete">The source's list is whole: what it does not name is gone.</param>
internal sealed class StructureUpdate(ManifestDifference difference, TargetFolder folder, bool mayDelete)
{
    /// <summary>In the volume's root while names change.</summary>
    public const string AsideName = ".linuxp2v-moved";

    private static readonly byte[] Aside = Encoding.ASCII.GetBytes(AsideName);

    private readonly GoneOrMovedEntries departed = difference.Departed;

    /// <summary>Entries of the source that were taken out of the copy.</summary>
    public long Deleted { get; private set; }

    /// <summary>Something that should have been there was not: the copy is not what the earlier list says.</summary>
    public bool IsInDoubt { get; private set; }

    /// <exception cref="AgentException">CopyFailed, TargetDiskFull.</exception>
    public void Apply(CancellationToken cancellationToken)
    {
        // What a broken pass left aside is brought over again.
        folder.RemoveTree(Aside);
        var moved = new List<(int Row, int Entry)>();
        for (var row = 0; row < departed.Count; row++)
        {
            if (departed.SuccessorOf(row) is var entry and >= 0)
                moved.Add((row, entry));
        }

        // From the depths up: each is still where the earlier list has it.
        for (var i = moved.Count - 1; i >= 0; i--)
        {
            cancellationToken.ThrowIfCancellationRequested();
            IsInDoubt |= !folder.Move(departed.PathOf(moved[i].Row), AsideOf(moved[i].Row));
        }

        Delete(cancellationToken);
        moved.Sort((one, other) => one.Entry.CompareTo(other.Entry));
        foreach (var (row, entry) in moved)
        {
            cancellationToken.ThrowIfCancellationRequested();
            folder.Move(AsideOf(row), difference.Manifest.PathOf(entry));
        }

        folder.RemoveTree(Aside);
    }

    private void Delete(CancellationToken cancellationToken)
    {
        for (var row = departed.Count - 1; row >= 0; row--)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var place = departed.PlaceOf(row);
            if (!departed.IsGone(row) || (place < 0 && !mayDelete))
                continue;

            // A directory that was listed twice: what is there is what is meant to be.
            if (
                place >= 0
                && difference.VerdictOf(place) is not (EntryState.New or EntryState.Replaced)
                && !difference.Has(place, EntryState.Moved)
            )
                continue;

            var isReplaced =
                place >= 0 && difference.VerdictOf(place) == EntryState.Replaced && SyncRules.IsCarried(difference.Manifest.TypeOf(place));
            if (folder.Remove(departed.PathWith(row, AsideOf)) && !isReplaced)
                Deleted++;
        }
    }

    private static byte[] AsideOf(int row) => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{AsideName}/{row}"));
}
