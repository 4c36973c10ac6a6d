using LinuxP2V.Engine.Destinations.VSphere.Libraries;
using LinuxP2V.Engine.Destinations.VSphere.Policies;
using LinuxP2V.Engine.Destinations.VSphere.Vim;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Destinations.VSphere.Inventory;

/// <summary>Says where a VM could go, or is: as objects of the inventory, and in the terms of the conversions' limits.</summary>
/// <param name="server">Tells the hosts of two servers apart.</param>
/// <param name="advise">Which datastore of a datastore cluster the server would take.</param>
internal sealed class PlaceFinder(
    VimClient client,
    string server,
    InventoryReader inventory,
    HostChooser chooser,
    SpaceReservations reservations,
    NamedImageFinder images,
    StorageAdvice advise
)
{
    /// <summary>The best place, with its room reserved for the conversion if it has it.</summary>
    /// <exception cref="P2VException">There is none.</exception>
    public async Task<MachinePlacement> TakeAsync(MachineSpecification machine, string conversionId, CancellationToken cancellationToken)
    {
        var resolver = await ResolverAsync(machine, cancellationToken).ConfigureAwait(false);
        var advised = await AskStorageDrsAsync(resolver, machine, cancellationToken).ConfigureAwait(false);
        return reservations.Take(
            conversionId,
            machine,
            () => AdvisedFirst(resolver.ResolveAll(), advised).FirstOrDefault() ?? throw Failure(resolver.Problems)
        );
    }

    /// <returns>The folder or vApp that the VM would be made in; null when the inventory has changed so that there is none.</returns>
    public async Task<InventoryItem?> FindContainerAsync(MachineSpecification machine, CancellationToken cancellationToken) =>
        // Where it went does not depend on the policy or the image, which may be gone.
        (
            await ResolverAsync(
                    machine with
                    {
                        StoragePolicy = null,
                        Placement = machine.Placement with { HelperImageItem = null, HelperImageDatastore = null },
                    },
                    cancellationToken
                )
                .ConfigureAwait(false)
        )
            .Resolve()
            ?.Container;

    /// <returns>Empty where there is none: making the VM says why.</returns>
    public async Task<IReadOnlyList<MachinePlace>> FindAsync(MachineSpecification machine, CancellationToken cancellationToken)
    {
        PlacementResolver resolver;
        try
        {
            resolver = await ResolverAsync(machine, cancellationToken).ConfigureAwait(false);
        }
        catch (P2VException exception)
            when (exception.ErrorId
                    is ErrorIds.InventoryItemNotFound
                        or ErrorIds.InventoryItemAmbiguous
                        or ErrorIds.PlanNotPossible
                        or ErrorIds.HelperImageMissing
                        or ErrorIds.DestinationNotSupported
                        or ErrorIds.ServerAuthenticationFailed
                        or ErrorIds.ServerPermissionMissing
            )
        {
            return [];
        }

        var advised = await AskStorageDrsAsync(resolver, machine, cancellationToken).ConfigureAwait(false);
        return [.. AdvisedFirst(resolver.ResolveAll(), advised).Select(placement => Describe(machine.Placement, placement))];
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

    private async Task<PlacementResolver> ResolverAsync(MachineSpecification machine, CancellationToken cancellationToken)
    {
        var tree = await inventory.ReadAsync(cancellationToken).ConfigureAwait(false);
        var policy = await new PolicyFinder(client)
            .FindAsync(machine.StoragePolicy, tree.Datastores, cancellationToken)
            .ConfigureAwait(false);
        var image = await images.FindAsync(machine.Placement.HelperImageItem, cancellationToken).ConfigureAwait(false);
        return new PlacementResolver(tree, machine, chooser.Order, reservations.FreeOn, policy, image);
    }

    /// <returns>The datastore that Storage DRS advises; null where it is off or has no advice.</returns>
    private async Task<ManagedObject?> AskStorageDrsAsync(
        PlacementResolver resolver,
        MachineSpecification machine,
        CancellationToken cancellationToken
    ) =>
        resolver.Resolve() is { } placement && resolver.StoragePod is { } pod
            ? await advise(client, pod, placement, machine, cancellationToken).ConfigureAwait(false)
            : null;

    /// <summary>
    /// Storage DRS does not know what conversions that have begun will still write: its advice counts for a datastore to which
    /// none of them goes.
    /// </summary>
    private IEnumerable<MachinePlacement> AdvisedFirst(IEnumerable<MachinePlacement> placements, ManagedObject? advised) =>
        placements.OrderByDescending(placement =>
            placement.Home.Object == advised
            && placement.Shortages.Count == 0
            && reservations.FreeOn(placement.Home) == HostState.FreeSpace(placement.Home)
        );

    /// <summary>The first problem, whose text names the others.</summary>
    private static P2VException Failure(IReadOnlyList<P2VException> problems) =>
        problems.Count == 1
            ? problems[0]
            : new P2VException(
                problems[0].ErrorId,
                string.Join(" ", problems.Select(problem => problem.Message)),
                string.Join(" ", problems.Select(problem => problem.Remedy).Distinct()),
                problems[0].Target,
                problems[0]
            );

    private MachinePlace Describe(PlacementSettings wanted, MachinePlacement placement)
    {
        var datastores = placement.Datastores.Select(item => Key(item.Object)).ToList();
        var narrowed = wanted with
        {
            VMHost = Id(placement.IsHostOpen ? placement.Compute.Object : placement.Host.Object),
            // No name means just these, where the disks need several: what was wanted stays.
            Datastore = datastores.Count == 1 ? Id(placement.Home.Object) : wanted.Datastore,
        };
        return new MachinePlace(narrowed, Key(placement.Host.Object), datastores);
    }

    private static string Id(ManagedObject item) => $"{item.Type}-{item.Value}";

    private string Key(ManagedObject item) => $"{server}/{item.Value}";
}

/// <returns>Null where the server has no advice.</returns>
internal delegate Task<ManagedObject?> StorageAdvice(
    VimClient client,
    InventoryItem pod,
    MachinePlacement placement,
    MachineSpecification machine,
    CancellationToken cancellationToken
);
