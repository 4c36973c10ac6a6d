using System.Text;
using System.Text.Json;
using LinuxP2V.Agent.Events;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Storage;

/// <summary>The journal file on the copy's root volume. Thread safe: streams of several volumes report at once.</summary>
internal sealed class TargetJournal : ITargetJournal
{
    /// <summary>Below the root volume's own root.</summary>
    public const string Folder = ".linuxp2v";

    private const string FileName = "journal.jsonl";

    private readonly Lock gate = new();
    private readonly string file;
    private readonly HashSet<string> complete = new(StringComparer.Ordinal);
    private readonly HashSet<string> overwriting = new(StringComparer.Ordinal);
    private readonly HashSet<string> altered = new(StringComparer.Ordinal);

    private TargetJournal(string file, JournalEntry prepared)
    {
        this.file = file;
        ConversionId = prepared.ConversionId ?? "";
        LayoutHash = prepared.LayoutHash ?? "";
        Volumes = prepared.Volumes ?? [];
    }

    public string ConversionId { get; }

    public string LayoutHash { get; }

    public IReadOnlyList<string> Volumes { get; }

    public bool IsReconfigured { get; private set; }

    public bool IsSynchronizing { get; private set; }

    /// <summary>Every file system was copied once: what is here cost hours and is not formatted over.</summary>
    public bool HoldsWholeCopy => IsReconfigured || (Volumes.Count > 0 && Volumes.All(IsVolumeComplete));

    /// <summary>Starts the journal of a new copy.</summary>
    public static TargetJournal Create(string rootVolume, string conversionId, string layoutHash, IReadOnlyList<string> volumes)
    {
        Directory.CreateDirectory(
            Path.Combine(rootVolume, Folder),
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        );
        var entry = new JournalEntry
        {
            Kind = JournalEntryKind.Prepared,
            ConversionId = conversionId,
            LayoutHash = layoutHash,
            Volumes = volumes,
        };
        var journal = new TargetJournal(FileOf(rootVolume), entry);
        File.Delete(journal.file);
        journal.Append(entry);
        return journal;
    }

    /// <returns>Null when the volume holds no journal that was begun properly.</returns>
    public static TargetJournal? Open(string rootVolume)
    {
        var file = FileOf(rootVolume);
        if (!File.Exists(file))
        {
            return null;
        }

        TargetJournal? journal = null;
        foreach (var line in File.ReadLines(file))
        {
            if (Parse(line) is not { } entry)
            {
                continue;
            }

            if (entry.Kind == JournalEntryKind.Prepared)
            {
                journal = new TargetJournal(file, entry);
            }
            else
            {
                journal?.Replay(entry);
            }
        }

        return journal;
    }

    public bool IsVolumeComplete(string volumeId)
    {
        lock (gate)
        {
            return complete.Contains(volumeId);
        }
    }

    public void MarkVolumeComplete(string volumeId, long bytes, long files) =>
        Append(
            new JournalEntry
            {
                Kind = JournalEntryKind.VolumeComplete,
                VolumeId = volumeId,
                Bytes = bytes,
                Files = files,
            }
        );

    /// <summary>Whether a run broke off while it wrote the volume's device over: there is no file system on it.</summary>
    public bool IsOverwriting(string volumeId)
    {
        lock (gate)
        {
            return overwriting.Contains(volumeId);
        }
    }

    public void MarkOverwriting(string volumeId) =>
        Append(new JournalEntry { Kind = JournalEntryKind.VolumeOverwriting, VolumeId = volumeId });

    /// <summary>The volume holds a file system again, with or without files.</summary>
    public void MarkOverwritten(string volumeId) =>
        Append(new JournalEntry { Kind = JournalEntryKind.VolumeOverwritten, VolumeId = volumeId });

    /// <summary>Writes all of it anew, into a root volume that was written over.</summary>
    /// <param name="text">As <see cref="ReadText"/> gave it before.</param>
    public void Restore(string text)
    {
        var folder = Path.GetDirectoryName(file)!;
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);

        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        using var stream = new FileStream(file, FileMode.Create, FileAccess.Write);
        stream.Write(Encoding.UTF8.GetBytes(text));
        stream.Flush(flushToDisk: true);
    }

    public string ReadText() => File.ReadAllText(file);

    public bool IsAltered(string volumeId)
    {
        lock (gate)
        {
            return altered.Contains(volumeId);
        }
    }

    public void MarkReconfiguring() => Append(new JournalEntry { Kind = JournalEntryKind.Reconfiguring });

    public void MarkReconfigured() => Append(new JournalEntry { Kind = JournalEntryKind.Reconfigured });

    public void MarkSynchronizing() => Append(new JournalEntry { Kind = JournalEntryKind.Synchronizing });

    public void MarkVolumeSynchronized(string volumeId) =>
        Append(new JournalEntry { Kind = JournalEntryKind.VolumeSynchronized, VolumeId = volumeId });

    public void MarkSynchronized() => Append(new JournalEntry { Kind = JournalEntryKind.Synchronized });

    private void Append(JournalEntry entry)
    {
        var line = JsonSerializer.Serialize(entry with { Time = DateTimeOffset.UtcNow }, JournalJson.Default.JournalEntry);
        lock (gate)
        {
            try
            {
                using var stream = new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
                // A power cut may have left half a line: the next one must not hang on to it.
                var isTorn = stream.Length > 0 && LastByte(stream) != '\n';
                stream.Seek(0, SeekOrigin.End);
                stream.Write(Encoding.UTF8.GetBytes($"{(isTorn ? "\n" : "")}{line}\n"));
                stream.Flush(flushToDisk: true);
            }
            catch (IOException exception)
            {
                throw new AgentException(
                    new ErrorDescription(
                        ErrorIds.TargetDiskFull,
                        "The copy's journal could not be written to its root volume.",
                        "Plan a larger root volume and run the conversion again.",
                        exception.Message
                    ),
                    exception
                );
            }

            Replay(entry);
        }
    }

    private void Replay(JournalEntry entry)
    {
        switch (entry.Kind)
        {
            case JournalEntryKind.VolumeOverwriting when entry.VolumeId is { } id:
                overwriting.Add(id);
                break;
            case JournalEntryKind.VolumeOverwritten when entry.VolumeId is { } id:
                overwriting.Remove(id);
                break;
            case JournalEntryKind.VolumeComplete when entry.VolumeId is { } id:
                complete.Add(id);
                break;
            case JournalEntryKind.Reconfiguring:
                altered.UnionWith(Volumes);
                break;
            case JournalEntryKind.Reconfigured:
                altered.UnionWith(Volumes);
                IsReconfigured = true;
                break;
            case JournalEntryKind.Synchronizing:
                (IsReconfigured, IsSynchronizing) = (false, true);
                break;
            case JournalEntryKind.VolumeSynchronized when entry.VolumeId is { } id:
                altered.Remove(id);
                break;
            case JournalEntryKind.Synchronized:
                IsSynchronizing = false;
                break;
        }
    }

    private static int LastByte(FileStream stream)
    {
        stream.Seek(-1, SeekOrigin.End);
        return stream.ReadByte();
    }

    private static JournalEntry? Parse(string line)
    {
        try
        {
            return line.Length == 0 ? null : JsonSerializer.Deserialize(line, JournalJson.Default.JournalEntry);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string FileOf(string rootVolume) => Path.Combine(rootVolume, Folder, FileName);
}
