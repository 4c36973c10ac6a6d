using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Helpers;
using LinuxP2V.Engine.Sources;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Conversions;

/// <summary>
/// Takes one conversion from where it stands to where it shall go. Every step may have been done by an earlier driver:
/// each is asked for again and is quick when it was.
/// </summary>
internal sealed class ConversionDriver(
    ConversionTracker tracker,
    IDestination destination,
    MachinePlace? place,
    SourceSecrets? secrets,
    DriveOptions options,
    IAgentConnector connector,
    IEngineConsole console)
{
    private const int LongestRestartSeries = 3;
    private static readonly TimeSpan HelperPatience = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan ShutdownPatience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan CancelPatience = TimeSpan.FromMinutes(1);

    private readonly HelperDeployment deployment = new(tracker, destination, place, options, console);

    private Conversion Current => tracker.Current;

    /// <exception cref="P2VException">The conversion failed; what was copied is kept.</exception>
    public async Task RunAsync(ConversionState through, CancellationToken cancellationToken)
    {
        if (await FinishAbandonedAsync(cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        for (var restarts = 0; ; restarts++)
        {
            try
            {
                await RunOnHelperAsync(through, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (HelperRestartedException) when (restarts < LongestRestartSeries)
            {
                if (await FinishAbandonedAsync(cancellationToken).ConfigureAwait(false))
                {
                    return;
                }

                console.Warning("The helper VM stopped or restarted; going on with what is on its disks.");
                tracker.Update(c => c with { Attempt = c.Attempt + 1 });
            }
            catch (HelperRestartedException exception)
            {
                throw new P2VException(
                    ErrorIds.HelperConnectionLost,
                    $"The helper VM stopped or restarted {LongestRestartSeries + 1} times.",
                    "Look at the VM's console and at the destination's health; then Resume-P2VConversion goes on with what is copied.",
                    Current.Id,
                    exception);
            }
        }
    }

    private async Task RunOnHelperAsync(ConversionState through, CancellationToken cancellationToken)
    {
        var key = ConversionKey.Generate(Current.Id);
        var helper = await deployment.DeployAsync(key, cancellationToken).ConfigureAwait(false);
        using var session = new HelperSession(connector, helper, key, TakeAsync, console, HelperPatience, deployment.ThrowIfOffAsync);
        await session.ConnectAsync(cancellationToken).ConfigureAwait(false);
        Adopt(session.Hello!);

        await ConnectSourceAsync(session, cancellationToken).ConfigureAwait(false);
        tracker.Enter(ConversionState.HelperReady);
        if (through == ConversionState.HelperReady)
        {
            return;
        }

        tracker.Enter(ConversionState.Preparing);
        await RunAsync(session, new PrepareRequest { RequestId = Id("prepare"), ConversionId = Current.Id, Layout = Current.Task.Plan.Layout }, cancellationToken).ConfigureAwait(false);
        tracker.Enter(ConversionState.Copying);
        await RunAsync(session, new CopyRequest { RequestId = Id("copy") }, cancellationToken).ConfigureAwait(false);
        tracker.Enter(ConversionState.Synchronized);
        if (through == ConversionState.Synchronized)
        {
            return;
        }

        await ReconfigureAsync(session, isAskedFor: through == ConversionState.Reconfiguring, cancellationToken).ConfigureAwait(false);
        if (through == ConversionState.Reconfiguring)
        {
            return;
        }

        tracker.Enter(ConversionState.Finishing);
        await RunAsync(session, new FinishRequest { RequestId = Id("finish") }, cancellationToken).ConfigureAwait(false);
        await HandOverAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Goes on with what an earlier driver began: its running operation is ours now.</summary>
    private void Adopt(HelloEvent hello)
    {
        var isSameDaemon = Current.AgentBootId == hello.BootId;
        var active = hello.ActiveRequestId is { } id && int.TryParse(id.Substring(id.LastIndexOf('-') + 1), out var attempt) ? attempt : Current.Attempt;
        tracker.Update(c => c with
        {
            Attempt = active,
            AgentBootId = hello.BootId,
            AgentSequence = isSameDaemon ? c.AgentSequence : 0,
        });
    }

    private async Task ConnectSourceAsync(HelperSession session, CancellationToken cancellationToken)
    {
        if (secrets is null && !session.Hello!.HasSource)
        {
            throw new P2VException(
                ErrorIds.SourceCredentialRequired,
                $"The helper does not hold the credential of {Current.Task.Source} any more.",
                "Give it again: Resume-P2VConversion -Credential or -KeyFile.",
                Current.Id);
        }

        if (secrets is not null)
        {
            var seen = destination.SeenFromHelper(Current.Task.Source);
            await RunAsync(session, new ConnectSourceRequest { RequestId = Id("connect"), Source = secrets.ToAccess(seen) }, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task ReconfigureAsync(HelperSession session, bool isAskedFor, CancellationToken cancellationToken)
    {
        if (!isAskedFor && (Current.IsReconfigured || Current.Task.Settings.SkipReconfiguration))
        {
            return;
        }

        tracker.Enter(ConversionState.Reconfiguring);
        var plan = Current.Task.Plan;
        var reconfigure = new ReconfigureOptions
        {
            RunningKernel = Current.Task.Facts.OperatingSystem.RunningKernel,
            Adapters = [.. plan.Adapters.Select((adapter, i) => new AdapterMapping(adapter.Name, adapter.MacAddress, Current.MacAddresses.ElementAtOrDefault(i)))],
            Dropped = [.. plan.Skipped.Where(s => s.IsSelected).Select(s => new DroppedDevice(s.Device, s.Uuid, s.MountPoint))],
            Replaced = plan.Replaced,
        };
        await RunAsync(session, new ReconfigureRequest { RequestId = Id("reconfigure"), Options = reconfigure }, cancellationToken).ConfigureAwait(false);
        tracker.Update(c => c with { IsReconfigured = true });
    }

    /// <summary>A finish whose driver died: the helper said that it was done, or the VM was handed over already.</summary>
    private async Task<bool> FinishAbandonedAsync(CancellationToken cancellationToken)
    {
        if (Current.MachineId is null)
        {
            return false;
        }

        // Asked before the power is: one that is found finished first and on then was handed over.
        var isFinished = await destination.IsHelperFinishedAsync(Current.MachineId, cancellationToken).ConfigureAwait(false);
        var machine = await destination.GetAsync(Current.MachineId, cancellationToken).ConfigureAwait(false);
        RequireOwn(machine, Current.Id);
        if (!isFinished)
        {
            return false;
        }

        tracker.Enter(ConversionState.Finishing);
        if (machine.Power == MachinePower.PoweredOff)
        {
            await HandOverAsync(cancellationToken).ConfigureAwait(false);
        }
        else
        {
            // Somebody's server by now: it is not touched.
            deployment.Remember(machine);
            Complete();
        }

        return true;
    }

    /// <summary>An id of the destination's may have come to mean another machine since it was stored.</summary>
    /// <exception cref="P2VException">MachineNotFound.</exception>
    public static void RequireOwn(DestinationMachine machine, string conversionId)
    {
        if (machine.ConversionId != conversionId)
        {
            throw new P2VException(
                ErrorIds.MachineNotFound,
                $"The VM {machine.Name} ({machine.Id}) is not the one that was made for the conversion {conversionId}.",
                "It was removed, and its id is another VM's now: start a new conversion.",
                conversionId);
        }
    }

    private async Task HandOverAsync(CancellationToken cancellationToken)
    {
        var id = Current.MachineId!;
        var deadline = DateTime.UtcNow + ShutdownPatience;
        while (!await IsOffAsync(id, cancellationToken).ConfigureAwait(false))
        {
            if (DateTime.UtcNow > deadline)
            {
                // Its file systems are unmounted: nothing is lost by pulling the plug.
                await destination.PowerOffAsync(id, cancellationToken).ConfigureAwait(false);
                break;
            }

            await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken).ConfigureAwait(false);
        }

        deployment.Remember(await destination.FinishAsync(id, cancellationToken).ConfigureAwait(false));
        if (Current.Task.Settings.PowerOn)
        {
            await destination.PowerOnAsync(id, cancellationToken).ConfigureAwait(false);
        }

        Complete();
    }

    /// <summary>A server that is away for a moment is no reason to give up at the end.</summary>
    private async Task<bool> IsOffAsync(string id, CancellationToken cancellationToken)
    {
        try
        {
            return (await destination.GetAsync(id, cancellationToken).ConfigureAwait(false)).Power == MachinePower.PoweredOff;
        }
        catch (P2VException exception) when (exception.ErrorId == ErrorIds.ServerUnreachable)
        {
            return false;
        }
    }

    private void Complete()
    {
        tracker.Enter(ConversionState.Completed);
        tracker.Update(c => c with { CompletedAt = DateTimeOffset.UtcNow, InterruptedState = null, Error = null, DriverProcessId = null });
    }

    private async Task RunAsync(HelperSession session, AgentRequest request, CancellationToken cancellationToken)
    {
        try
        {
            await session.RunAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            using var patience = new CancellationTokenSource(CancelPatience);
            try
            {
                await session.CancelAsync(request.RequestId, patience.Token).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is OperationCanceledException or P2VException or HelperRestartedException)
            {
                console.Warning($"The helper did not confirm the stop: {exception.Message}");
            }

            throw;
        }
    }

    private Task TakeAsync(AgentEvent agentEvent)
    {
        tracker.Take(agentEvent);
        return Task.CompletedTask;
    }

    private string Id(string operation) => FormattableString.Invariant($"{operation}-{Current.Attempt}");
}
