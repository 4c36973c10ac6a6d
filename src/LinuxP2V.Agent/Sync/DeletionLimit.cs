using System.Globalization;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Listing;
using LinuxP2V.Agent.Volumes;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Sync;

/// <summary>
/// Stops a pass that would take a large part of a volume out of the copy: a source that is damaged, or not wholly mounted,
/// looks like one whose files were deleted.
/// </summary>
internal static class DeletionLimit
{
    /// <summary>Of the entries that the copy has.</summary>
    private const double MostShare = 0.3;

    /// <summary>So few may go whatever their share is: a small volume changes as a whole.</summary>
    private const int AlwaysAllowed = 100;

    private const int NamedPaths = 5;

    /// <param name="gone">Rows that are to be taken out; a folder before what is in it.</param>
    /// <param name="entries">That the copy has.</param>
    /// <param name="remains">What the copy is like when the pass ends here: a sentence.</param>
    /// <exception cref="AgentException">MassDeletion.</exception>
    public static void Ensure(VolumeWork work, GoneOrMovedEntries gone, IReadOnlyCollection<int> rows, long entries, string remains)
    {
        if (work.Streams.Options.AllowMassDeletion || rows.Count <= AlwaysAllowed || rows.Count <= entries * MostShare)
            return;

        var named = rows.Take(NamedPaths).Select(row => "/" + PrintedName.ForPeople(gone.PathOf(row)));
        throw new AgentException(
            ErrorIds.MassDeletion,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{rows.Count} of the {entries} entries of {work.Volume.Id} ({100.0 * rows.Count / entries:0} %) are gone from "
            ) + $"{work.Streams.Source.Name}, and the pass would delete them from the copy: {string.Join(", ", named)} and others.",
            $"Look whether all of {work.Volume.MountPoint} is there on the source. If they are meant to go, synchronise with "
                + $"-AllowMassDeletion. {remains}"
        );
    }
}
