using LinuxP2V.Agent.Storage;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Session;

/// <summary>The destination VM's disks, as the session needs them.</summary>
internal interface ITargetStorage
{
    /// <summary>Builds and mounts, or only activates and mounts what the same conversion has built before.</summary>
    Task<MountedTarget> PrepareAsync(string conversionId, TargetLayout layout, IEventSink sink, CancellationToken ct);

    /// <summary>Unmounts and deactivates.</summary>
    Task ReleaseAsync(MountedTarget target, IEventSink sink, CancellationToken ct);

    /// <summary>
    /// Unmounts a volume, has its device written over, checks the file system and mounts it where it was. When that
    /// fails the volume is made anew, empty. The journal outlives it, but for the moment in which the root volume is
    /// written: nothing else may be worth keeping then.
    /// </summary>
    /// <exception cref="AgentException">CopyFailed: the file system is damaged; MountFailed; what writing throws.</exception>
    Task OverwriteAsync(
        MountedTarget target, TargetVolume volume, Func<CancellationToken, Task> writeAsync, IEventSink sink, CancellationToken ct);

    /// <summary>Writes the finished marker and drops the journal.</summary>
    Task MarkFinishedAsync(MountedTarget target, IEventSink sink, CancellationToken ct);
}

/// <summary>Makes the copy boot.</summary>
internal interface IReconfigurer
{
    Task RunAsync(MountedTarget target, ReconfigureOptions options, IEventSink sink, CancellationToken ct);
}

/// <summary>What ends the helper once nobody needs it: the VM's power in the helper, the process alone elsewhere.</summary>
internal interface IPowerSwitch
{
    /// <param name="isFinished">The copy is whole and marked: the last word to the hypervisor says so.</param>
    Task PowerOffAsync(bool isFinished);
}
