using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Volumes;

namespace LinuxP2V.Agent.Copy;

/// <summary>
/// Remembers of a copy that entries did not come which its list has: should one be back, with nothing to show that it was
/// gone, the first pass must find that out.
/// </summary>
internal sealed class WatchedCopier(IVolumeCopier inner) : IVolumeCopier
{
    /// <inheritdoc/>
    public Task<VolumeCopyResult> CopyAsync(VolumeWork work, CancellationToken cancellationToken) =>
        inner.CopyAsync(work with { Sink = new IncidentWatch(work.Sink, new PassRecord(work.Record).SetInDoubt) }, cancellationToken);
}
