using LinuxP2V.Agent.Events;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Volumes;

/// <summary>Brings one volume over, whole.</summary>
internal interface IVolumeCopier
{
    /// <returns>Once all of it is on the disk.</returns>
    /// <exception cref="AgentException">
    /// SourceConnectionLost, TargetDiskFull, CopyFailed: what was copied stays, the next call goes on from there.
    /// </exception>
    Task<VolumeCopyResult> CopyAsync(VolumeWork work, CancellationToken cancellationToken);
}

/// <param name="Bytes">Of file data.</param>
/// <param name="Files">Of every type.</param>
internal sealed record VolumeCopyResult(long Bytes, long Files, TimeSpan Duration);

/// <summary>Brings over what changed on the source since the last pass.</summary>
internal interface IVolumeSynchronizer
{
    /// <exception cref="AgentException">As at the copy; the pass is then done again from its beginning.</exception>
    Task<VolumeSyncedEvent> SyncAsync(VolumeWork work, CancellationToken cancellationToken);
}

/// <summary>Compares a volume with its source. Differences go to the sink as they are found.</summary>
internal interface IVolumeVerifier
{
    /// <param name="samplePercent">Of the files' contents: above 0, to 100.</param>
    Task<VolumeVerifiedEvent> VerifyAsync(VolumeWork work, double samplePercent, CancellationToken cancellationToken);
}
