using System.Text.Json;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Reconfigure;
using LinuxP2V.Agent.Services;
using LinuxP2V.Agent.Source;
using LinuxP2V.Agent.Storage;
using LinuxP2V.Agent.Views;
using LinuxP2V.Agent.Volumes;
using LinuxP2V.Protocol;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Session;

/// <summary>The parts that the operations work with.</summary>
internal sealed record AgentParts(ITargetStorage Storage, IReconfigurer Reconfigurer, IVolumeCopier Copier, ISourceConnector Sources)
{
    public required IVolumeSynchronizer Synchronizer { get; init; }

    public required IVolumeVerifier Verifier { get; init; }

    /// <summary>That which <see cref="Sources"/> asks, where it asks.</summary>
    public EngineSignatures Signatures { get; init; } = new();
}

/// <summary>What each request does, and what must have been done before it. One at a time: the queue sees to that.</summary>
internal sealed class AgentOperations(AgentParts parts, IEventSink sink) : IAsyncDisposable
{
    private readonly RequestLimits limits = new();
    private readonly SourceServices services = new(sink);
    private volatile ISource? source;
    private MountedTarget? target;
    private string? preparedFor;

    /// <summary>What was mapped into memory when services were stopped; null: nobody asked, or an earlier agent did.</summary>
    private MappedFiles? mappedBefore;

    public bool HasSource => source is not null;

    /// <summary>The source's next login is signed by the engine.</summary>
    public bool NeedsSigner => source is { NeedsSigner: true };

    /// <summary>
    /// While nothing runs: something of the source is stopped and waits for the end of the cutover, and the helper can start
    /// it again.
    /// </summary>
    public bool HoldsServices => services.Stopped.Count > 0 && HasSource && !WantsPowerOff;

    /// <summary>Set once the helper's work is over, one way or the other.</summary>
    public bool WantsPowerOff { get; private set; }

    /// <summary>The copy is whole, marked and unmounted.</summary>
    public bool IsFinished { get; private set; }

    public Task RunAsync(AgentRequest request, CancellationToken cancellationToken) =>
        request switch
        {
            ConnectSourceRequest connect => ConnectAsync(connect.Source, cancellationToken),
            PrepareRequest prepare => PrepareAsync(prepare, cancellationToken),
            CopyRequest copy => CopyAsync(copy, cancellationToken),
            SyncRequest sync => SyncAsync(sync, cancellationToken),
            VerifyRequest verify => VerifyAsync(verify, cancellationToken),
            StopServicesRequest stop => StopServicesAsync(stop, cancellationToken),
            StartServicesRequest start => StartServicesAsync(start, cancellationToken),
            ReconfigureRequest reconfigure => ReconfigureAsync(reconfigure.Options, cancellationToken),
            FinishRequest finish => FinishAsync(finish, cancellationToken),
            PowerOffRequest => PowerOffAsync(cancellationToken),
            _ => throw new AgentException(
                ErrorIds.HelperVersionMismatch,
                $"The helper does not know the request {request.GetType().Name}.",
                "Use the helper image that belongs to this version of the module."
            ),
        };

    /// <summary>From any thread, while anything runs.</summary>
    public void SetLimits(SetLimitsRequest request)
    {
        limits.Override(request.BandwidthLimitMbps);
        sink.Information(limits.Describe());
    }

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        if (source is { } open)
            await open.DisposeAsync();
    }

    private async Task ConnectAsync(SourceAccess access, CancellationToken cancellationToken)
    {
        // The old one stays in use until the new one has proved itself.
        var opened = await parts.Sources.ConnectAsync(access, sink, cancellationToken);
        var previous = source;
        source = opened;
        try
        {
            await services.MoveAsync(opened, cancellationToken);
        }
        finally
        {
            if (previous is not null)
                await previous.DisposeAsync();
        }
    }

    private async Task PrepareAsync(PrepareRequest request, CancellationToken cancellationToken)
    {
        var wanted = request.ConversionId + JsonSerializer.Serialize(request.Layout, ProtocolJson.Default.TargetLayout);
        if (target is { } mounted)
        {
            if (wanted == preparedFor)
            {
                sink.Information("The disks are prepared and mounted already.");
                return;
            }

            await parts.Storage.ReleaseAsync(mounted, sink, cancellationToken);
            target = null;
        }

        if (request.Reconfigure is { } reconfigure && source is not null)
            await SourcePreview.RunAsync(source, request.Layout, reconfigure, sink, cancellationToken);

        services.ConversionId = request.ConversionId;
        target = await parts.Storage.PrepareAsync(request.ConversionId, request.Layout, sink, cancellationToken);
        preparedFor = wanted;
    }

    private async Task CopyAsync(CopyRequest request, CancellationToken cancellationToken)
    {
        var mounted = Target("copy");
        var volumes = new List<TargetVolume>();
        foreach (var volume in Select(mounted.Layout, request.VolumeIds))
        {
            if (mounted.Journal.IsVolumeComplete(volume.Id))
                sink.Information($"{volume.Id} is complete already.");
            else
                volumes.Add(volume);
        }

        // Blocks written over the root volume take the journal with them for a moment: nobody else may need it then.
        var root =
            request.Options.Mode == CopyMode.Block || (request.Options.Mode == CopyMode.Auto && request.Options.Snapshot)
                ? volumes.Find(v => v.MountPoint == "/")
                : null;
        var isRootFree = root is not null && volumes.Count == Select(mounted.Layout, []).Count;
        await ForEachVolumeAsync(
            mounted,
            volumes,
            request.Options,
            async (work, token) =>
            {
                // What an earlier run copied is of another moment.
                if (work.View is ISnapshot && File.Exists(work.Record.ProgressPath))
                    File.Delete(work.Record.ProgressPath);

                if (work.Volume.MountPoint != "/" || isRootFree)
                {
                    work = work with
                    {
                        OverwriteAsync = (writeAsync, t) => parts.Storage.OverwriteAsync(mounted, work.Volume, writeAsync, sink, t),
                    };
                }

                return await parts.Copier.CopyAsync(work, token);
            },
            (volume, result) =>
            {
                mounted.Journal.MarkVolumeComplete(volume.Id, result.Bytes, result.Files);
                sink.Report(
                    new VolumeCopiedEvent
                    {
                        VolumeId = volume.Id,
                        Bytes = result.Bytes,
                        Files = result.Files,
                        Duration = result.Duration,
                    }
                );
            },
            UnreadRule.IsIncomplete,
            cancellationToken,
            root
        );
    }

    /// <summary>A program that ends takes its maps with it: they are read before.</summary>
    private async Task StopServicesAsync(StopServicesRequest request, CancellationToken cancellationToken)
    {
        services.ConversionId = request.ConversionId ?? services.ConversionId;
        var mapped = await MappedFiles.ReadAsync(Source(), cancellationToken);
        await services.StopAsync(Source(), request.Services, request.Stopped, cancellationToken);
        if (services.Stopped.Count > 0)
            mappedBefore = mappedBefore is null ? mapped : mapped.With(mappedBefore);
    }

    private async Task StartServicesAsync(StartServicesRequest request, CancellationToken cancellationToken)
    {
        if (IsFinished)
        {
            throw new AgentException(
                ErrorIds.OperationOutOfOrder,
                "The copy is finished: the services that were stopped on the source stay so.",
                "Resume the conversion to hand the VM over, or start them on the source by hand."
            );
        }

        services.ConversionId = request.ConversionId ?? services.ConversionId;
        await services.StartAsync(Source(), request.Stopped, cancellationToken);
        mappedBefore = null;
    }

    /// <returns>Null where no services are stopped.</returns>
    private async Task<CutoverMaps?> ReadMapsAsync(CancellationToken cancellationToken)
    {
        if (services.Stopped.Count == 0)
            return null;

        services.ThrowIfStartedAgain(Source());
        var now = await MappedFiles.ReadAsync(Source(), cancellationToken);
        var any = mappedBefore is null ? now : now.With(mappedBefore);
        if (mappedBefore is null)
        {
            sink.Warning(
                "The services of the source were stopped by an earlier run of the helper: which files they had mapped into memory "
                    + "is not known any more. A change that they made in that way shows by the time stamps alone."
            );
        }

        if (any.UnreadableProcesses > 0)
        {
            sink.Warning(
                $"{any.UnreadableProcesses} processes of the source do not show which files they have mapped into memory. A change "
                    + "that they make in that way shows by the time stamps alone. Give the login root's rights, by sudo, to have it seen."
            );
        }

        return new CutoverMaps(any, now);
    }

    private async Task SyncAsync(SyncRequest request, CancellationToken cancellationToken)
    {
        var mounted = CompleteTarget("synchronise");
        bool IsOpen(TargetVolume volume) => new PassRecord(mounted.RecordOf(volume)).IsOpen;
        var asked = Select(mounted.Layout, request.VolumeIds);
        // What a reconfiguration changed, and what a broken pass left, is put right together: else it would stay mixed.
        var volumes = Select(mounted.Layout, []).Where(v => asked.Contains(v) || mounted.Journal.IsAltered(v.Id) || IsOpen(v)).ToList();
        var wasMixed = mounted.Journal.IsSynchronizing;
        var done = 0;
        _ = Source();
        var maps = await ReadMapsAsync(cancellationToken);
        mounted.Journal.MarkSynchronizing();
        try
        {
            await ForEachVolumeAsync(
                mounted,
                volumes,
                request.Options,
                parts.Synchronizer.SyncAsync,
                (volume, pass) =>
                {
                    // The journal must not know more than the disk holds.
                    VolumeFlush.Run(mounted.VolumePaths[volume.Id], volume.Id);
                    Interlocked.Increment(ref done);
                    mounted.Journal.MarkVolumeSynchronized(volume.Id);
                    sink.Report(pass);
                },
                UnreadRule.Fails,
                cancellationToken,
                maps: maps
            );
        }
        catch when (!wasMixed && done == 0 && !volumes.Any(IsOpen))
        {
            // It never came to change anything: the copy is what it was.
            mounted.Journal.MarkSynchronized();
            throw;
        }

        mounted.Journal.MarkSynchronized();
    }

    private Task VerifyAsync(VerifyRequest request, CancellationToken cancellationToken)
    {
        var mounted = CompleteTarget("verify");
        if (Select(mounted.Layout, []).Any(volume => mounted.Journal.IsAltered(volume.Id)))
        {
            throw new AgentException(
                ErrorIds.OperationOutOfOrder,
                "The copy is reconfigured: it differs from its source on purpose now.",
                "Verify between the last pass over the source and the reconfiguration."
            );
        }

        return ForEachVolumeAsync(
            mounted,
            Select(mounted.Layout, request.VolumeIds),
            request.Options,
            (work, token) => parts.Verifier.VerifyAsync(work, request.SamplePercent, token),
            (_, verified) => sink.Report(verified),
            UnreadRule.IsNoMatter,
            cancellationToken
        );
    }

    /// <inheritdoc cref="VolumeRun.RunAsync"/>
    private async Task ForEachVolumeAsync<T>(
        MountedTarget mounted,
        List<TargetVolume> volumes,
        CopyOptions options,
        Func<VolumeWork, CancellationToken, Task<T>> actAsync,
        Action<TargetVolume, T> complete,
        UnreadRule unread,
        CancellationToken cancellationToken,
        TargetVolume? first = null,
        CutoverMaps? maps = null
    )
    {
        if (volumes.Count == 0)
            return;

        // Only now: a resume that finds everything copied needs no credential.
        var from = Source();
        limits.Begin(options.BandwidthLimitMbps);
        await new VolumeRun(mounted, from, options, limits.Limiter, sink) { Maps = maps }.RunAsync(
            volumes,
            actAsync,
            complete,
            first,
            unread,
            cancellationToken
        );
    }

    private async Task ReconfigureAsync(ReconfigureOptions options, CancellationToken cancellationToken)
    {
        var mounted = ConsistentTarget("reconfigure");
        await ForgetSourceAsync(cancellationToken);
        mounted.Journal.MarkReconfiguring();
        await parts.Reconfigurer.RunAsync(mounted, options, sink, cancellationToken);
        if (!mounted.Journal.IsReconfigured)
            mounted.Journal.MarkReconfigured();
    }

    /// <summary>
    /// Programs of the copy run now: no secret of the source is beside them. A pass after it, and the end of a cutover, log in
    /// with what the engine sends again.
    /// </summary>
    private async Task ForgetSourceAsync(CancellationToken cancellationToken)
    {
        if (source is not { } open)
            return;

        await services.PrepareForAbsenceAsync(open, cancellationToken);
        source = null;
        await open.DisposeAsync();
    }

    private async Task FinishAsync(FinishRequest request, CancellationToken cancellationToken)
    {
        var mounted = ConsistentTarget("finish");
        // First, as nothing may start the services once the copy is whole; if what follows fails, the engine starts them.
        if (services.Stopped.Count > 0)
            await LeaveServicesStoppedAsync(request.Force, cancellationToken);

        await parts.Storage.MarkFinishedAsync(mounted, sink, cancellationToken);
        await parts.Storage.ReleaseAsync(mounted, sink, cancellationToken);
        target = null;
        IsFinished = true;
        WantsPowerOff = true;
    }

    private async Task LeaveServicesStoppedAsync(bool force, CancellationToken cancellationToken)
    {
        try
        {
            await services.LeaveStoppedAsync(Source(), cancellationToken);
        }
        catch (AgentException exception) when (force)
        {
            sink.Warning(
                $"{exception.Message} The copy is finished all the same. Where the source comes back, these services may run there "
                    + $"again: {string.Join(", ", services.Stopped)}."
            );
        }
    }

    private async Task PowerOffAsync(CancellationToken cancellationToken)
    {
        WantsPowerOff = true;
        // Nobody else remembers what was stopped on the source once the helper is off.
        if (source is { } from && !IsFinished)
            await services.TryStartAsync(from);

        if (target is not { } mounted)
            return;

        try
        {
            await parts.Storage.ReleaseAsync(mounted, sink, cancellationToken);
            target = null;
        }
        catch (AgentException exception)
        {
            // The journal lets the next start see what it has; power goes off as asked.
            sink.Warning($"{exception.Error.Cause} {exception.Error.Detail}");
        }
    }

    private ISource Source() =>
        source
        ?? throw new AgentException(
            ErrorIds.SourceCredentialRequired,
            "The helper holds no credential of the source: it restarted, or was never given one.",
            "Resume the conversion with the source's credential."
        );

    private MountedTarget ConsistentTarget(string verb)
    {
        var mounted = CompleteTarget(verb);
        return !mounted.Journal.IsSynchronizing
            ? mounted
            : throw new AgentException(
                ErrorIds.OperationOutOfOrder,
                $"The helper cannot {verb} yet: a synchronisation broke off, and the copy is of two moments.",
                "Synchronise again first."
            );
    }

    private MountedTarget CompleteTarget(string verb)
    {
        var mounted = Target(verb);
        var missing = Select(mounted.Layout, []).Where(v => !mounted.Journal.IsVolumeComplete(v.Id)).Select(v => v.Id).ToList();
        return missing.Count == 0
            ? mounted
            : throw new AgentException(
                ErrorIds.OperationOutOfOrder,
                $"The helper cannot {verb} yet: {string.Join(", ", missing)} {(missing.Count == 1 ? "is" : "are")} not copied completely.",
                "Copy the missing volumes first."
            );
    }

    private MountedTarget Target(string verb) =>
        target
        ?? throw new AgentException(
            ErrorIds.OperationOutOfOrder,
            $"The helper cannot {verb} yet: its disks are not prepared.",
            "Prepare the disks first; resuming the conversion does so."
        );

    /// <summary>The file systems, in layout order; swap has nothing to copy.</summary>
    private static List<TargetVolume> Select(TargetLayout layout, IReadOnlyList<string> ids)
    {
        if (ids.FirstOrDefault(id => layout.Volumes.All(v => v.Id != id)) is { } unknown)
        {
            throw new AgentException(
                ErrorIds.VolumeNotFound,
                $"The conversion has no volume {unknown}; it has {string.Join(", ", layout.Volumes.Select(v => v.Id))}.",
                "Name one of these."
            );
        }

        return [.. layout.Volumes.Where(v => v.FileSystem.Kind != FileSystemKind.Swap && (ids.Count == 0 || ids.Contains(v.Id)))];
    }
}
