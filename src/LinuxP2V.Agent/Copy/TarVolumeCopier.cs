using System.Diagnostics;
using LinuxP2V.Agent.Copy.Files;
using LinuxP2V.Agent.Copy.Flags;
using LinuxP2V.Agent.Copy.Tar;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Listing;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Agent.Storage;
using LinuxP2V.Agent.Volumes;
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
        var tools = await work.Streams.ReadToolsAsync(cancellationToken);
        var script = new TarScript(tools, work.View, volume);
        if (!script.IsPossible)
        {
            throw new AgentException(
                ErrorIds.CopyFailed,
                $"The tar on {source.Name} would run into every file system that is mounted below {volume.Id}.",
                "Install GNU tar on the source.",
                tools.TarVersion
            );
        }

        sink.Information($"Copying {volume.Id} with the source's {(tools.TarVersion.Length > 0 ? tools.TarVersion : "tar")}.");
        foreach (var loss in script.Losses())
            sink.Warning(loss);

        await TargetVolumeFolder.EmptyAsync(volume, targetPath, sink, cancellationToken);
        var hasRoot = false;
        var meter = new TarMeter(
            (in TarMember member) =>
            {
                Check(member, volume);
                hasRoot |= member.Name.TrimEnd((byte)'/').SequenceEqual("."u8);
            }
        );
        await StreamAsync(work, script, meter, cancellationToken);
        if (!hasRoot)
        {
            throw new AgentException(
                ErrorIds.SourceAnswerInvalid,
                $"tar on {source.Name} did not send the root folder of {volume.Id}, which it was asked for: the archive is not whole.",
                "Look at the tar of the source: whether somebody replaced it. Resume the conversion when that is clear.",
                null
            );
        }

        if (volume.FileSystem.Kind != FileSystemKind.Vfat)
            await VolumeFlags.ApplyAsync(work, cancellationToken);

        (await Tool.RunAsync("sync", ["-f", targetPath], cancellationToken)).OrThrow(
            ErrorIds.CopyFailed,
            $"The helper could not write {volume.Id} to its disk.",
            "Check the datastore, then resume the conversion."
        );
        Report(volume, meter, sink, isComplete: true);
        return new VolumeCopyResult(meter.Bytes, meter.Files, clock.Elapsed);
    }

    private static async Task StreamAsync(VolumeWork work, TarScript script, TarMeter meter, CancellationToken cancellationToken)
    {
        var (source, volume, targetPath, sink) = (work.Streams.Source, work.Volume, work.TargetPath, work.Sink);
        var incidents = new IncidentReporter(volume.Id, volume.MountPoint!, sink);
        var messages = new SourceMessages(script.SeesBelowMounts);
        using var extractor = TarExtractor.Start(volume, targetPath, messages.Add, sink);
        await source.WaitForSignerAsync(cancellationToken);
        using var stream = source.Start(script.Archive(), messages.OnLine);
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
            var output = work.Streams.Limiter.Throttle(stream.Output, cancellationToken);
            isTargetOpen = await Task.Factory.StartNew(
                () => TarPump.Run(output, extractor.Input, meter, BufferBytes),
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default
            );
        }
        catch (UnexpectedArchiveException exception)
        {
            throw SourceMessages.Unexpected(work, exception);
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
                ErrorIds.CopyFailed,
                $"tar in the helper ended before {volume.Id} was complete.",
                "Resume the conversion; see the helper's log."
            );
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

        await messages.SettlePartlyReadAsync(work, new Manifest(), cancellationToken);
        messages.Report(incidents);
        incidents.Close();
        // The source first: a stream that it cut short is what the other tar then stumbles over.
        messages.Judge(work, exitCode, meter);
        if (targetFailure is not null)
            throw targetFailure;
    }

    /// <summary>Nobody asked for single names: each must be inside the volume, and none of the agent's own.</summary>
    private static void Check(in TarMember member, TargetVolume volume)
    {
        CheckName(member.Name, volume);
        if (member.Type == '1')
            CheckName(member.LinkName, volume);
    }

    private static void CheckName(ReadOnlySpan<byte> name, TargetVolume volume)
    {
        var path =
            name.SequenceEqual("."u8) ? []
            : name.StartsWith("./"u8) ? name[2..]
            : name;
        if (!EntryPath.IsInside(path) || path.IndexOf((byte)0) >= 0)
            throw new UnexpectedArchiveException($"holds {PrintedName.ForPeople(name)}, which is not inside the volume");

        if (AgentFiles.IsOwn(path, volume))
            throw new UnexpectedArchiveException($"holds {PrintedName.ForPeople(name)}, a name that LinuxP2V uses for its own files");
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
        sink.Report(
            new VolumeProgressEvent
            {
                VolumeId = volume.Id,
                BytesDone = bytes,
                BytesTotal = isComplete ? bytes : Math.Max(bytes, volume.UsedBytes),
                FilesDone = files,
                FilesTotal = isComplete ? files : Math.Max(files, volume.UsedInodes),
            }
        );
    }
}
