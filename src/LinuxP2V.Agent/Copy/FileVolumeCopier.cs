using System.Diagnostics;
using LinuxP2V.Agent.Copy.Files;
using LinuxP2V.Agent.Copy.Flags;
using LinuxP2V.Agent.Copy.Tar;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Listing;
using LinuxP2V.Agent.Volumes;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Copy;

/// <summary>
/// Copies a volume file by file over all streams at once: lists it, cuts the list into shards, brings them over and notes
/// each on the copy's disk. A copy that broke off goes on by the list that it was begun with.
/// </summary>
internal sealed class FileVolumeCopier(TransferSettings? settings = null) : IVolumeCopier
{
    private readonly TransferSettings settings = settings ?? new TransferSettings();

    public async Task<VolumeCopyResult> CopyAsync(VolumeWork work, CancellationToken cancellationToken)
    {
        var (volume, sink) = (work.Volume, work.Sink);
        var tools = await work.Streams.ReadToolsAsync(cancellationToken);
        var script = new TarScript(tools, work.View, volume);
        work.Record.Create();
        var clock = Stopwatch.StartNew();
        sink.Information($"Copying {volume.Id} with the source's {(tools.TarVersion.Length > 0 ? tools.TarVersion : "tar")}.");
        foreach (var loss in script.Losses(isListed: true))
            sink.Warning(loss);

        var result = await ResumeAsync(work, cancellationToken) ?? await BeginAsync(work, cancellationToken);
        if (volume.FileSystem.Kind != FileSystemKind.Vfat)
            await VolumeFlags.ApplyAsync(work, cancellationToken);

        return new VolumeCopyResult(result.Bytes, result.Files, clock.Elapsed);
    }

    /// <returns>null when there is nothing to go on from.</returns>
    private async Task<TransferResult?> ResumeAsync(VolumeWork work, CancellationToken cancellationToken)
    {
        if (!File.Exists(work.Record.ProgressPath) || Load(work, cancellationToken) is not { } manifest)
            return null;

        var run = await PrepareAsync(work, manifest, cancellationToken);
        var plan = ShardLog.Identify(work.Record, run.Plan);
        var finished = ShardLog.Read(work.Record, plan);
        if (finished.Count == 0)
            return null;

        work.Sink.Report(
            new VolumeResumedEvent
            {
                VolumeId = work.Volume.Id,
                BytesKept = finished.Values.Sum(unit => unit.Bytes),
                FilesKept = finished.Values.Sum(unit => unit.Files),
            }
        );
        // It may have broken off behind the last file.
        await VolumeFlags.ClearAsync(work, cancellationToken);
        try
        {
            await using var log = ShardLog.Open(work.Record, plan, isResume: true, work.TargetPath, settings.NoteInterval);
            return await run.RunAsync(finished, log, cancellationToken);
        }
        catch (AgentException exception) when (exception.Error.Id == ErrorIds.TargetDiskFull)
        {
            // What fills it may be gone from the source since, though not from the list.
            work.Sink.Warning($"{work.Volume.Id} is full again: when the conversion is resumed, this volume is listed and copied anew.");
            File.Delete(work.Record.ProgressPath);
            throw;
        }
    }

    private async Task<TransferResult> BeginAsync(VolumeWork work, CancellationToken cancellationToken)
    {
        File.Delete(work.Record.ProgressPath);
        await TargetVolumeFolder.EmptyAsync(work.Volume, work.TargetPath, work.Sink, cancellationToken);
        var reading = await WholeListing.ReadAsync(work, cancellationToken);
        var manifest = reading.Manifest;
        work.Sink.Information(
            $"{work.Volume.Id} holds {manifest.Count} files, {manifest.TotalBytes} bytes; "
                + $"listing them took {reading.Duration.TotalSeconds:0.0} s."
        );
        var run = await PrepareAsync(work, manifest, cancellationToken);
        var plan = ShardLog.Identify(work.Record, run.Plan);
        await using var log = ShardLog.Open(work.Record, plan, isResume: false, work.TargetPath, settings.NoteInterval);
        return await run.RunAsync(new Dictionary<int, FinishedUnit>(), log, cancellationToken);
    }

    private async Task<TransferRun> PrepareAsync(VolumeWork work, Manifest manifest, CancellationToken cancellationToken) =>
        await TransferRun.PrepareAsync(
            work,
            manifest,
            new AllEntries(manifest),
            settings,
            cancellationToken,
            await NoCowFiles.ReadAsync(work, manifest, cancellationToken)
        );

    private static Manifest? Load(VolumeWork work, CancellationToken cancellationToken)
    {
        try
        {
            return StoredManifest.Exists(work.Record.ManifestPath)
                ? StoredManifest.Load(work.Record.ManifestPath, work.Volume, cancellationToken).Manifest
                : null;
        }
        catch (InvalidDataException exception)
        {
            work.Sink.Warning(
                $"{work.Volume.Id}: the list of files that the copy was begun with is damaged, so it begins anew: {exception.Message}"
            );
            return null;
        }
    }
}
