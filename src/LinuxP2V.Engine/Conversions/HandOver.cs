using LinuxP2V.Engine.Destinations;

namespace LinuxP2V.Engine.Conversions;

/// <summary>The last step: a VM whose helper is done becomes the destination VM.</summary>
internal sealed class HandOver(ConversionTracker tracker, IDestination destination)
{
    private static readonly TimeSpan ShutdownPatience = TimeSpan.FromMinutes(2);

    private Conversion Current => tracker.Current;

    /// <summary>A finish whose driver died: the helper is off and said that it was done.</summary>
    public async Task<bool> TryFinishAbandonedAsync(CancellationToken cancellationToken)
    {
        if (Current.MachineId is null)
        {
            return false;
        }

        var machine = await destination.GetAsync(Current.MachineId, cancellationToken).ConfigureAwait(false);
        if (machine.Power != MachinePower.PoweredOff || !await destination.IsHelperFinishedAsync(machine.Id, cancellationToken).ConfigureAwait(false))
        {
            return false;
        }

        tracker.Enter(ConversionState.Finishing);
        await RunAsync(cancellationToken).ConfigureAwait(false);
        return true;
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var id = Current.MachineId!;
        var deadline = DateTime.UtcNow + ShutdownPatience;
        while ((await destination.GetAsync(id, cancellationToken).ConfigureAwait(false)).Power != MachinePower.PoweredOff)
        {
            if (DateTime.UtcNow > deadline)
            {
                // Its file systems are unmounted: nothing is lost by pulling the plug.
                await destination.PowerOffAsync(id, cancellationToken).ConfigureAwait(false);
                break;
            }

            await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken).ConfigureAwait(false);
        }

        tracker.Remember(await destination.FinishAsync(id, cancellationToken).ConfigureAwait(false));
        if (Current.Task.Settings.PowerOn)
        {
            await destination.PowerOnAsync(id, cancellationToken).ConfigureAwait(false);
        }

        tracker.Enter(ConversionState.Completed);
        tracker.Update(c => c with
        {
            CompletedAt = DateTimeOffset.UtcNow,
            InterruptedState = null,
            Error = null,
            DriverProcessId = null,
            // The VM takes their work over.
            StoppedServices = [],
            ServicesStoppedBy = null,
        });
    }
}
