using LinuxP2V.Engine.Destinations.VSphere.Inventory;
using LinuxP2V.Engine.Destinations.VSphere.Machines;
using LinuxP2V.Engine.Destinations.VSphere.Preflight;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Destinations.VSphere;

public sealed partial class VSphereDestination
{
    /// <inheritdoc/>
    public Task<DestinationMachine> CreateAsync(
        MachineSpecification machine,
        HelperSettings settings,
        string helperImagePath,
        string conversionId,
        CancellationToken cancellationToken
    ) =>
        GuardAsync(
            $"create the VM {machine.Name}",
            machine.Name,
            async () =>
            {
                var image = HelperImage.Require(helperImagePath);
                // Renamed or moved since, it would not be found where it was to be made.
                if (await MachineFinder.FindOfAsync(client, conversionId, cancellationToken).ConfigureAwait(false) is { } known)
                    return Describe(await AdoptAsync(known, machine, settings, cancellationToken).ConfigureAwait(false));

                var placement = await places.TakeAsync(machine, conversionId, cancellationToken).ConfigureAwait(false);
                try
                {
                    var made = await FindNamedAsync(machine, placement, conversionId, cancellationToken).ConfigureAwait(false) is { } named
                        ? await AdoptAsync(named, machine, settings, cancellationToken).ConfigureAwait(false)
                        : await MakeAsync(machine, placement, settings, image, conversionId, cancellationToken).ConfigureAwait(false);
                    reservations.Keep(conversionId, made.Object);
                    return Describe(made);
                }
                catch
                {
                    reservations.Release(conversionId);
                    throw;
                }
            }
        );

    /// <inheritdoc/>
    public Task<DestinationMachine?> FindAsync(MachineSpecification machine, string conversionId, CancellationToken cancellationToken) =>
        GuardAsync(
            $"look for the VM {machine.Name}",
            machine.Name,
            async () =>
            {
                var container = await places.FindContainerAsync(machine, cancellationToken).ConfigureAwait(false);
                return
                    await maker.FindAsync(container?.Object, machine.Name, conversionId, cancellationToken).ConfigureAwait(false)
                        is { } found
                    ? Describe(found)
                    : null;
            }
        );

    private async Task<MachineSnapshot> MakeAsync(
        MachineSpecification machine,
        MachinePlacement placement,
        HelperSettings settings,
        string image,
        string conversionId,
        CancellationToken cancellationToken
    )
    {
        if (placement.Shortages.Count > 0)
        {
            var finding = VSphereMachineTest.SpaceFinding(machine, placement.Shortages[0]);
            throw new P2VException(finding.Id, finding.What, finding.Remedy, machine.Name);
        }

        var guest = await HostOptions.QueryAsync(client, placement, machine, cancellationToken).ConfigureAwait(false);
        var backings = await NetworkBackings.OfAsync(client, placement.Networks, cancellationToken).ConfigureAwait(false);
        var imagePath = placement.NamedImage is { } named
            ? await images
                .RequireAsync(image, named, placement.ImageStore, placement.DatacenterPath, cancellationToken)
                .ConfigureAwait(false)
            : await images
                .ProvideAsync(image, placement.ImageStore, placement.Datacenter, placement.DatacenterPath, cancellationToken)
                .ConfigureAwait(false);
        var spec = MachineConfigSpecs.Create(
            machine,
            placement,
            guest.GuestId,
            imagePath,
            backings,
            settings,
            conversionId,
            client.Content.IsVirtualCenter
        );
        console.Verbose($"Creating {machine.Name} ({guest.GuestId}) on {placement.Host.Name}, datastore {placement.Home.Name}.");
        var made = await maker.MakeAsync(machine, placement, spec, conversionId, cancellationToken).ConfigureAwait(false);
        chooser.Add(made.Object, made.Host ?? placement.Host.Object);
        return made;
    }

    /// <returns>
    /// The VM that an earlier driver of this conversion made, should the server have given it another id; null when
    /// the name is free.
    /// </returns>
    private async Task<MachineSnapshot?> FindNamedAsync(
        MachineSpecification machine,
        MachinePlacement placement,
        string conversionId,
        CancellationToken cancellationToken
    )
    {
        if (
            await MachineFinder.FindAsync(client, placement.Container.Object, machine.Name, cancellationToken).ConfigureAwait(false)
            is not { } found
        )
            return null;

        var existing =
            found.Type == "VirtualMachine"
                ? await MachineFinder.ReadOwnAsync(client, found, conversionId, cancellationToken).ConfigureAwait(false)
                : null;
        return existing
            ?? throw new P2VException(
                ErrorIds.DestinationNameTaken,
                $"There is a {machine.Name} already in {placement.Container.Name}.",
                "Give the VM another name with -Name, or another folder with -InventoryLocation.",
                machine.Name
            );
    }

    /// <summary>The engine that comes back may have another key.</summary>
    private async Task<MachineSnapshot> AdoptAsync(
        MachineSnapshot existing,
        MachineSpecification machine,
        HelperSettings settings,
        CancellationToken cancellationToken
    )
    {
        // The engine that made it may have ended before.
        if (!existing.IsFinished)
            await maker.NoteAsync(existing.Object, machine, cancellationToken).ConfigureAwait(false);

        if (existing is { IsFinished: false, Power: MachinePower.PoweredOff })
            await ReconfigureAsync(existing.Object, MachineConfigSpecs.GiveSettings(settings), cancellationToken).ConfigureAwait(false);

        return existing;
    }
}
