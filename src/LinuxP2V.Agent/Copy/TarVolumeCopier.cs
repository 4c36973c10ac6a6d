using System.Diagnostics;
using LinuxP2V.Agent.Processes;
using LinuxP2V.Agent.Session;
using LinuxP2V.Agent.Source;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Copy;

/// <summary>Copies a volume as one tar stream: tar on the source, ssh, tar here.</summary>
internal sealed class TarVolumeCopier : IVolumeCopier
{
    private const int BufferBytes = 1 << 20;
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(500);

    public async Task<VolumeCopyResult> CopyAsync(VolumeWork work, CancellationToken cancellationToken)
    {
        var (source, volume, targetPath, sink) = (work.Streams.Source, work.Volume, work.TargetPath, work.Sink);
        var clock = Stopwatch.StartNew();
        if (TarScript.IsLeftOut(volume))
        {
            sink.Warning($"{volume.Id} is left out by an excluded path: its file system stays empty.");
            return new VolumeCopyResult(0, 0, clock.Elapsed);
        }

        var tools = await work.Streams.ReadToolsAsync(cancellationToken);
        var script = new TarScript(tools, work.View, volume);
        if (!script.IsPossible)
        {
            throw new AgentException(
                ErrorIds.CopyFailed,
                $"The tar on {source.Name} would run into every file system that is mounted below {volume.Id}.",
                "Install GNU tar on the source.",
                tools.TarVersion);
        }

        sink.Information($"Copying {volume.Id} with the source's {(tools.TarVersion.Length > 0 ? tools.TarVersion : "tar")}.");
        foreach (var loss in script.Losses())
            sink.Warning(loss);

        await TargetVolumeFolder.EmptyAsync(volume, targetPath, sink, cancellationToken);
        var meter = new TarMeter();
        await StreamAsync(work, script, meter, cancellationToken);
        if (volume.FileSystem.Kind != FileSystemKind.Vfat)
            await VolumeFlags.ApplyAsync(work, cancellationToken);

        (await Tool.RunAsync("sync", ["-f", targetPath], cancellationToken))
            .OrThrow(ErrorIds.CopyFailed, $"The helper could not write {volume.Id} to its disk.", "Check the datastore, then resume the conversion.");
        Report(volume, meter, sink, isComplete: true);
        return new VolumeCopyResult(meter.Bytes, meter.Files, clock.Elapsed);
    }

    private static async Task StreamAsync(VolumeWork work, TarScript script, TarMeter meter, CancellationToken cancellationToken)
    {
        var (source, volume, targetPath, sink) = (work.Streams.Source, work.Volume, work.TargetPath, work.Sink);
        var incidents = new IncidentReporter(volume.Id, volume.MountPoint!, sink);
        var unknown = new List<string>();
        using var extractor = TarExtractor.Start(volume, targetPath, incidents.Report, sink);
        using var stream = source.Start(script.Archive(), line => OnSourceWords(line, script, incidents, unknown));
        await using var registration = cancellationToken.Register(() =>
        {
            stream.Kill();
            extractor.Kill();
        });

        using var pumped = new CancellationTokenSource();
        var progress = ReportProgressAsync(volume, meter, sink, pumped.Token);
        bool isTargetOpen;
        try
        {
            NativeMethods.EnlargePipe(stream.Output, BufferBytes);
            NativeMethods.EnlargePipe(extractor.Input, BufferBytes);
            var output = work.Streams.Limiter.Throttle(stream.Output);
            isTargetOpen = await Task.Factory.StartNew(
                () => TarPump.Run(output, extractor.Input, meter, BufferBytes), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        finally
        {
            await pumped.CancelAsync();
            await progress.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        cancellationToken.ThrowIfCancellationRequested();
        if (!isTargetOpen)
            stream.Kill();

        // The target's end first where it broke, as the source's is then only a consequence.
        if (!isTargetOpen || extractor.IsDiskFull)
        {
            await extractor.WaitAsync(cancellationToken);
            throw new AgentException(
                ErrorIds.CopyFailed, $"tar in the helper ended before {volume.Id} was complete.", "Resume the conversion; see the helper's log.");
        }

        var exitCode = await stream.WaitAsync(cancellationToken);
        AgentException? targetFailure = null;
        try
        {
            await extractor.WaitAsync(cancellationToken);
        }
        catch (AgentException exception) when (!extractor.IsDiskFull)
        {
            targetFailure = exception;
        }

        incidents.Close();
        // The source first: a stream that it cut short is what the other tar then stumbles over.
        Judge(source, volume, exitCode, unknown, incidents.Count, meter, sink);
        if (targetFailure is not null)
            throw targetFailure;
    }

    /// <summary>1 is tar's word for files that changed; 2 is a failure, unless it is about single files that were named.</summary>
    private static void Judge(
        ISource source, TargetVolume volume, int exitCode, List<string> unknown, int incidents, TarMeter meter, IEventSink sink)
    {
        foreach (var line in unknown.Take(20))
            sink.Warning($"{volume.Id}: the source says: {line}");

        if (exitCode == ISourceView.NotMounted)
        {
            throw new AgentException(
                ErrorIds.VolumeNotFound,
                $"Nothing is mounted at {volume.MountPoint} on {source.Name} any more.",
                "Mount it again and resume the conversion, or make a new task without it.");
        }

        if (!meter.IsComplete)
        {
            throw new AgentException(
                ErrorIds.CopyFailed,
                $"tar on {source.Name} stopped in the middle of {volume.Id} after {meter.Files} files (exit code {exitCode}).",
                "See what the source says below, put it right, and resume the conversion.",
                string.Join(" / ", unknown.TakeLast(4)));
        }

        if (exitCode is 0 or 1 || (exitCode == 2 && unknown.Count == 0 && incidents > 0 && meter.Files > 0))
            return;

        throw new AgentException(
            ErrorIds.CopyFailed,
            $"tar on {source.Name} failed for {volume.Id} with exit code {exitCode} after {meter.Files} files.",
            "See what the source says below, put it right, and resume the conversion.",
            string.Join(" / ", unknown.TakeLast(4)));
    }

    private static void OnSourceWords(string line, TarScript script, IncidentReporter incidents, List<string> unknown)
    {
        if (TarWords.IsNoise(line))
            return;

        if (TarWords.FromSource(line) is { } incident)
        {
            // With other file systems in view this is a mount point, which is not meant to come along.
            if (script.SeesBelowMounts || incident.Detail != TarWords.OtherFileSystem)
                incidents.Report(incident);
        }
        else if (unknown.Count < 1000)
        {
            unknown.Add(line);
        }
    }

    private static async Task ReportProgressAsync(TargetVolume volume, TarMeter meter, IEventSink sink, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(ProgressInterval);
        while (await timer.WaitForNextTickAsync(cancellationToken))
            Report(volume, meter, sink, isComplete: false);
    }

    private static void Report(TargetVolume volume, TarMeter meter, IEventSink sink, bool isComplete)
    {
        var (bytes, files) = (meter.Bytes, meter.Files);
        sink.Report(new VolumeProgressEvent
        {
            VolumeId = volume.Id,
            BytesDone = bytes,
            BytesTotal = isComplete ? bytes : Math.Max(bytes, volume.UsedBytes),
            FilesDone = files,
            FilesTotal = isComplete ? files : Math.Max(files, volume.UsedInodes),
        });
    }
}
