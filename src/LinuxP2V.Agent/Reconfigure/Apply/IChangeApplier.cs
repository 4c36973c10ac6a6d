using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Reconfigure.Tree;
using LinuxP2V.Guest.Planning;

namespace LinuxP2V.Agent.Reconfigure.Apply;

/// <summary>Carries out one kind of change.</summary>
internal interface IChangeApplier
{
    bool Takes(GuestChange change);

    /// <returns>The change as it was made, to be reported; null where the copy turned out not to need it.</returns>
    /// <exception cref="AgentException">ReconfigurationFailed.</exception>
    /// <exception cref="IOException">A file of the copy cannot be read or written.</exception>
    Task<GuestChange?> ApplyAsync(GuestChange change, ReconfigureContext context, CancellationToken cancellationToken);
}

/// <inheritdoc/>
internal abstract class ChangeApplier<TChange> : IChangeApplier
    where TChange : GuestChange
{
    public bool Takes(GuestChange change) => change is TChange;

    public Task<GuestChange?> ApplyAsync(GuestChange change, ReconfigureContext context, CancellationToken cancellationToken) =>
        ApplyAsync((TChange)change, context, cancellationToken);

    protected abstract Task<GuestChange?> ApplyAsync(TChange change, ReconfigureContext context, CancellationToken cancellationToken);
}
