using System.Xml.Linq;
using LinuxP2V.Engine.Destinations.VSphere.Images;
using LinuxP2V.Engine.Destinations.VSphere.Inventory;
using LinuxP2V.Engine.Destinations.VSphere.Libraries;
using LinuxP2V.Engine.Destinations.VSphere.Machines;
using LinuxP2V.Engine.Destinations.VSphere.Policies;
using LinuxP2V.Engine.Destinations.VSphere.Tags;
using LinuxP2V.Engine.Destinations.VSphere.Vim;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Destinations.VSphere.Preflight;

/// <summary>What would stop a VM from being made, found by looking only.</summary>
/// <param name="helperImagePath">The image that it is to be made with; null: not known.</param>
internal sealed class VSphereMachineTest(
    VimClient client,
    InventoryTree tree,
    MachineSpecification machine,
    string? helperImagePath,
    HelperImageStore images,
    NamedImageFinder namedImages,
    MachineTags tags
)
{
    private readonly List<Finding> findings = [];

    public async Task<IReadOnlyList<Finding>> RunAsync(
        Func<IEnumerable<InventoryItem>, IReadOnlyList<InventoryItem>> order,
        Func<InventoryItem, long> freeSpace,
        CancellationToken cancellationToken
    )
    {
        CheckDevices();
        await CheckAsync("Tags", FindingSeverity.Warning, () => tags.FindAsync(machine.Tags, cancellationToken)).ConfigureAwait(false);
        var policy = await CheckAsync(
                "Storage policies",
                FindingSeverity.Warning,
                () => new PolicyFinder(client).FindAsync(machine.StoragePolicy, tree.Datastores, cancellationToken)
            )
            .ConfigureAwait(false);
        var image = await CheckAsync(
                "Content libraries",
                FindingSeverity.Error,
                () => namedImages.FindAsync(machine.Placement.HelperImageItem, cancellationToken)
            )
            .ConfigureAwait(false);
        await CheckTpmAsync(cancellationToken).ConfigureAwait(false);
        var resolver = new PlacementResolver(tree, machine, order, freeSpace, policy, image);
        var placement = resolver.Resolve();
        findings.AddRange(
            resolver.Problems.Select(problem =>
                Error(problem.ErrorId, problem.Target?.ToString() ?? machine.Name, problem.Message, problem.Remedy)
            )
        );
        if (placement is null)
            return findings;

        CheckSpace(placement);
        CheckHost(placement);
        TellNetwork(placement);
        TellIgnored(placement);
        await CheckImageAsync(placement, cancellationToken).ConfigureAwait(false);
        await CheckNameAsync(placement, cancellationToken).ConfigureAwait(false);
        findings.AddRange(await new PrivilegeCheck(client, images).RunAsync(placement, machine, cancellationToken).ConfigureAwait(false));
        await CheckHardwareAsync(placement, cancellationToken).ConfigureAwait(false);
        CheckProcessor(placement);
        return findings;
    }

    /// <returns>The default where the error became a finding.</returns>
    /// <param name="what">For a finding that says it could not be looked at.</param>
    /// <param name="severity">Of that finding: a warning where the VM can be made without, and its maker says what it lacks.</param>
    private async Task<T?> CheckAsync<T>(string what, FindingSeverity severity, Func<Task<T>> find)
    {
        try
        {
            return await find().ConfigureAwait(false);
        }
        catch (P2VException exception)
        {
            findings.Add(Error(exception.ErrorId, exception.Target?.ToString() ?? machine.Name, exception.Message, exception.Remedy));
            return default;
        }
        catch (VimTransportException exception)
        {
            // A service beside the server's main one is down.
            findings.Add(
                new Finding(
                    severity,
                    ErrorIds.ServerUnreachable,
                    machine.Name,
                    $"{what} could not be looked at: {exception.Message}",
                    "Try again when the server's services run."
                )
            );
            return default;
        }
    }

    /// <summary>A TPM's secrets lie in the VM's own files, which vCenter encrypts by a key provider.</summary>
    private async Task CheckTpmAsync(CancellationToken cancellationToken)
    {
        if (!machine.VirtualTpm)
            return;

        if (!client.Content.IsVirtualCenter)
        {
            findings.Add(
                Error(
                    ErrorIds.HardwareNotSupported,
                    "-VirtualTpm",
                    "A stand-alone ESXi gives no VM a TPM: only a vCenter does.",
                    "Leave -VirtualTpm out, or connect to a vCenter."
                )
            );
            return;
        }

        // What may not be seen is left out of the answer.
        if (await ReadKeyProvidersAsync(cancellationToken).ConfigureAwait(false) is { } providers && !providers.Elements().Any())
            findings.Add(
                Error(
                    ErrorIds.HardwareNotSupported,
                    "-VirtualTpm",
                    "The vCenter has no key provider, without which no VM gets a TPM.",
                    "Have a key provider set up in vCenter, or leave -VirtualTpm out."
                )
            );
    }

    /// <returns>Null where they cannot be seen.</returns>
    private async Task<XElement?> ReadKeyProvidersAsync(CancellationToken cancellationToken)
    {
        if (client.Content.CryptoManager is not { Type: "CryptoManagerKmip" } manager)
            return null;

        try
        {
            return (await client.Properties.ReadAsync(manager, ["kmipServers"], cancellationToken).ConfigureAwait(false))["kmipServers"];
        }
        catch (VimFaultException fault) when (!fault.Is("NotAuthenticated"))
        {
            return null;
        }
    }

    private void CheckDevices()
    {
        try
        {
            foreach (var disk in machine.Disks)
                DeviceSpecs.ControllerType(disk.Address.Controller);

            foreach (var adapter in machine.Adapters)
                DeviceSpecs.AdapterType(adapter.Kind);
        }
        catch (P2VException exception)
        {
            findings.Add(Error(exception.ErrorId, machine.Name, exception.Message, exception.Remedy));
        }
    }

    /// <summary>What was chosen for want of a choice is said.</summary>
    private void TellNetwork(MachinePlacement placement)
    {
        if (
            machine
                .Adapters.Zip(placement.Networks, (adapter, network) => (adapter, network))
                .FirstOrDefault(pair => string.IsNullOrEmpty(pair.adapter.Network)) is
            { network: { } only }
        )
        {
            findings.Add(
                new Finding(
                    FindingSeverity.Information,
                    ErrorIds.NetworkChosen,
                    only.Name,
                    $"The adapters of {machine.Name} are connected to {only.Name}, the only network that the hosts of "
                        + $"{placement.Compute.Name} have.",
                    "Nothing to do, unless the VM belongs elsewhere."
                )
            );
        }
    }

    private void TellIgnored(MachinePlacement placement)
    {
        if (machine.CustomAttributes.Count > 0 && client.Content.CustomFieldsManager is null)
            findings.Add(
                Ignored("-CustomAttribute", "A stand-alone ESXi has no custom attributes.", "Leave it out, or connect to a vCenter.")
            );

        if (placement.IsInVApp && machine.Placement.InventoryLocation is { Length: > 0 })
            findings.Add(
                Ignored(
                    "-InventoryLocation",
                    $"A VM of the vApp {placement.Pool.Name} is in no folder.",
                    "Leave it out, or choose another pool."
                )
            );

        static Finding Ignored(string setting, string what, string remedy) =>
            new(FindingSeverity.Warning, ErrorIds.SettingIgnored, setting, what, remedy);
    }

    private void CheckHost(MachinePlacement placement)
    {
        if (HostState.Threads(placement.Host) is { } threads && machine.NumCpu > threads)
        {
            findings.Add(
                Error(
                    ErrorIds.HardwareNotSupported,
                    placement.Host.Name,
                    $"{machine.Name} is to get {machine.NumCpu} processors, but {placement.Host.Name} has {threads}: it would not start.",
                    "Give it fewer with -NumCpu, or choose another host with -VMHost."
                )
            );
        }

        var hosts = tree.FindAll(placement.Compute.Properties["host"].AsReferences()).ToList();
        foreach (var datastore in placement.Datastores.Where(store => hosts.Count > 1 && !HostState.IsShared(store, hosts)))
        {
            findings.Add(
                new Finding(
                    FindingSeverity.Warning,
                    ErrorIds.DatastoreNotShared,
                    datastore.Name,
                    $"Only {placement.Host.Name} has the datastore {datastore.Name}: the VM is bound to this host.",
                    "Choose a datastore that all hosts of the cluster have, with -Datastore, if there is one."
                )
            );
        }
    }

    private void CheckSpace(MachinePlacement placement)
    {
        foreach (var shortage in placement.Shortages)
            findings.Add(SpaceFinding(machine, shortage));

        foreach (var (disk, datastore) in machine.Disks.Zip(placement.DatastoreOfDisk, (disk, datastore) => (disk, datastore)))
        {
            if (HostState.LargestDisk(datastore) is { } largest and > 0 && disk.SizeBytes > largest)
            {
                findings.Add(
                    Error(
                        ErrorIds.HardwareNotSupported,
                        datastore.Name,
                        $"A disk of {ByteSize.Format(disk.SizeBytes)} does not fit onto {datastore.Name}, "
                            + $"which takes disks of {ByteSize.Format(largest)} at most.",
                        "Make the volume smaller with -VolumeSize, or choose another datastore with -Datastore."
                    )
                );
            }
        }
    }

    public static Finding SpaceFinding(MachineSpecification machine, SpaceShortage shortage) =>
        Error(
            ErrorIds.DestinationFull,
            shortage.Datastore.Name,
            $"{machine.Name} needs about {ByteSize.Format(shortage.NeededBytes)} on {shortage.Datastore.Name}, "
                + $"which has {ByteSize.Format(shortage.FreeBytes)} free.",
            "Free space there, choose another datastore or a datastore cluster with -Datastore, or leave volumes out with -ExcludeVolume."
        );

    private async Task CheckImageAsync(MachinePlacement placement, CancellationToken cancellationToken)
    {
        try
        {
            if (placement.NamedImage is not { } image)
            {
                await CheckSendingAsync(placement.ImageStore, cancellationToken).ConfigureAwait(false);
                return;
            }

            var state = await images
                .CompareAsync(helperImagePath, image, placement.ImageStore, placement.DatacenterPath, cancellationToken)
                .ConfigureAwait(false);
            if (state == NamedImageState.Absent)
                namedImages.Forget(image);

            if (NamedImageFindings.Of(state, image, placement.ImageStore) is { } finding)
                findings.Add(finding);
        }
        catch (VimFaultException fault) when (fault.Is("NoPermission") && !fault.Is("NotAuthenticated"))
        {
            // The check of privileges names the one that is missing.
        }
    }

    /// <summary>The server sends a file through a host that can write to the datastore.</summary>
    private async Task CheckSendingAsync(InventoryItem store, CancellationToken cancellationToken)
    {
        if (tree.OfType("HostSystem").Any(host => HostState.CanWrite(host, store)))
            return;

        var pattern = helperImagePath is null ? HelperImageName.Pattern : HelperImageName.Of(helperImagePath).FileName;
        var found = await images.ListAsync(store, null, cancellationToken, pattern).ConfigureAwait(false);
        if (found.Count == 0)
            findings.Add(
                Error(
                    ErrorIds.HelperImageMissing,
                    store.Name,
                    $"The helper image is not on {store.Name}, and no host can write there, so that it cannot be sent.",
                    "Have it put there by Publish-P2VHelperImage while a host can write, or choose another datastore with "
                        + "-HelperImageDatastore."
                )
            );
    }

    private async Task CheckNameAsync(MachinePlacement placement, CancellationToken cancellationToken)
    {
        if (
            await MachineFinder.FindAsync(client, placement.Container.Object, machine.Name, cancellationToken).ConfigureAwait(false)
            is not null
        )
        {
            findings.Add(
                Error(
                    ErrorIds.DestinationNameTaken,
                    machine.Name,
                    $"There is a {machine.Name} already in {tree.ShortPathOf(placement.Container)}.",
                    "Give the VM another name with -Name, or another folder with -InventoryLocation."
                )
            );
        }
    }

    private async Task CheckHardwareAsync(MachinePlacement placement, CancellationToken cancellationToken)
    {
        HostOptions options;
        try
        {
            options = await HostOptions.QueryAsync(client, placement, machine, cancellationToken).ConfigureAwait(false);
        }
        catch (VimFaultException fault)
            when (machine.HardwareVersion is not null
                && fault.Is("InvalidArgument", "NotSupported", "VirtualHardwareVersionNotSupported", "NotFound")
            )
        {
            findings.Add(
                Error(
                    ErrorIds.HardwareNotSupported,
                    placement.Compute.Name,
                    $"{placement.Compute.Name} has no virtual hardware {machine.HardwareVersion}.",
                    "Choose an older hardware version, or leave it to the host."
                )
            );
            return;
        }

        var wanted = GuestIds.Candidates(machine.OperatingSystemId, machine.OperatingSystemVersion)[0];
        if (options.Guest is not null && options.GuestId != wanted)
        {
            findings.Add(
                new Finding(
                    FindingSeverity.Information,
                    "GuestIdReplaced",
                    placement.Compute.Name,
                    $"{placement.Compute.Name} does not know the guest {wanted}; the VM will be called {options.GuestId}.",
                    "Nothing needs to be done; a newer host or hardware version may know it."
                )
            );
        }

        CheckLimit(
            "processors",
            machine.NumCpu,
            Smallest(options.Guest.Number("supportedMaxCPUs"), options.Hardware.Children("numCPU").Select(count => count.AsNumber()).Max()),
            "-NumCpu"
        );
        CheckLimit(
            "cores a socket",
            machine.CoresPerSocket ?? 1,
            options.Hardware.Child("numCoresPerSocket").Number("max"),
            "-CoresPerSocket"
        );
        CheckLimit(
            "MB of memory",
            machine.MemoryBytes >> 20,
            Smallest(options.Guest.Number("supportedMaxMemMB"), options.Hardware.Child("memoryMB").Number("max")),
            "-MemoryGB"
        );
        if (
            machine.Firmware == Firmware.Uefi
            && options.Guest.Children("supportedFirmware").Select(name => name.Value).ToList() is { Count: > 0 } firmware
            && !firmware.Contains("efi")
        )
            findings.Add(
                Error(
                    ErrorIds.HardwareNotSupported,
                    options.GuestId,
                    $"The source boots by UEFI, which {placement.Compute.Name} has not for {options.GuestId}.",
                    "Choose a newer host with -VMHost."
                )
            );

        if (machine.SecureBoot && options.Guest.Flag("supportsSecureBoot") == false)
            findings.Add(
                new Finding(
                    FindingSeverity.Warning,
                    ErrorIds.HardwareNotSupported,
                    options.GuestId,
                    $"{placement.Compute.Name} has no Secure Boot for {options.GuestId}.",
                    "Turn it off for the VM, or choose a newer host."
                )
            );
    }

    private void CheckLimit(string what, long wanted, long? most, string parameter)
    {
        if (most is { } limit and > 0 && wanted > limit)
            findings.Add(
                Error(
                    ErrorIds.HardwareNotSupported,
                    machine.Name,
                    $"The VM is to have {wanted} {what}, but {limit} is the most there.",
                    $"Give fewer with {parameter}."
                )
            );
    }

    private void CheckProcessor(MachinePlacement placement)
    {
        var needed = ProcessorLevels.Needed(machine.OperatingSystemId, machine.OperatingSystemVersion);
        var cluster = placement.Compute.Properties["summary"].Text("currentEVCModeKey");
        // Without EVC it is the host's own processor; where DRS may move the VM, the weakest counts.
        var hosts = HostState.HasDrs(placement.Compute)
            ? tree.FindAll(placement.Compute.Properties["host"].AsReferences())
            : [placement.Host];
        var modes = cluster is { Length: > 0 }
            ? [cluster]
            : hosts.Select(item => item.Properties["summary.currentEVCModeKey"]?.Value ?? item.Properties["summary.maxEVCModeKey"]?.Value);
        var weakest = modes.OrderBy(ProcessorLevels.Offered).FirstOrDefault();
        if (ProcessorLevels.Offered(weakest) < needed)
        {
            findings.Add(
                Error(
                    ErrorIds.ProcessorLevelTooLow,
                    placement.Compute.Name,
                    $"{machine.OperatingSystemId} {machine.OperatingSystemVersion} needs processors of "
                        + $"level x86-64-v{needed}, but {placement.Compute.Name} offers {weakest} only.",
                    "Choose another cluster or host with -VMHost, or have its EVC mode raised."
                )
            );
        }
    }

    private static long? Smallest(long? one, long? other) =>
        one is null ? other
        : other is null ? one
        : Math.Min(one.Value, other.Value);

    private static Finding Error(string id, string subject, string what, string remedy) =>
        new(FindingSeverity.Error, id, subject, what, remedy);
}
