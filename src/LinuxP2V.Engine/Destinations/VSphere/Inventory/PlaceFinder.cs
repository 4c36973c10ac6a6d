using LinuxP2V.Engine.Destinations.VSphere.Vim;
using LinuxP2V.Engine.Tasks;

namespace LinuxP2V.Engine.Destinations.VSphere.Inventory;

/// <summary>Says where a VM could go, or is: in objects of the inventory, and in the words of the conversions' limits.</summary>
/// <param name="server">Tells the hosts of two servers apart.</param>
internal sealed class PlaceFinder(VimClient client, string server, InventoryReader inventory, HostChooser chooser)
{
    /// <returns>The best place.</returns>
    /// <exception cref="P2VException">There is none.</exception>
    public async Task<MachinePlacement> ResolveAsync(MachineSpecification machine, CancellationToken cancellationToken)
    {
        var resolver = await ResolverAsync(machine, cancellationToken).ConfigureAwait(false);
        return resolver.Resolve() ?? throw resolver.Problems[0];
    }

    public async Task<IReadOnlyList<MachinePlace>> FindAsync(MachineSpecification machine, CancellationToken cancellationToken)
    {
        var resolver = await ResolverAsync(machine, cancellationToken).ConfigureAwait(false);
        return [.. resolver.ResolveAll().Select(placement => Describe(machine.Placement, placement))];
    }

    /// <returns>Where the VM is; empty when it is gone.</returns>
    public async Task<IReadOnlyList<MachinePlace>> FindExistingAsync(MachineSpecification machine, string machineId, CancellationToken cancellationToken)
    {
        try
        {
            var found = await client.Properties.ReadAsync(ManagedObject.Machine(machineId), ["runtime.host", "datastore"], cancellationToken).ConfigureAwait(false);
            var host = found["runtime.host"].AsReference();
            return [new MachinePlace(machine.Placement, host is { } known ? Key(known) : null, [.. found["datastore"].AsReferences().Select(Key)])];
        }
        catch (VimFaultException fault) when (fault.Is("ManagedObjectNotFound"))
        {
            return [];
        }
    }

    private async Task<PlacementResolver> ResolverAsync(MachineSpecification machine, CancellationToken cancellationToken) =>
        new(await inventory.ReadAsync(cancellationToken).ConfigureAwait(false), machine, chooser.Order);

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
