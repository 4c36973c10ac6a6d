using LinuxP2V.Agent.Copy.Blocks;
using LinuxP2V.Agent.Copy.Flags;
using LinuxP2V.Agent.Copy.Tar;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Streams;
using LinuxP2V.Agent.Volumes;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Copy;

/// <summary>
/// Decides how a volume is copied: by its used blocks where it keeps still and keeps its size, else by files over all
/// streams at once, else as one tar stream, where the source's tools can do no more.
/// </summary>
internal sealed class VolumeCopier(IVolumeCopier? files = null, IVolumeCopier? oneStream = null) : IVolumeCopier
{
    private readonly IVolumeCopier files = files ?? new FileVolumeCopier();
    private readonly IVolumeCopier oneStream = oneStream ?? new TarVolumeCopier();

    public async Task<VolumeCopyResult> CopyAsync(VolumeWork work, CancellationToken cancellationToken)
    {
        // An entry of the list that did not come may be back later, with nothing to show that it was gone: the first pass
        // of a sync must look for itself.
        work = work with
        {
            Sink = new IncidentWatch(work.Sink, new PassRecord(work.Record).SetInDoubt),
        };
        if (VolumeExclusion.IsLeftOut(work.Volume))
        {
            work.Sink.Warning($"{work.Volume.Id} is left out by an excluded path: its file system stays empty.");
            return new VolumeCopyResult(0, 0, TimeSpan.Zero);
        }

        return await TryBlocksAsync(work, cancellationToken) ?? await CopyFilesAsync(work, cancellationToken);
    }

    /// <returns>Null when its files must be copied.</returns>
    private static async Task<VolumeCopyResult?> TryBlocksAsync(VolumeWork work, CancellationToken cancellationToken)
    {
        var mode = work.Streams.Options.Mode;
        var choice = await BlockChoice.MakeAsync(work, cancellationToken);
        if (choice is { View: { } view, Map: { } map })
        {
            try
            {
                return await BlockVolumeCopier.CopyAsync(work with { View = view }, view, map, cancellationToken);
            }
            catch (AgentException exception)
                when (mode == CopyMode.Auto && exception.Error.Id is ErrorIds.CopyFailed or ErrorIds.MountFailed or ErrorIds.VolumeNotFound)
            {
                // Such as a file system that the helper's own kernel is too old for, or one that was mounted for writing meanwhile.
                work.Sink.Warning(
                    (
                        $"{work.Volume.Id} could not be copied by its used blocks, and is copied file by file: "
                        + $"{exception.Error.Cause} {exception.Error.Detail}"
                    ).TrimEnd()
                );
                return null;
            }
        }

        if (mode == CopyMode.Block && BlockChoice.CanHave(work.Volume))
        {
            throw new AgentException(
                ErrorIds.BlockCopyNotPossible,
                $"The used blocks of {work.Volume.Id} cannot be copied: {choice.Reason}.",
                "Copy its files (-CopyMode Auto or File); or ask for a snapshot (-Snapshot) and leave the volume's size as it is."
            );
        }

        if (mode != CopyMode.File)
            work.Sink.Information($"{work.Volume.Id} is copied file by file: {choice.Reason}.");

        return null;
    }

    private async Task<VolumeCopyResult> CopyFilesAsync(VolumeWork work, CancellationToken cancellationToken)
    {
        var tools = await work.Streams.ReadToolsAsync(cancellationToken);
        VolumeFlags.EnsureTools(work, tools);
        var script = new TarScript(tools, work.View, work.Volume);
        if (script.TakesLists && tools.Lister != ListingTool.None)
            return await files.CopyAsync(work, cancellationToken);

        work.Record.Create();
        work.Sink.Warning(
            $"{work.Volume.Id}: the source's {(script.TakesLists ? "find" : "tar")} can do little: "
                + "the volume comes in one stream, which is slower, and begins anew when it breaks."
        );
        File.Delete(work.Record.ProgressPath);
        File.Delete(work.Record.ManifestPath);
        if (tools.Lister != ListingTool.None)
        {
            // Before the copy: what changes while it runs is then seen as newer.
            await WholeListing.ReadAsync(work, cancellationToken);
        }

        return await oneStream.CopyAsync(work, cancellationToken);
    }
}
