using LinuxP2V.Engine.Destinations;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Conversions;

/// <summary>The last step: a VM whose helper is done becomes the destination VM.</summary>
internal sealed class HandOver(ConversionTracker tracker, IDestination destination)
{
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromMinutes(2);

    private Conversion Current => tracker.Current;

    /// <summary>The copy is finished: the source's services may rest, for the VM takes their work over.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>A finish whose driver died: the helper said that it was done, or the VM was handed over already.</summary>
    public async Task<bool> TryFinishAbandonedAsync(CancellationToken cancellationToken)
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

        HasBegun = true;
        tracker.Enter(ConversionState.Finishing);
        if (machine.Power == MachinePower.PoweredOff)
        {
            await RunAsync(cancellationToken).ConfigureAwait(false);
        }
        else
        {
            // Somebody's server by now: it is not touched.
            tracker.Remember(machine);
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
                conversionId
            );
        }
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        HasBegun = true;
        var id = Current.MachineId!;
        var deadline = DateTime.UtcNow + ShutdownTimeout;
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

        tracker.Remember(await destination.FinishAsync(id, cancellationToken).ConfigureAwait(false));
        if (Current.Task.Settings.PowerOn)
        {
            await destination.PowerOnAsync(id, cancellationToken).ConfigureAwait(false);
            try
            {
                // It may have waited for a backup, whose snapshot is there now.
                tracker.Remember(await destination.GetAsync(id, cancellationToken).ConfigureAwait(false));
            }
            catch (P2VException)
            {
                // The VM runs: what is not known of it makes its conversion no failure.
            }
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
        tracker.Update(c =>
            c with
            {
                CompletedAt = DateTimeOffset.UtcNow,
                InterruptedState = null,
                Error = null,
                DriverProcessId = null,
                // The VM takes their work over.
                StoppedServices = [],
                ServicesBeingStopped = [],
                ServicesStoppedBy = null,
            }
        );
    }
}
