using System.Globalization;
using LinuxP2V.Agent.Storage;

namespace LinuxP2V.Agent.Volumes;

/// <summary>What is remembered of a volume's passes, so that a broken one is known for what it is.</summary>
internal sealed class PassRecord(VolumeRecord record)
{
    private const string BrokenPrefix = "manifest.broken-";

    /// <summary>The lists that broken passes worked by, any part of which may be in the copy.</summary>
    public IReadOnlyList<string> Broken => Directory.Exists(record.Folder) ? Directory.GetFiles(record.Folder, BrokenPrefix + "*") : [];

    /// <summary>A pass has begun to change the copy and has not ended: the copy is of no one moment.</summary>
    public bool IsOpen => File.Exists(record.NextManifestPath) || Broken.Count > 0;

    /// <summary>The copy may hold something else than the stored list says: the next pass looks for itself.</summary>
    public bool IsInDoubt => File.Exists(DoubtPath);

    private string DoubtPath => Path.Combine(record.Folder, "doubt");

    /// <summary>As soon as it is known: a copy may break off.</summary>
    public void SetInDoubt()
    {
        record.Create();
        using var file = new FileStream(DoubtPath, FileMode.OpenOrCreate, FileAccess.Write);
        file.Flush(flushToDisk: true);
    }

    /// <summary>Makes room for the next list, and keeps that of a broken pass.</summary>
    public void Begin()
    {
        record.Create();
        if (File.Exists(record.NextManifestPath))
        {
            File.Move(
                record.NextManifestPath,
                Path.Combine(record.Folder, string.Create(CultureInfo.InvariantCulture, $"{BrokenPrefix}{DateTime.UtcNow.Ticks}.gz"))
            );
        }
    }

    /// <summary>The pass ends before it has changed anything.</summary>
    public void Abandon() => File.Delete(record.NextManifestPath);

    /// <summary>All that the list says is on the disk.</summary>
    /// <param name="isInDoubt">But for entries that did not come.</param>
    public void Commit(bool isInDoubt)
    {
        if (isInDoubt)
            SetInDoubt();
        else
            File.Delete(DoubtPath);

        File.Move(record.NextManifestPath, record.ManifestPath, overwrite: true);
        foreach (var path in Broken)
            File.Delete(path);
    }
}
