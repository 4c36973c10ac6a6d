using LinuxP2V.Engine.Destinations.VSphere.Vim;

namespace LinuxP2V.Engine.Destinations.VSphere.Inventory;

/// <summary>Says where a VM could go, or is: as objects of the inventory, and in the terms of the conversions' limits.</summary>
/// <param name="server">Tells the hosts of two servers apart.</param>
internal sealed class PlaceFinder(
    VimClient client,
    string server,
    InventoryReader inventory,
    HostChooser chooser,
    SpaceReservations reservations
)
{
    /// <summary>The best place, with its room reserved for the conversion if it has it.</summary>
    /// <exception cref="P2VException">There is none.</exception>
    public async Task<MachinePlacement> TakeAsync(MachineSpecification machine, string conversionId, CancellationToken cancellationToken)
    {
        var resolver = await ResolverAsync(machine, cancellationToken).ConfigureAwait(false);
        return reservations.Take(conversionId, machine, () => resolver.Resolve() ?? throw resolver.Problems[0]);
    }

    /// <returns>The folder that the VM would be made in; null when the inventory has changed so that there is none.</returns>
    public async Task<InventoryItem?> FindFolderAsync(MachineSpecification machine, CancellationToken cancellationToken) =>
        (await ResolverAsync(machine, cancellationToken).ConfigureAwait(false)).Resolve()?.Folder;

    public async Task<IReadOnlyList<MachinePlace>> FindAsync(MachineSpecification machine, CancellationToken cancellationToken)
    {
        var resolver = await ResolverAsync(machine, cancellationToken).ConfigureAwait(false);
        return [.. resolver.ResolveAll().Select(placement => Describe(machine.Placement, placement))];
    }

    /// <returns>Where the VM is; empty when it is gone.</returns>
    public async Task<IReadOnlyList<MachinePlace>> FindExistingAsync(
        MachineSpecification machine,
        string machineId,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var found = await client
                .Properties.ReadAsync(ManagedObject.Machine(machineId), ["runtime.host", "datastore"], cancellationToken)
                .ConfigureAwait(false);
            var host = found["runtime.host"].AsReference();
            return
            [
                new MachinePlace(
                    machine.Placement,
                    host is { } known ? Key(known) : null,
                    [.. found["datastore"].AsReferences().Select(Key)]
                ),
            ];
        }
        catch (VimFaultException fault) when (fault.Is("ManagedObjectNotFound"))
        {
            return [];
        }
    }

    private async Task<PlacementResolver> ResolverAsync(MachineSpecification machine, CancellationToken cancellationToken) =>
        new(await inventory.ReadAsync(cancellationToken).ConfigureAwait(false), machine, chooser.Order, reservations.FreeOn);

    private MachinePlace Describe(PlacementSettings wanted, MachinePlacement placement)
    {
        var datastores = placement.Datastores.Select(item => Key(item.Object)).ToList();
        var narrowed = wanted with
        {
            VMHost = Id(placement.Host.Object),
            // No name means just these, where the disks need several: what was wanted stays.
            Datastore = datastores.Count == 1 ? Id(placement.Home.Object) : wanted.Datastore,
        };
        return new MachinePlace(narrowed, Key(placement.Host.Object), datastores);
    }

    private static string Id(ManagedObject item) => $"{item.Type}-{item.Value}";

    private string Key(ManagedObject item) => $"{server}/{item.Value}";
}
