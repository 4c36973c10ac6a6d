using System.Text;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Listing;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Agent.Volumes;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Verify;

/// <summary>
/// Counts a volume's differences and tells them, up to a number that a person can still read. Thread safe. What was read
/// after the source was listed is a suspicion at first: the file may have changed in between.
/// </summary>
internal sealed class DifferenceReport(VolumeWork work, Manifest source, SourceChanges changes, int limit = DifferenceReport.Limit)
{
    public const int Limit = 10_000;

    private readonly Lock gate = new();
    private readonly List<Suspicion> suspects = [];
    private long told;

    /// <summary>Differences that nothing explains.</summary>
    public long Wrong { get; private set; }

    public long ChangedOnSource { get; private set; }

    public bool HasSuspects => suspects.Count > 0;

    public void Add(int entry, DifferenceKind kind, string? onSource, string? inCopy) =>
        Tell(source.PathOf(entry), kind, changes.HasChanged(entry), onSource, inCopy);

    /// <summary>Something in the copy whose name the source does not have.</summary>
    public void AddExtra(ReadOnlySpan<byte> path, EntryType type) =>
        Tell(path, DifferenceKind.Extra, changes.IsGone(path), null, EntryDescription.Type(type));

    public void Suspect(int entry, DifferenceKind kind, string? onSource, string? inCopy)
    {
        if (changes.HasChanged(entry))
        {
            Add(entry, kind, onSource, inCopy);
            return;
        }

        lock (gate)
        {
            // The count must be exact. The text of a difference that is not reported need not be kept.
            suspects.Add(suspects.Count < limit ? new Suspicion(entry, kind, onSource, inCopy) : new Suspicion(entry, kind, null, null));
        }
    }

    /// <param name="isSame">Whether the source still has the entry as it was listed.</param>
    public void Settle(Func<int, bool> isSame)
    {
        foreach (var suspect in suspects)
            Tell(source.PathOf(suspect.Entry), suspect.Kind, !isSame(suspect.Entry), suspect.OnSource, suspect.InCopy);

        suspects.Clear();
    }

    public void Close()
    {
        if (Wrong + ChangedOnSource > told)
            work.Sink.Warning($"{work.Volume.Id}: {Wrong + ChangedOnSource} differences in all; the first {told} are named.");
    }

    private void Tell(ReadOnlySpan<byte> path, DifferenceKind kind, bool isChanged, string? onSource, string? inCopy)
    {
        lock (gate)
        {
            if (isChanged)
                ChangedOnSource++;
            else
                Wrong++;

            if (told == limit)
                return;

            told++;
        }

        var root = work.Volume.MountPoint!.TrimEnd('/');
        work.Sink.Report(
            new DifferenceEvent
            {
                VolumeId = work.Volume.Id,
                Path = path.IsEmpty && root.Length > 0 ? root : $"{root}/{Encoding.UTF8.GetString(path)}",
                Kind = kind,
                ChangedOnSource = isChanged,
                OnSource = onSource,
                InCopy = inCopy,
            }
        );
    }

    private readonly record struct Suspicion(int Entry, DifferenceKind Kind, string? OnSource, string? InCopy);
}
