using LinuxP2V.Engine.Helpers;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Conversions;

/// <summary>
/// The services that a cutover stops on the source. They are noted before they are stopped, so that the next driver
/// knows; started again whenever the cutover does not come to its end; and left alone once it has.
/// </summary>
internal sealed class QuiescedServices(ConversionTracker tracker, IEngineConsole console)
{
    /// <summary>systemd gives a unit 90 seconds to start.</summary>
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(3);

    private string reason = "the helper was not reached, or does not tell what it did";

    private Conversion Current => tracker.Current;

    public bool AreStopped => Current.ServicesAtRest.Count > 0;

    /// <summary>Stops them. From before the request on they are noted.</summary>
    /// <param name="requestId">Tells this asking from others.</param>
    public async Task StopAsync(HelperSession session, IReadOnlyList<string> services, string requestId, Func<AgentRequest, Task> runAsync)
    {
        Inherit(session.Hello!);
        var stop = new StopServicesRequest
        {
            RequestId = requestId,
            ConversionId = Current.Id,
            Services = services,
            Stopped = Current.StoppedServices,
        };
        tracker.Update(c =>
            c with
            {
                ServicesBeingStopped = services,
                ServicesStoppedBy = session.Hello!.BootId,
                ServiceReleases = session.Hello.ServiceReleases,
            }
        );
        console.Verbose($"Stopping on the source: {string.Join(", ", services)}.");
        await runAsync(stop).ConfigureAwait(false);
    }

    /// <summary>
    /// The source worked on while nobody drove the cutover: what is asked for again is then done again, from the stop of
    /// the services on, and what is not is said.
    /// </summary>
    public void TakeReleases(HelloEvent hello, ConversionGoal goal)
    {
        if (Current.ServicesStoppedBy != hello.BootId || hello.ServiceReleases <= Current.ServiceReleases)
        {
            return;
        }

        var isCutover = goal.QuiesceServices.Count > 0;
        console.Warning(
            "While nobody drove the cutover, the helper started the services that "
                + $"it had stopped on the source {Current.Task.Source.Host} again. "
                + (
                    isCutover
                        ? "They are stopped anew, and another pass follows."
                        : "What they have changed since is not in the copy before another pass."
                )
        );
        tracker.Update(c => c with { Attempt = isCutover ? c.Attempt + 1 : c.Attempt, ServiceReleases = hello.ServiceReleases });
    }

    /// <summary>
    /// A helper that was gone before it told all may have stopped any service that it was asked to stop: they count as
    /// stopped then, for one too many that runs is the smaller evil.
    /// </summary>
    private void Inherit(HelloEvent hello)
    {
        if (Current.ServicesStoppedBy != hello.BootId && Current.ServicesBeingStopped.Count > 0)
        {
            tracker.Update(c => c with { StoppedServices = c.ServicesAtRest, ServicesBeingStopped = [] });
        }
    }

    /// <summary>Starts them again. Those that it cannot start stay noted; this never fails.</summary>
    /// <param name="connectAsync">Before it: gives the helper what it needs to reach the source; null: it has that.</param>
    public async Task StartAsync(HelperSession session, Func<CancellationToken, Task>? connectAsync = null)
    {
        using var timeout = new CancellationTokenSource(StartTimeout);
        try
        {
            if (connectAsync is not null)
            {
                await connectAsync(timeout.Token).ConfigureAwait(false);
            }

            Inherit(session.Hello!);
            var names = Names;
            var start = new StartServicesRequest
            {
                RequestId = AgentOperation.NewId(AgentOperation.StartServices),
                ConversionId = Current.Id,
                Stopped = Current.StoppedServices,
            };
            await session.RunAsync(start, timeout.Token).ConfigureAwait(false);
            if (!AreStopped)
            {
                console.Verbose($"Started again on the source: {names}.");
            }
        }
        catch (Exception exception) when (exception is P2VException or OperationCanceledException or HelperRestartedException)
        {
            reason = exception.Message;
        }
    }

    /// <summary>For the end of a run.</summary>
    /// <param name="isCopyFinished">They were left stopped on purpose, but the VM does not do their work yet.</param>
    public void WarnIfStopped(bool isCopyFinished)
    {
        if (!AreStopped)
        {
            return;
        }

        if (isCopyFinished)
        {
            console.Warning(
                "The copy is finished, but the VM was not handed over, and on the source "
                    + $"{Current.Task.Source.Host} these services are stopped: {Names}. "
                    + $"Resume-P2VConversion -Conversion {Current.Id} hands the VM over. "
                    + "If the source shall go on working instead, start them there: "
                    + $"systemctl start {string.Join(" ", Current.ServicesAtRest)}"
            );
        }
        else
        {
            console.Warning(
                $"On the source {Current.Task.Source.Host} these services are still stopped, "
                    + $"and could not be started again ({reason}): {Names}. "
                    + "A timer on the source tries it within the hour, where its systemd has one. "
                    + $"Start them there: systemctl start {string.Join(" ", Current.ServicesAtRest)}"
            );
        }
    }

    private string Names => string.Join(", ", Current.ServicesAtRest);
}
