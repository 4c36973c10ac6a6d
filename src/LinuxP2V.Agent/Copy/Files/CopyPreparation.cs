using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Listing;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Copy.Files;

/// <summary>What a transfer does to the copy before anything is written into it.</summary>
internal sealed class CopyPreparation(TransferContext context, CopyTree tree, IReadOnlyList<int> entries, LinkGroups links)
{
    private readonly Manifest manifest = context.Manifest;

    /// <param name="isUpdate">
    /// The copy is not begun from nothing: what is there may be in the way, and its folders keep their times.
    /// </param>
    /// <param name="halfWritten">
    /// What an earlier run may have left of entries: of a file that is gone from the source since, or that did not fit, it
    /// would take the room that the others need.
    /// </param>
    /// <returns>The folders whose times are to be restored afterwards.</returns>
    /// <exception cref="AgentException">TargetDiskFull, CopyFailed.</exception>
    public async Task<IReadOnlyList<(int Folder, FileStatus Status)>> RunAsync(
        bool isUpdate,
        IEnumerable<int> halfWritten,
        CancellationToken cancellationToken
    )
    {
        var names = WithAllNames();
        if (isUpdate)
            tree.ReadAhead(names, cancellationToken);

        var folders = isUpdate ? tree.RememberFolders(names) : [];
        await tree.PrepareAsync(names, mayBeInTheWay: isUpdate, cancellationToken);
        ReportSockets();
        ReportTimes(cancellationToken);
        foreach (var entry in halfWritten)
            tree.Remove(entry);

        return folders;
    }

    /// <summary>The entries and, of files with several names, those names that nobody asked for.</summary>
    private IReadOnlyList<int> WithAllNames()
    {
        if (entries.Count == manifest.Count)
            return entries;

        var asked = LinkGroups.MarksOf(entries, manifest);
        var more = links.All.SelectMany(group => group.Names).Where(name => !asked[name]).ToList();
        return more.Count == 0 ? entries : [.. entries.Concat(more).Order()];
    }

    private void ReportTimes(CancellationToken cancellationToken)
    {
        using var probe = new TimeProbe(context.Work.TargetPath);
        foreach (var entry in entries)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var time = manifest[entry].ModifyTime;
            if (TimeProbe.IsOrdinary(time) || probe.Holds(time))
                continue;

            context.Incidents.Report(
                new CopyIncident(
                    CopyIncidentKind.NotCarried,
                    "/" + manifest.TextOf(entry),
                    $"its time {TimeText.Of(time)}: the copy's file system holds {TimeText.Of(probe.Kept(time))} instead"
                )
            );
        }
    }

    private void ReportSockets()
    {
        foreach (var entry in entries)
        {
            if (manifest.TypeOf(entry) == EntryType.Socket)
                context.Incidents.Report(new CopyIncident(CopyIncidentKind.NotCarried, "/" + manifest.TextOf(entry), "socket"));
        }
    }
}
