using LinuxP2V.Engine.Helpers;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Conversions;

/// <summary>
/// The services that a cutover stops on the source. They are noted before they are stopped, so that whoever drives next
/// knows; started again whenever the cutover does not come to its end; and left alone once it has.
/// </summary>
internal sealed class QuiescedServices(ConversionTracker tracker, IEngineConsole console)
{
    /// <summary>systemd gives a unit 90 seconds to start.</summary>
    private static readonly TimeSpan StartPatience = TimeSpan.FromMinutes(3);

    private string reason = "the helper was not reached";

    private Conversion Current => tracker.Current;

    public bool AreStopped => Current.StoppedServices.Count > 0;

    /// <summary>Notes them; the caller sends the request then. Those that an earlier helper stopped stay its.</summary>
    public void Note(IReadOnlyList<string> services, HelloEvent hello) => tracker.Update(c => c with
    {
        StoppedServices = [.. c.StoppedServices.Union(services)],
        ServicesStoppedBy = c.ServicesStoppedBy ?? hello.BootId,
    });

    public void Forget()
    {
        if (AreStopped)
        {
            tracker.Update(c => c with { StoppedServices = [], ServicesStoppedBy = null });
        }
    }

    /// <summary>Starts them again. Those that it cannot start stay noted; this never fails.</summary>
    public async Task StartAsync(HelperSession session)
    {
        using var patience = new CancellationTokenSource(StartPatience);
        try
        {
            var start = new StartServicesRequest { RequestId = $"{AgentOperation.StartServices}-{Guid.NewGuid():N}" };
            await session.RunAsync(start, patience.Token).ConfigureAwait(false);
            if (Current.ServicesStoppedBy != session.Hello?.BootId)
            {
                // This one knows what it stopped itself, and nothing of what another did.
                reason = "the helper that stopped them has restarted since";
                return;
            }

            console.Verbose($"Started again on the source: {Names}.");
            Forget();
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
                $"The copy is finished, but the VM was not handed over, and on the source {Current.Task.Source.Host} these services are stopped: {Names}. " +
                $"Resume-P2VConversion -Conversion {Current.Id} hands the VM over. If the source shall go on working instead, start them there: " +
                $"systemctl start {string.Join(" ", Current.StoppedServices)}");
        }
        else
        {
            console.Warning(
                $"On the source {Current.Task.Source.Host} these services are still stopped, and could not be started again ({reason}): {Names}. " +
                $"Start them there: systemctl start {string.Join(" ", Current.StoppedServices)}");
        }
    }

    private string Names => string.Join(", ", Current.StoppedServices);
}
