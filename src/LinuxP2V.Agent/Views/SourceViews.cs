using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Source;
using LinuxP2V.Agent.Streams;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Views;

/// <summary>Opens the view that a volume is read by: as it runs, or of one moment where that was asked for and can be had.</summary>
internal static class SourceViews
{
    /// <summary>
    /// Opens a view, acts with it, and takes it away again in every case. What it gives back was read from a view
    /// that held to the end.
    /// </summary>
    /// <param name="sharing">How many volumes may be open at once.</param>
    /// <exception cref="AgentException">SnapshotFailed; SnapshotOverflow while it acts; what it throws itself.</exception>
    public static async Task<T> UseAsync<T>(
        ICopyStreams streams,
        TargetVolume volume,
        string conversionId,
        int sharing,
        IEventSink sink,
        Func<ISourceView, CancellationToken, Task<T>> actAsync,
        CancellationToken cancellationToken
    )
    {
        var tools = await streams.ReadToolsAsync(cancellationToken);
        var live = new LiveView(tools, volume);
        if (!streams.Options.Snapshot)
            return await actAsync(live, cancellationToken);

        if (
            await OpenAsync(streams, tools, volume, SnapshotName.Of(conversionId, volume.Id), sharing, cancellationToken)
            is not { } snapshot
        )
        {
            sink.Warning($"{volume.Id} is neither on LVM nor btrfs on the source: it is read while it runs, not from a snapshot.");
            return await actAsync(live, cancellationToken);
        }

        sink.Information($"{volume.Id} is read from a snapshot that was made for it on {streams.Source.Name}.");
        await using (snapshot)
        {
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var acting = actAsync((ISourceView)snapshot, ending.Token);
            if (await Task.WhenAny(acting, snapshot.Broken) != acting)
                await ending.CancelAsync();

            await ((Task)acting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var end = await snapshot.EndAsync();
            if (end.IsRemoved)
                sink.Information($"The snapshot of {volume.Id} is removed.");
            else
                sink.Warning(
                    $"The snapshot of {volume.Id} ({snapshot.Name}) may still be on {streams.Source.Name}: "
                        + "it removes itself once it sees that its connection is gone, or the next run removes it."
                );

            // Else what a lost snapshot did to the reading would be told as a failure of its own.
            if (end.Broken is { } broken && !cancellationToken.IsCancellationRequested)
                throw broken;

            return await acting;
        }
    }

    private static async Task<ISnapshot?> OpenAsync(
        ICopyStreams streams,
        SourceTools tools,
        TargetVolume volume,
        SnapshotName name,
        int sharing,
        CancellationToken cancellationToken
    )
    {
        var isBtrfs = volume.FileSystem.Kind == FileSystemKind.Btrfs;
        var device = await MountedFrom.ReadAsync(streams, volume, cancellationToken);
        if (device is null)
            return null;

        var told = isBtrfs ? "" : (await streams.AskAsync(LvmVolume.Script(device), cancellationToken)).Output;
        if (told.Trim() == LvmVolume.Untold)
        {
            throw new AgentException(
                ErrorIds.SnapshotFailed,
                $"{volume.Id} is on LVM, but lvs on {streams.Source.Name} tells nothing of it.",
                "Try 'lvs' as root on the source, or copy without a snapshot."
            );
        }

        var lvm = LvmVolume.Parse(told);
        if (!isBtrfs && lvm is null)
            return null;

        if (tools.BindFolder is null)
        {
            throw new AgentException(
                ErrorIds.SnapshotFailed,
                $"{streams.Source.Name} cannot mount a snapshot of {volume.Id} privately (no unshare).",
                "Install util-linux on the source, or copy without a snapshot."
            );
        }

        return lvm is null
            ? await BtrfsSnapshot.CreateAsync(streams, tools, volume, device, name, cancellationToken)
            : await LvmSnapshot.CreateAsync(streams, tools, volume, lvm, name, sharing, cancellationToken);
    }
}
