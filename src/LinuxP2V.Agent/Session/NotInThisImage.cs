using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Volumes;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Session;

/// <summary>Stands where a helper is built without a part, and says so.</summary>
internal sealed class NotInThisImage : IVolumeSynchronizer, IVolumeVerifier
{
    public Task<VolumeSyncedEvent> SyncAsync(VolumeWork work, CancellationToken cancellationToken) => throw Missing("bring changes over");

    public Task<VolumeVerifiedEvent> VerifyAsync(VolumeWork work, double samplePercent, CancellationToken cancellationToken) => throw Missing("compare volumes");

    private static AgentException Missing(string what) => new(
        ErrorIds.OperationOutOfOrder,
        $"This helper image cannot {what}.",
        "Use the helper image that belongs to this version of the module.");
}
