using System.Xml.Linq;
using LinuxP2V.Engine.Access;
using LinuxP2V.Engine.Destinations.VSphere.Images;
using LinuxP2V.Engine.Destinations.VSphere.Inventory;
using LinuxP2V.Engine.Destinations.VSphere.Libraries;
using LinuxP2V.Engine.Destinations.VSphere.Machines;
using LinuxP2V.Engine.Destinations.VSphere.Preflight;
using LinuxP2V.Engine.Destinations.VSphere.Tags;
using LinuxP2V.Engine.Destinations.VSphere.Vim;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Destinations.VSphere;

/// <summary>
/// A vCenter or a stand-alone ESXi. A VM's id is its managed object id, vm-42. One connection serves any number of
/// conversions at once.
/// </summary>
public sealed partial class VSphereDestination : IServerDestination, IDisposable
{
    private const int DefaultPort = 443;

    private readonly VimClient client;
    private readonly VSphereConnectionOptions options;
    private readonly IEngineConsole console;
    private readonly InventoryReader inventory;
    private readonly HelperImageStore images;
    private readonly NamedImageFinder namedImages;
    private readonly MachineMaker maker;
    private readonly MachineStarter starter;
    private readonly MachineTags tags;
    private readonly HelperWatch watch;
    private readonly PlaceFinder places;
    private readonly HostChooser chooser = new();
    private readonly SpaceReservations reservations = new();

    private VSphereDestination(VimClient client, VSphereConnectionOptions options, IEngineConsole console)
    {
        this.client = client;
        this.options = options;
        this.console = console;
        inventory = new InventoryReader(client, reservations);
        images = new HelperImageStore(client, console);
        namedImages = new NamedImageFinder(client);
        tags = new MachineTags(client);
        maker = new MachineMaker(client, console, tags);
        starter = new MachineStarter(client, inventory, console);
        watch = new HelperWatch(client);
        places = new PlaceFinder(
            client,
            $"{options.Address}:{options.Port}",
            inventory,
            chooser,
            reservations,
            namedImages,
            StorageDrs.AdviseAsync
        );
        Reference = new DestinationReference(DestinationKinds.VSphere, options.Address, options.Port == DefaultPort ? null : options.Port);
    }

    /// <inheritdoc/>
    public DestinationReference Reference { get; }

    /// <exception cref="P2VException">
    /// ServerUnreachable, ServerAuthenticationFailed, ServerSessionEnded, ServerCertificateUntrusted, DestinationNotSupported.
    /// </exception>
    public static Task<VSphereDestination> ConnectAsync(
        VSphereConnectionOptions options,
        IEngineConsole console,
        CancellationToken cancellationToken
    ) => ConnectAsync(options, console, null, cancellationToken);

    internal static async Task<VSphereDestination> ConnectAsync(
        VSphereConnectionOptions options,
        IEngineConsole console,
        Func<HttpMessageHandler, HttpMessageHandler>? wrap,
        CancellationToken cancellationToken
    )
    {
        var client = await VimClient.ConnectAsync(options, wrap, cancellationToken).ConfigureAwait(false);
        console.Verbose($"Connected to {options.Address}: {client.Content.FullName}.");
        return new VSphereDestination(client, options, console);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<Finding>> TestAsync(
        MachineSpecification machine,
        string? helperImagePath,
        CancellationToken cancellationToken
    ) =>
        GuardAsync(
            $"test whether {machine.Name} could be made",
            machine.Name,
            async () =>
            {
                var tree = await inventory.ReadAsync(cancellationToken).ConfigureAwait(false);
                return await new VSphereMachineTest(client, tree, machine, helperImagePath, images, namedImages, tags)
                    .RunAsync(chooser.Order, reservations.FreeOn, cancellationToken)
                    .ConfigureAwait(false);
            }
        );

    /// <inheritdoc/>
    public Task<IReadOnlyList<MachinePlace>> FindPlacesAsync(
        MachineSpecification machine,
        string? machineId,
        CancellationToken cancellationToken
    ) =>
        GuardAsync(
            $"find a place for {machine.Name}",
            machine.Name,
            () =>
                machineId is null
                    ? places.FindAsync(machine, cancellationToken)
                    : places.FindExistingAsync(machine, machineId, cancellationToken)
        );

    /// <inheritdoc/>
    public Task<DestinationMachine> GetAsync(string machineId, CancellationToken cancellationToken) =>
        GuardAsync(
            $"show the VM {machineId}",
            machineId,
            async () => Describe(await ReadAsync(machineId, cancellationToken).ConfigureAwait(false))
        );

    /// <inheritdoc/>
    public Task PowerOnAsync(string machineId, CancellationToken cancellationToken) =>
        GuardAsync(
            $"power on the VM {machineId}",
            machineId,
            async () =>
            {
                var machine = await ReadAsync(machineId, cancellationToken).ConfigureAwait(false);
                if (machine.Power == MachinePower.PoweredOn)
                    return;

                RequireOurs(machine);
                if (!machine.IsFinished && machine.Power == MachinePower.PoweredOff)
                {
                    watch.Forget(machine.Object);
                    await ReconfigureAsync(machine.Object, MachineConfigSpecs.BeforeHelperBoots(machine), cancellationToken)
                        .ConfigureAwait(false);
                }

                await UnlessAsync("InvalidPowerState", () => starter.StartAsync(machine, cancellationToken)).ConfigureAwait(false);
                // DRS may have chosen another host than the one that the limits counted.
                if (
                    machine.Option(HelperKeys.HostIsOpen) is not null
                    && (await ReadAsync(machineId, cancellationToken).ConfigureAwait(false)).Host is { } host
                )
                    chooser.Add(machine.Object, host);
            }
        );

    /// <inheritdoc/>
    public Task PowerOffAsync(string machineId, CancellationToken cancellationToken) =>
        GuardAsync(
            $"power off the VM {machineId}",
            machineId,
            async () =>
            {
                var machine = await ReadAsync(machineId, cancellationToken).ConfigureAwait(false);
                RequireOurs(machine);
                if (machine.Power != MachinePower.PoweredOff)
                    await UnlessAsync(
                            "InvalidPowerState",
                            () => client.Tasks.RunAsync("PowerOffVM_Task", machine.Object, [], cancellationToken)
                        )
                        .ConfigureAwait(false);
            }
        );

    /// <inheritdoc/>
    public Task ConfirmHelperAsync(string machineId, HelperEndpoint helper, CancellationToken cancellationToken) =>
        GuardAsync(
            $"look at the helper in the VM {machineId}",
            machineId,
            async () =>
            {
                await HelperHandshake
                    .ConfirmAsync(client, ManagedObject.Machine(machineId), helper.HostKey, cancellationToken)
                    .ConfigureAwait(false);
                return true;
            }
        );

    /// <inheritdoc/>
    public Task<HelperEndpoint> AttachHelperAsync(string machineId, HelperSettings settings, CancellationToken cancellationToken) =>
        GuardAsync(
            $"reach the helper in the VM {machineId}",
            machineId,
            async () =>
            {
                var machine = ManagedObject.Machine(machineId);
                var helper = await new HelperHandshake(client, machine, settings, options.HelperTimeout)
                    .AttachAsync(cancellationToken)
                    .ConfigureAwait(false);
                watch.Begin(machine, settings.ConversionId);
                return helper;
            }
        );

    /// <summary>
    /// By the helper's own message if the VM still holds it: its key is in the VM before it is powered on, which lets ESXi
    /// keep it. Else by our note that we heard it, made by whichever engine was attached when the helper went.
    /// </summary>
    public Task<bool> IsHelperFinishedAsync(string machineId, CancellationToken cancellationToken) =>
        GuardAsync(
            $"read the VM {machineId}",
            machineId,
            async () =>
            {
                var machine = await ReadAsync(machineId, cancellationToken).ConfigureAwait(false);
                if (machine.IsFinished)
                    return true;

                if (machine.Power != MachinePower.PoweredOff || machine.ConversionId is not { } conversion)
                    return false;

                return (machine.Announcement is { IsFinished: true } message && message.ConversionId == conversion)
                    || machine.Option(HelperKeys.FinishSeen) == conversion
                    || await watch.HasFinishedAsync(machine.Object, cancellationToken).ConfigureAwait(false);
            }
        );

    /// <inheritdoc/>
    public SourceEndpoint SeenFromHelper(SourceEndpoint source) => source;

    /// <inheritdoc/>
    public Task<DestinationMachine> FinishAsync(string machineId, CancellationToken cancellationToken) =>
        GuardAsync(
            $"finish the VM {machineId}",
            machineId,
            async () =>
            {
                var machine = await ReadAsync(machineId, cancellationToken).ConfigureAwait(false);
                RequireOurs(machine);
                if (machine.IsFinished && MachineConfigSpecs.Finish(machine) is null)
                    return Describe(machine);

                if (machine.Power != MachinePower.PoweredOff)
                    throw new P2VException(
                        ErrorIds.OperationOutOfOrder,
                        $"The helper of {machine.Name} still runs.",
                        "Let it power off first.",
                        machineId
                    );

                // Its note of the finish must not come after ours.
                await watch.HasFinishedAsync(machine.Object, cancellationToken).ConfigureAwait(false);
                watch.Forget(machine.Object);
                chooser.Remove(machine.Object);
                reservations.Release(machine.Object);
                machine = await ReadAsync(machineId, cancellationToken).ConfigureAwait(false);
                await ReconfigureToFinishAsync(machine, cancellationToken).ConfigureAwait(false);
                var finished = await ReadAsync(machineId, cancellationToken).ConfigureAwait(false);
                TellOtherAddresses(machine, finished);
                return Describe(finished);
            }
        );

    /// <inheritdoc/>
    public Task DeleteAsync(string machineId, CancellationToken cancellationToken) =>
        GuardAsync(
            $"delete the VM {machineId}",
            machineId,
            async () =>
            {
                MachineSnapshot machine;
                try
                {
                    machine = await ReadAsync(machineId, cancellationToken).ConfigureAwait(false);
                }
                catch (VimFaultException fault) when (fault.Is("ManagedObjectNotFound"))
                {
                    return;
                }

                RequireOurs(machine);
                watch.Forget(machine.Object);
                chooser.Remove(machine.Object);
                reservations.Release(machine.Object);
                await maker.DestroyAsync(machine.Object, cancellationToken).ConfigureAwait(false);
            }
        );

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        watch.Dispose();
        tags.Dispose();
        await client.CloseAsync().ConfigureAwait(false);
        inventory.Dispose();
    }

    /// <summary>Without waiting for the server: a session that is ours ends there by itself.</summary>
    public void Dispose()
    {
        watch.Dispose();
        tags.Dispose();
        client.Dispose();
        inventory.Dispose();
    }

    /// <summary>An id may have come to mean another VM: a server that was set up anew counts from the start.</summary>
    private static void RequireOurs(MachineSnapshot machine)
    {
        if (machine.ConversionId is null)
        {
            throw new P2VException(
                ErrorIds.OperationOutOfOrder,
                $"The VM {machine.Name} ({machine.Object.Value}) was not made by LinuxP2V.",
                "Treat it with the tool that made it.",
                machine.Object.Value
            );
        }
    }

    private async Task<MachineSnapshot> ReadAsync(string machineId, CancellationToken cancellationToken) =>
        new(
            await client
                .Properties.ReadAsync(ManagedObject.Machine(machineId), MachineSnapshot.Paths, cancellationToken)
                .ConfigureAwait(false)
        );

    private async Task ReconfigureAsync(ManagedObject machine, XElement spec, CancellationToken cancellationToken) =>
        await client.Tasks.RunAsync("ReconfigVM_Task", machine, [("spec", spec)], cancellationToken).ConfigureAwait(false);

    /// <summary>What the server refuses of the adapters is no reason to leave the VM a helper.</summary>
    private async Task ReconfigureToFinishAsync(MachineSnapshot machine, CancellationToken cancellationToken)
    {
        if (MachineConfigSpecs.Finish(machine) is not { } spec)
            return;

        try
        {
            await ReconfigureAsync(machine.Object, spec, cancellationToken).ConfigureAwait(false);
        }
        catch (VimFaultException fault)
            when (fault.Is("InvalidDeviceSpec", "InvalidArgument", "NotSupported") && machine.OptionKeys.Any(HelperKeys.IsForFinish))
        {
            await ReconfigureAsync(machine.Object, MachineConfigSpecs.Finish(machine, withAdapters: false)!, cancellationToken)
                .ConfigureAwait(false);
            console.Warning(
                $"{machine.Name}: the server refused the MAC addresses, or the state of the adapters, that the task asks for: "
                    + $"{fault.Message} Set them by hand before the VM starts."
            );
        }
    }

    /// <summary>The files of the copy name the addresses that were asked for.</summary>
    private void TellOtherAddresses(MachineSnapshot before, MachineSnapshot finished)
    {
        foreach (
            var (wanted, has) in before
                .WantedMacAddresses.Zip(finished.MacAddresses, (wanted, has) => (wanted, has))
                .Where(pair => pair.wanted is not null && pair.wanted != pair.has)
        )
            console.Warning(
                $"{before.Name}: an adapter has the MAC address {has ?? "of the first start"} in place of {wanted}, which the copy's "
                    + "network configuration names. Give the adapter that address by hand before the VM starts."
            );
    }

    private static async Task UnlessAsync(string fault, Func<Task> run)
    {
        try
        {
            await run().ConfigureAwait(false);
        }
        catch (VimFaultException exception) when (exception.Is(fault))
        {
            // Somebody else was faster, and to the same end.
        }
    }

    private static DestinationMachine Describe(MachineSnapshot machine) =>
        new(machine.Object.Value, machine.Name, machine.Power, machine.Location, machine.MacAddresses)
        {
            ConversionId = machine.ConversionId,
            Question = machine.Question,
            PoweredOnAt = machine.Power == MachinePower.PoweredOn ? machine.PoweredOnAt : null,
            Findings = machine.Findings,
        };

    private async Task GuardAsync(string action, string target, Func<Task> work) =>
        await GuardAsync<object?>(
                action,
                target,
                async () =>
                {
                    await work().ConfigureAwait(false);
                    return null;
                }
            )
            .ConfigureAwait(false);

    private async Task<T> GuardAsync<T>(string action, string target, Func<Task<T>> work)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is VimFaultException or VimTransportException)
        {
            throw VimErrors.From(exception, options.Address, action, target);
        }
    }
}
