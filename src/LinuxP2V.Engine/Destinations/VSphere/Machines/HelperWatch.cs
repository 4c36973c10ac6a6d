using LinuxP2V.Engine.Destinations.VSphere.Vim;

namespace LinuxP2V.Engine.Destinations.VSphere.Machines;

/// <summary>
/// Reads the helpers' last messages as long as they run: what a guest says can be lost with the VM's power. A
/// message that was read is stored where it stays.
/// </summary>
internal sealed class HelperWatch(VimClient client) : IDisposable
{
    private static readonly TimeSpan LastLook = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FailurePause = TimeSpan.FromSeconds(10);

    private readonly Dictionary<ManagedObject, Watch> watches = [];
    private readonly CancellationTokenSource stop = new();

    public void Begin(ManagedObject machine, string conversionId)
    {
        lock (watches)
        {
            if (watches.TryGetValue(machine, out var running) && !running.Outcome.IsCompleted)
                return;

            var watch = new Watch(CancellationTokenSource.CreateLinkedTokenSource(stop.Token));
            watch.Outcome = Task.Run(() => WatchAsync(machine, conversionId, watch));
            watches[machine] = watch;
        }
    }

    /// <summary>Before the machine is started anew, or is nobody's helper any more: nothing is noted in it from then on.</summary>
    public void Forget(ManagedObject machine)
    {
        lock (watches)
        {
            if (watches.TryGetValue(machine, out var watch))
                watch.Stop.Cancel();

            watches.Remove(machine);
        }
    }

    /// <summary>Of a machine that is off; its watch may be about to find out.</summary>
    public async Task<bool> HasFinishedAsync(ManagedObject machine, CancellationToken cancellationToken)
    {
        Watch? watch;
        lock (watches)
            watches.TryGetValue(machine, out watch);

        if (watch is null)
            return false;

        await Task.WhenAny(watch.Outcome, Task.Delay(LastLook, cancellationToken)).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        return watch.HasFinished;
    }

    public void Dispose() => stop.Cancel();

    private async Task WatchAsync(ManagedObject machine, string conversionId, Watch watch)
    {
        try
        {
            while (!await TryWatchAsync(machine, conversionId, watch).ConfigureAwait(false))
                await Task.Delay(FailurePause, watch.Stop.Token).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // Asked again, the destination looks at what the VM itself holds.
        }
    }

    /// <returns>False when the server does not answer: the helper works on meanwhile.</returns>
    private async Task<bool> TryWatchAsync(ManagedObject machine, string conversionId, Watch watch)
    {
        try
        {
            await client
                .Updates.WaitAsync(
                    machine,
                    MachineSnapshot.HelperPaths,
                    properties =>
                    {
                        var snapshot = new MachineSnapshot(properties);
                        watch.HasFinished |= snapshot.Announcement is { IsFinished: true } message && message.ConversionId == conversionId;
                        return watch.HasFinished || snapshot.Power == MachinePower.PoweredOff;
                    },
                    watch.Stop.Token
                )
                .ConfigureAwait(false);
            if (watch.HasFinished)
                await NoteAsync(machine, conversionId, watch.Stop.Token).ConfigureAwait(false);

            return true;
        }
        catch (VimTransportException)
        {
            return false;
        }
    }

    private async Task NoteAsync(ManagedObject machine, string conversionId, CancellationToken cancellationToken)
    {
        // While it powers off, it is not to be changed.
        await client
            .Updates.WaitAsync(
                machine,
                MachineSnapshot.HelperPaths,
                properties => new MachineSnapshot(properties).Power == MachinePower.PoweredOff,
                cancellationToken
            )
            .ConfigureAwait(false);
        await client
            .Tasks.RunAsync("ReconfigVM_Task", machine, [("spec", MachineConfigSpecs.NoteFinish(conversionId))], cancellationToken)
            .ConfigureAwait(false);
    }

    private sealed class Watch(CancellationTokenSource stop)
    {
        private volatile bool hasFinished;

        public CancellationTokenSource Stop { get; } = stop;

        public Task Outcome { get; set; } = Task.CompletedTask;

        /// <summary>Kept over an interruption: it is said once.</summary>
        public bool HasFinished
        {
            get => hasFinished;
            set => hasFinished = value;
        }
    }
}
