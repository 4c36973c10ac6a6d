using LinuxP2V.Agent.Listing;
using LinuxP2V.Agent.Volumes;

namespace LinuxP2V.Agent.Copy.Files;

/// <inheritdoc cref="IEntryTransfer"/>
internal sealed class EntryTransfer(TransferSettings? settings = null) : IEntryTransfer
{
    public async Task<TransferResult> TransferAsync(
        VolumeWork work,
        Manifest manifest,
        IReadOnlyList<int> entries,
        CancellationToken cancellationToken
    )
    {
        if (entries.Count == 0)
            return new TransferResult(0, 0);

        var run = await TransferRun.PrepareAsync(work, manifest, entries, settings ?? new TransferSettings(), cancellationToken);
        return await run.RunAsync(new Dictionary<int, FinishedUnit>(), null, cancellationToken);
    }
}
