using System.Xml.Linq;
using LinuxP2V.Engine.Destinations.VSphere.Images;
using LinuxP2V.Engine.Destinations.VSphere.Inventory;
using LinuxP2V.Engine.Destinations.VSphere.Machines;
using LinuxP2V.Engine.Destinations.VSphere.Preflight;
using LinuxP2V.Engine.Destinations.VSphere.Vim;
using LinuxP2V.Engine.Helpers;
using LinuxP2V.Engine.Sources;
using LinuxP2V.Engine.Tasks.Planning;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Destinations.VSphere;

/// <summary>
/// A vCenter or a stand-alone ESXi. A VM's id is its managed object id, vm-42. One connection serves any number of
/// conversions at once.
/// </summary>
public sealed partial class VSphereDestination : IServerDestination, IDisposable
{
    private readonly VimClient client;
    private readonly VSphereConnectionOptions options;
    private readonly IEngineConsole console;
    private readonly InventoryReader inventory;
    private readonly HelperImageStore images;
    private readonly MachineMaker maker;
    private readonly HelperWatch watch;
    private readonly PlaceFinder places;
    private readonly HostChooser chooser = new();

    private VSphereDestination(VimClient client, VSphereConnectionOptions options, IEngineConsole console)
    {
        this.client = client;
        this.options = options;
        this.console = console;
        inventory = new InventoryReader(client);
        images = new HelperImageStore(client, console);
        maker = new MachineMaker(client, console);
        watch = new HelperWatch(client);
        places = new PlaceFinder(client, $"{options.Address}:{options.Port}", inventory, chooser);
        Reference = new DestinationReference(DestinationKinds.VSphere, options.Address);
    }

    public DestinationReference Reference { get; }

    /// <exception cref="P2VException">
    /// ServerUnreachable, ServerAuthenticationFailed, ServerSessionEnded, ServerCertificateUntrusted, DestinationNotSupported.
    /// </exception>
    public static Task<VSphereDestination> ConnectAsync(VSphereConnectionOptions options, IEngineConsole console, CancellationToken cancellationToken) =>
        ConnectAsync(options, console, null, cancellationToken);

    internal static async Task<VSphereDestination> ConnectAsync(
        VSphereConnectionOptions options, IEngineConsole console, Func<HttpMessageHandler, HttpMessageHandler>? wrap, CancellationToken cancellationToken)
    {
        var client = await VimClient.ConnectAsync(options, wrap, cancellationToken).ConfigureAwait(false);
        console.Verbose($"Connected to {options.Address}: {client.Content.FullName}.");
        return new VSphereDestination(client, options, console);
    }

    public Task<IReadOnlyList<Finding>> TestAsync(MachineSpecification machine, CancellationToken cancellationToken) => GuardAsync(
        $"test whether {machine.Name} could be made",
        machine.Name,
        async () =>
        {
            var tree = await inventory.ReadAsync(cancellationToken).ConfigureAwait(false);
            return await new VSphereMachineTest(client, tree, machine).RunAsync(chooser.Order, cancellationToken).ConfigureAwait(false);
        });

    public Task<IReadOnlyList<MachinePlace>> FindPlacesAsync(MachineSpecification machine, string? machineId, CancellationToken cancellationToken) => GuardAsync(
        $"find a place for {machine.Name}",
        machine.Name,
        () => machineId is null ? places.FindAsync(machine, cancellationToken) : places.FindExistingAsync(machine, machineId, cancellationToken));

    public Task<DestinationMachine> CreateAsync(
        MachineSpecification machine, HelperSettings settings, string helperImagePath, string conversionId, CancellationToken cancellationToken) => GuardAsync(
        $"create the VM {machine.Name}",
        machine.Name,
        async () =>
        {
            var image = HelperImage.Require(helperImagePath);
            var placement = await places.ResolveAsync(machine, cancellationToken).ConfigureAwait(false);
            if (await AdoptAsync(machine, placement, settings, conversionId, cancellationToken).ConfigureAwait(false) is { } existing)
                return Describe(existing);

            if (placement.Shortages.Count > 0)
            {
                var finding = VSphereMachineTest.SpaceFinding(machine, placement.Shortages[0]);
                throw new P2VException(finding.Id, finding.What, finding.Remedy, machine.Name);
            }

            var guest = await HostOptions.QueryAsync(client, placement, machine, cancellationToken).ConfigureAwait(false);
            var backings = await NetworkBackings.OfAsync(client, placement.Networks, cancellationToken).ConfigureAwait(false);
            var imagePath = await images.ProvideAsync(image, placement.Home, placement.Datacenter, placement.DatacenterPath, cancellationToken).ConfigureAwait(false);
            var spec = MachineConfigSpecs.Create(
                machine, placement, guest.GuestId, imagePath, backings, settings, conversionId, client.Content.IsVirtualCenter);
            console.Verbose($"Creating {machine.Name} ({guest.GuestId}) on {placement.Host.Name}, datastore {placement.Home.Name}.");
            var made = await maker.MakeAsync(machine, placement, spec, conversionId, cancellationToken).ConfigureAwait(false);
            chooser.Add(made.Object, placement.Host.Object);
            return Describe(made);
        });

    public Task<DestinationMachine> GetAsync(string machineId, CancellationToken cancellationToken) => GuardAsync(
        $"show the VM {machineId}",
        machineId,
        async () => Describe(await ReadAsync(machineId, cancellationToken).ConfigureAwait(false)));

    public Task PowerOnAsync(string machineId, CancellationToken cancellationToken) => GuardAsync(
        $"power on the VM {machineId}",
        machineId,
        async () =>
        {
            var machine = await ReadAsync(machineId, cancellationToken).ConfigureAwait(false);
            if (machine.Power == MachinePower.PoweredOn)
                return;

            if (!machine.IsFinished && machine.ConversionId is not null && machine.Power == MachinePower.PoweredOff)
            {
                watch.Forget(machine.Object);
                await ReconfigureAsync(machine.Object, MachineConfigSpecs.BeforeHelperBoots(machine), cancellationToken).ConfigureAwait(false);
            }

            await RunUnlessAsync("InvalidPowerState", "PowerOnVM_Task", machine.Object, cancellationToken).ConfigureAwait(false);
        });

    public Task PowerOffAsync(string machineId, CancellationToken cancellationToken) => GuardAsync(
        $"power off the VM {machineId}",
        machineId,
        async () =>
        {
            var machine = await ReadAsync(machineId, cancellationToken).ConfigureAwait(false);
            if (machine.Power != MachinePower.PoweredOff)
                await RunUnlessAsync("InvalidPowerState", "PowerOffVM_Task", machine.Object, cancellationToken).ConfigureAwait(false);
        });

    public Task<HelperEndpoint> AttachHelperAsync(string machineId, HelperSettings settings, CancellationToken cancellationToken) => GuardAsync(
        $"reach the helper in the VM {machineId}",
        machineId,
        async () =>
        {
            var machine = ManagedObject.Machine(machineId);
            var helper = await new HelperKnock(client, machine, settings, options.HelperTimeout).AttachAsync(cancellationToken).ConfigureAwait(false);
            watch.Begin(machine, settings.ConversionId);
            return helper;
        });

    /// <summary>
    /// By the helper's own word if the VM still holds it: its key is in the VM before it is powered on, which lets ESXi
    /// keep it. Else by our note that we heard it, made by whichever engine was attached when the helper went.
    /// </summary>
    public Task<bool> IsHelperFinishedAsync(string machineId, CancellationToken cancellationToken) => GuardAsync(
        $"read the VM {machineId}",
        machineId,
        async () =>
        {
            var machine = await ReadAsync(machineId, cancellationToken).ConfigureAwait(false);
            if (machine.IsFinished)
                return true;

            if (machine.Power != MachinePower.PoweredOff || machine.ConversionId is not { } conversion)
                return false;

            return (machine.Announcement is { IsFinished: true } word && word.ConversionId == conversion)
                || machine.Option(HelperKeys.FinishSeen) == conversion
                || await watch.HasFinishedAsync(machine.Object, cancellationToken).ConfigureAwait(false);
        });

    public SourceEndpoint SeenFromHelper(SourceEndpoint source) => source;

    public Task<DestinationMachine> FinishAsync(string machineId, CancellationToken cancellationToken) => GuardAsync(
        $"finish the VM {machineId}",
        machineId,
        async () =>
        {
            var machine = await ReadAsync(machineId, cancellationToken).ConfigureAwait(false);
            if (machine.IsFinished && MachineConfigSpecs.Finish(machine) is null)
                return Describe(machine);

            if (machine.Power != MachinePower.PoweredOff)
                throw new P2VException(ErrorIds.OperationOutOfOrder, $"The helper of {machine.Name} still runs.", "Let it power off first.", machineId);

            // Its note of the finish must not come after ours.
            await watch.HasFinishedAsync(machine.Object, cancellationToken).ConfigureAwait(false);
            watch.Forget(machine.Object);
            chooser.Remove(machine.Object);
            machine = await ReadAsync(machineId, cancellationToken).ConfigureAwait(false);
            if (MachineConfigSpecs.Finish(machine) is { } spec)
                await ReconfigureAsync(machine.Object, spec, cancellationToken).ConfigureAwait(false);

            return Describe(await ReadAsync(machineId, cancellationToken).ConfigureAwait(false));
        });

    public Task DeleteAsync(string machineId, CancellationToken cancellationToken) => GuardAsync(
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

            if (machine.ConversionId is null)
            {
                throw new P2VException(
                    ErrorIds.OperationOutOfOrder, $"The VM {machine.Name} ({machineId}) was not made by LinuxP2V.", "Remove it with the tool that made it.", machineId);
            }

            watch.Forget(machine.Object);
            chooser.Remove(machine.Object);
            await maker.DestroyAsync(machine.Object, cancellationToken).ConfigureAwait(false);
        });

    public async ValueTask DisposeAsync()
    {
        watch.Dispose();
        await client.CloseAsync().ConfigureAwait(false);
        inventory.Dispose();
    }

    /// <summary>Without waiting for the server: a session that is ours ends there by itself.</summary>
    public void Dispose()
    {
        watch.Dispose();
        client.Dispose();
        inventory.Dispose();
    }

    /// <returns>The VM that an earlier driver of this conversion made; null when the name is free.</returns>
    private async Task<MachineSnapshot?> AdoptAsync(
        MachineSpecification machine, MachinePlacement placement, HelperSettings settings, string conversionId, CancellationToken cancellationToken)
    {
        if (await MachineFinder.FindAsync(client, placement.Folder.Object, machine.Name, cancellationToken).ConfigureAwait(false) is not { } found)
            return null;

        var existing = found.Type == "VirtualMachine" ? await ReadAsync(found.Value, cancellationToken).ConfigureAwait(false) : null;
        if (existing?.ConversionId != conversionId)
        {
            throw new P2VException(
                ErrorIds.DestinationNameTaken,
                $"There is a {machine.Name} already in {placement.Folder.Name}.",
                "Give the VM another name with -Name, or another folder with -InventoryLocation.",
                machine.Name);
        }

        // The engine that comes back may have another key.
        if (existing is { IsFinished: false, Power: MachinePower.PoweredOff })
            await ReconfigureAsync(existing.Object, MachineConfigSpecs.GiveSettings(settings), cancellationToken).ConfigureAwait(false);

        return existing;
    }

    private async Task<MachineSnapshot> ReadAsync(string machineId, CancellationToken cancellationToken) =>
        new(await client.Properties.ReadAsync(ManagedObject.Machine(machineId), MachineSnapshot.Paths, cancellationToken).ConfigureAwait(false));

    private async Task ReconfigureAsync(ManagedObject machine, XElement spec, CancellationToken cancellationToken) =>
        await client.Tasks.RunAsync("ReconfigVM_Task", machine, [("spec", spec)], cancellationToken).ConfigureAwait(false);

    private async Task RunUnlessAsync(string fault, string method, ManagedObject machine, CancellationToken cancellationToken)
    {
        try
        {
            await client.Tasks.RunAsync(method, machine, [], cancellationToken).ConfigureAwait(false);
        }
        catch (VimFaultException exception) when (exception.Is(fault))
        {
            // Somebody else was faster, and to the same end.
        }
    }

    private static DestinationMachine Describe(MachineSnapshot machine) =>
        new(machine.Object.Value, machine.Name, machine.Power, machine.Location, machine.MacAddresses);

    private async Task GuardAsync(string action, string target, Func<Task> work) => await GuardAsync<object?>(
        action,
        target,
        async () =>
        {
            await work().ConfigureAwait(false);
            return null;
        }).ConfigureAwait(false);

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
