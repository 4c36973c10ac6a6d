using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Services;
using LinuxP2V.Agent.Storage;
using LinuxP2V.Agent.Streams;
using LinuxP2V.Agent.Views;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Agent.Volumes;

/// <summary>One volume that is copied, synchronised or compared, and what that is done with.</summary>
internal sealed record VolumeWork
{
    public required TargetVolume Volume { get; init; }

    /// <summary>Where the copy's volume alone is mounted.</summary>
    public required string TargetPath { get; init; }

    /// <summary>The copy's block device.</summary>
    public required string TargetDevice { get; init; }

    /// <summary>What is remembered of the volume between runs.</summary>
    public required VolumeRecord Record { get; init; }

    /// <summary>
    /// Something else than copy and sync wrote into the copy since, as a reconfiguration does: the next pass looks at
    /// all of it.
    /// </summary>
    public bool IsAltered { get; init; }

    /// <summary>How the source's volume is seen.</summary>
    public required ISourceView View { get; init; }

    /// <summary>Streams to the source, shared by all volumes.</summary>
    public required ICopyStreams Streams { get; init; }

    public required IEventSink Sink { get; init; }

    /// <summary>Mount points of the conversion's other volumes, as the source has them.</summary>
    public IReadOnlySet<string> OtherMountPoints { get; init; } = new HashSet<string>();

    /// <summary>What programs of the source have or had mapped into memory; null: no services were stopped for this pass.</summary>
    public CutoverMaps? Maps { get; init; }

    /// <summary>Lets the copy's device be written over as a whole; null when that cannot be now.</summary>
    public VolumeOverwriter? OverwriteAsync { get; init; }
}

/// <summary>
/// Unmounts the copy's volume, has its device written over, checks the file system and mounts it again; when writing
/// fails, the volume is empty again.
/// </summary>
internal delegate Task VolumeOverwriter(Func<CancellationToken, Task> writeAsync, CancellationToken cancellationToken);
