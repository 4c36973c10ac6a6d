using System.Collections.Concurrent;
using LinuxP2V.Engine.Destinations.VSphere.Vim;

namespace LinuxP2V.Engine.Destinations.VSphere.Machines;

/// <summary>
/// Listens for the helpers' last words as long as they run: what a guest says can go with the VM's power. A word that was
/// heard is written where it stays.
/// </summary>
internal sealed class HelperWatch(VimClient client) : IDisposable
{
    private static readonly TimeSpan LastLook = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<ManagedObject, Task<bool>> watches = new();
    private readonly CancellationTokenSource stop = new();

    public void Begin(ManagedObject machine, string conversionId) =>
        watches.AddOrUpdate(machine, _ => WatchAsync(machine, conversionId), (_, running) => running.IsCompleted ? WatchAsync(machine, conversionId) : running);

    /// <summary>Before the machine is started anew.</summary>
    public void Forget(ManagedObject machine) => watches.TryRemove(machine, out _);

    /// <summary>Of a machine that is off; its watch may be about to find out.</summary>
    public async Task<bool> HasFinishedAsync(ManagedObject machine, CancellationToken cancellationToken)
    {
        if (!watches.TryGetValue(machine, out var watch))
            return false;

        await Task.WhenAny(watch, Task.Delay(LastLook, cancellationToken)).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        return watch.IsCompleted && await watch.ConfigureAwait(false);
    }

    public void Dispose() => stop.Cancel();

    private async Task<bool> WatchAsync(ManagedObject machine, string conversionId)
    {
        var hasFinished = false;
        try
        {
            await client.Updates.WaitAsync(
                machine,
                MachineSnapshot.HelperPaths,
                properties =>
                {
                    var snapshot = new MachineSnapshot(properties);
                    hasFinished |= snapshot.Announcement is { IsFinished: true } word && word.ConversionId == conversionId;
                    return hasFinished || snapshot.Power == MachinePower.PoweredOff;
                },
                stop.Token).ConfigureAwait(false);
            if (hasFinished)
                await NoteAsync(machine, conversionId).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // Asked again, the destination looks at what the VM itself holds.
        }

        return hasFinished;
    }

    private async Task NoteAsync(ManagedObject machine, string conversionId)
    {
        // While it powers off, it is not to be changed.
        await client.Updates.WaitAsync(
            machine, MachineSnapshot.HelperPaths, properties => new MachineSnapshot(properties).Power == MachinePower.PoweredOff, stop.Token).ConfigureAwait(false);
        await client.Tasks.RunAsync("ReconfigVM_Task", machine, [("spec", MachineConfigSpecs.NoteFinish(conversionId))], stop.Token).ConfigureAwait(false);
    }
}
