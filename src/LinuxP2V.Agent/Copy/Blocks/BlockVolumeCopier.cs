using System.Diagnostics;
using LinuxP2V.Agent.Copy.Flags;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Listing;
using LinuxP2V.Agent.Streams;
using LinuxP2V.Agent.Views;
using LinuxP2V.Agent.Volumes;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Copy.Blocks;

/// <summary>
/// Copies the used blocks of a volume that keeps still and keeps its size. What breaks off begins anew: half a file system
/// is none.
/// </summary>
internal static class BlockVolumeCopier
{
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(500);

    /// <exception cref="AgentException">As <see cref="IVolumeCopier.CopyAsync"/>; MountFailed, VolumeNotFound.</exception>
    public static async Task<VolumeCopyResult> CopyAsync(
        VolumeWork work,
        IFrozenView view,
        BlockMap map,
        CancellationToken cancellationToken
    )
    {
        var (clock, total) = (Stopwatch.StartNew(), map.UsedBytes);
        work.Sink.Information(
            $"{work.Volume.Id} is copied by its used blocks: it keeps still and keeps its size. "
                + $"{total >> 20} of {map.FileSystemBytes >> 20} MB are used, in {map.Used.Count} ranges."
        );
        var data = new CompressibleData(work.Volume.Id, total, () => DataSample.Of(view.Device, map.Used), view.Beside);
        var compression = await work.Streams.ChooseCompressionAsync(data, cancellationToken);
        work.Record.Create();
        File.Delete(work.Record.ProgressPath);
        File.Delete(work.Record.ManifestPath);
        // Of the view that is copied: the next pass over the source goes on from it. On the root volume there is no place for
        // it yet.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var early = work.Volume.MountPoint == "/" ? null : ListAsync(work, stop.Token);
        try
        {
            await PumpAsync(work, view, map, compression, cancellationToken);
        }
        catch
        {
            await stop.CancelAsync();
            await ((Task?)early ?? Task.CompletedTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }

        // The root volume took its folder along.
        work.Record.Create();
        var (reading, flags) = await (early ?? ListAsync(work, cancellationToken));
        // The copy has its flags already: which files they are on, the next pass must know.
        await VolumeFlags.SetAsync(work, flags, cancellationToken);

        var result = new VolumeCopyResult(total, reading.Manifest.Count, clock.Elapsed);
        Report(work, total, total, result.Files);
        return result;
    }

    private static Task PumpAsync(
        VolumeWork work,
        IFrozenView view,
        BlockMap map,
        StreamCompression compression,
        CancellationToken cancellationToken
    )
    {
        var (done, total) = (0L, map.UsedBytes);
        return work.OverwriteAsync!(
            async token =>
            {
                using var pumped = CancellationTokenSource.CreateLinkedTokenSource(token);
                var progress = ReportAsync(work, () => Interlocked.Read(ref done), total, pumped.Token);
                try
                {
                    await new BlockStream(work, view, compression).CopyAsync(map, count => Interlocked.Add(ref done, count), token);
                }
                finally
                {
                    await pumped.CancelAsync();
                    await progress.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }
            },
            cancellationToken
        );
    }

    /// <summary>The volume's files and their flags.</summary>
    private static async Task<(ManifestReading Files, IReadOnlyDictionary<FlagSet, MemoryStream> Flags)> ListAsync(
        VolumeWork work,
        CancellationToken cancellationToken
    )
    {
        var flags = VolumeFlags.ReadAsync(work, cancellationToken);
        var files = ManifestReader.ReadAsync(work, work.Record.ManifestPath, cancellationToken);
        await Task.WhenAll(flags, files);
        return (await files, await flags);
    }

    private static async Task ReportAsync(VolumeWork work, Func<long> done, long total, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(ProgressInterval);
        while (await timer.WaitForNextTickAsync(cancellationToken))
            Report(work, done(), total, 0);
    }

    /// <summary>Blocks know no files: their share of the bytes stands for them.</summary>
    private static void Report(VolumeWork work, long bytes, long total, long files) =>
        work.Sink.Report(
            new VolumeProgressEvent
            {
                VolumeId = work.Volume.Id,
                BytesDone = bytes,
                BytesTotal = total,
                FilesDone = files > 0 ? files : (long)(work.Volume.UsedInodes * ((double)bytes / Math.Max(1, total))),
                FilesTotal = files > 0 ? files : work.Volume.UsedInodes,
            }
        );
}
