using LinuxP2V.Agent.Copy.Tar;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Listing;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Agent.Views;
using LinuxP2V.Agent.Volumes;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Copy.Files;

/// <summary>
/// What one command on the source says on standard error. Incidents wait here until the command has come to its end: one
/// that a broken connection ends is run again, and says all of it again.
/// </summary>
internal sealed class SourceMessages(bool seesBelowMounts)
{
    private const int KeptLines = 1000;
    private const int ShownLines = 20;

    private readonly Lock gate = new();
    private readonly List<CopyIncident> incidents = [];
    private readonly List<byte[]> partlyRead = [];
    private readonly List<CopyIncident> shortFiles = [];
    private readonly Dictionary<CopyIncidentKind, int> unnamed = [];
    private readonly List<string> unknown = [];
    private bool hasUnreadable;
    private long absences;

    /// <summary>Something of what was asked for could not be read: it is asked for again.</summary>
    public bool HasUnreadable
    {
        get
        {
            lock (gate)
            {
                return hasUnreadable;
            }
        }
    }

    /// <summary>The last lines that are about no single file.</summary>
    public string LastLines => string.Join(" / ", unknown.TakeLast(4));

    public void OnLine(string line)
    {
        if (TarMessages.IsNoise(line))
            return;

        if (TarMessages.FromSource(line) is { } incident)
        {
            if (TarMessages.IsAbsence(incident))
                absences++;

            // With other file systems in view this is a mount point, which is not meant to come along.
            if (seesBelowMounts || incident.Detail != TarMessages.OtherFileSystem)
                Add(incident);
        }
        else
        {
            // Whatever else tar says may be the reason of a file that did not come.
            if (line.StartsWith(TarMessages.Prefix, StringComparison.Ordinal))
                absences++;

            if (unknown.Count < KeptLines)
                unknown.Add(line);
        }
    }

    public void Add(CopyIncident incident)
    {
        lock (gate)
        {
            if (incident.PartlyRead is { } printed)
            {
                // A name that leads elsewhere is none that tar was asked for.
                var name = printed.AsSpan().StartsWith("./"u8) ? printed[2..] : printed;
                incident = incident with { PartlyRead = name };
                if (!EntryPath.IsInside(name) || name.Length == 0 || partlyRead.Count >= IncidentReporter.Limit)
                {
                    incident = incident with { Kind = CopyIncidentKind.Unreadable };
                }
                else
                {
                    partlyRead.Add(name);
                    if (incident.Kind == CopyIncidentKind.Changed)
                    {
                        shortFiles.Add(incident);
                        return;
                    }
                }
            }

            hasUnreadable |= incident.Kind == CopyIncidentKind.Unreadable;
            // No more than will be named: a million of them would not fit into the helper.
            if (incidents.Count < IncidentReporter.Limit)
                incidents.Add(incident);
            else
                unnamed[incident.Kind] = unnamed.GetValueOrDefault(incident.Kind) + 1;
        }
    }

    /// <summary>
    /// Marks the files that came with zeros in place of what could not be read, and tells those that shrank from those;
    /// all of them are written.
    /// </summary>
    /// <exception cref="AgentException">SourceConnectionLost.</exception>
    public async Task SettlePartlyReadAsync(VolumeWork work, Manifest manifest, CancellationToken cancellationToken)
    {
        foreach (var name in partlyRead)
            UnreadMark.Set(work.TargetPath, name);

        var judged = await ShortFiles.JudgeAsync(work, shortFiles, manifest, cancellationToken);
        lock (gate)
        {
            shortFiles.Clear();
            incidents.AddRange(judged);
            hasUnreadable |= judged.Any(incident => incident.Kind == CopyIncidentKind.Unreadable);
        }
    }

    public void Report(IncidentReporter reporter)
    {
        lock (gate)
        {
            incidents.ForEach(reporter.Report);
            foreach (var (kind, number) in unnamed)
                reporter.CountUnnamed(kind, number);
        }
    }

    private static AgentException LeftOut(VolumeWork work, ShardNames names) =>
        new(
            ErrorIds.SourceAnswerInvalid,
            $"tar on {work.Streams.Source.Name} left out {names.Missing.Count} of the {names.Count} files of {work.Volume.Id} that it was "
                + $"asked for, such as {names.TextOf(names.Missing[0])}, and did not say why.",
            "Look at the tar of the source: whether it is GNU tar itself, and whether somebody replaced it. "
                + "Resume the conversion when that is clear.",
            null
        );

    /// <summary>What the source sent is not what was asked of it.</summary>
    public static AgentException Unexpected(VolumeWork work, UnexpectedArchiveException exception) =>
        new(
            ErrorIds.SourceAnswerInvalid,
            $"tar on {work.Streams.Source.Name} did not send what it was asked for of {work.Volume.Id}: the archive {exception.Reason}.",
            "Nothing of it was written. Look at the tar of the source: whether it is GNU tar itself, and whether somebody replaced it. "
                + "Resume the conversion when that is clear.",
            null
        );

    /// <summary>
    /// tar ends with 1 where files changed. It ends with 2 on a failure, which counts unless it is about files that
    /// were named.
    /// </summary>
    /// <param name="names">What tar was asked for by name; null: for all that there is.</param>
    /// <exception cref="AgentException">VolumeNotFound, CopyFailed, SourceAnswerInvalid.</exception>
    public void Judge(VolumeWork work, int exitCode, TarMeter meter, ShardNames? names = null)
    {
        var (source, volume) = (work.Streams.Source, work.Volume);
        foreach (var line in unknown.Take(ShownLines))
            work.Sink.Warning($"{volume.Id}: the source says: {line}");

        if (exitCode == ISourceView.NotMounted)
            throw UnmountedVolume.Of(work, "resume the conversion, or make a new task without it");

        if (!meter.IsComplete)
        {
            throw new AgentException(
                ErrorIds.CopyFailed,
                $"tar on {source.Name} stopped in the middle of {volume.Id} after {meter.Files} files (exit code {exitCode}).",
                "See what the source says below, put it right, and resume the conversion.",
                LastLines
            );
        }

        int named;
        lock (gate)
        {
            named = incidents.Count + shortFiles.Count;
        }

        if (exitCode is 0 or 1 || (exitCode == 2 && unknown.Count == 0 && named > 0))
        {
            // A tar that never saw the list of names, or that leaves out what it likes, ends well all the same.
            if (names is not null && names.Missing.Count > absences)
                throw LeftOut(work, names);

            return;
        }

        throw new AgentException(
            ErrorIds.CopyFailed,
            $"tar on {source.Name} failed for {volume.Id} with exit code {exitCode} after {meter.Files} files.",
            "See what the source says below, put it right, and resume the conversion.",
            LastLines
        );
    }
}
