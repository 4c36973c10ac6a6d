using System.Globalization;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Agent.Storage;

/// <summary>
/// The copy's storage, active and mounted. Each file system has a mount of its own, beside the others and not inside
/// them, so that what the source hides below a mount point can be written too.
/// </summary>
internal sealed record MountedTarget
{
    public required TargetLayout Layout { get; init; }

    /// <summary>Volume id to the folder where it alone is mounted; swap has none.</summary>
    public required IReadOnlyDictionary<string, string> VolumePaths { get; init; }

    /// <summary>Volume id to block device, swap too: /dev/mapper/vg-root, /dev/sda1.</summary>
    public required IReadOnlyDictionary<string, string> VolumeDevices { get; init; }

    /// <summary>Disk number of the layout to block device: /dev/sda.</summary>
    public required IReadOnlyDictionary<int, string> DiskDevices { get; init; }

    public required ITargetJournal Journal { get; init; }

    /// <summary>What is remembered of a volume's copy, beside the journal.</summary>
    public VolumeRecord RecordOf(TargetVolume volume) =>
        new(
            Path.Combine(
                VolumePaths[Layout.RootVolume().Id],
                TargetJournal.Folder,
                "volumes",
                Layout.Volumes.ToList().IndexOf(volume).ToString(CultureInfo.InvariantCulture)
            )
        );
}

/// <summary>
/// What was done to this copy, kept on the copy's own root volume so that it outlives helper and engine:
/// /.linuxp2v/journal.jsonl, an entry a line, synced as it is written, removed at the finish.
/// </summary>
internal interface ITargetJournal
{
    bool IsVolumeComplete(string volumeId);

    void MarkVolumeComplete(string volumeId, long bytes, long files);

    /// <summary>Since the last sync.</summary>
    bool IsReconfigured { get; }

    /// <summary>The reconfiguration is about to change the volumes, all of them.</summary>
    void MarkReconfiguring();

    void MarkReconfigured();

    /// <summary>Whether a reconfiguration changed it since it was copied or synchronised last.</summary>
    bool IsAltered(string volumeId);

    /// <summary>A sync began and did not end: the volumes may be of two moments.</summary>
    bool IsSynchronizing { get; }

    /// <summary>The copy is not reconfigured from here on: a pass puts the source's files back.</summary>
    void MarkSynchronizing();

    void MarkVolumeSynchronized(string volumeId);

    void MarkSynchronized();
}
