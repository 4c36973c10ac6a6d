using LinuxP2V.Agent.Events;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Agent.Storage;

/// <summary>The destination VM's disks, as a session needs them.</summary>
internal interface ITargetStorage
{
    /// <summary>Builds and mounts, or only activates and mounts what the same conversion has built before.</summary>
    Task<MountedTarget> PrepareAsync(string conversionId, TargetLayout layout, IEventSink sink, CancellationToken cancellationToken);

    /// <summary>Unmounts and deactivates.</summary>
    Task ReleaseAsync(MountedTarget target, IEventSink sink, CancellationToken cancellationToken);

    /// <summary>
    /// Unmounts a volume, has its device written over, checks the file system and mounts it where it was. When that
    /// fails the volume is made anew, empty. The journal outlives it, but for the moment in which the root volume is
    /// written: nothing else may be worth keeping then.
    /// </summary>
    /// <exception cref="AgentException">CopyFailed: the file system is damaged; MountFailed; what writing throws.</exception>
    Task OverwriteAsync(
        MountedTarget target,
        TargetVolume volume,
        Func<CancellationToken, Task> writeAsync,
        IEventSink sink,
        CancellationToken cancellationToken
    );

    /// <summary>Writes the finished marker and drops the journal.</summary>
    Task MarkFinishedAsync(MountedTarget target, IEventSink sink, CancellationToken cancellationToken);
}
