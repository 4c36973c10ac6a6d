using LinuxP2V.Engine.Destinations.VSphere.Images;
using LinuxP2V.Engine.Destinations.VSphere.Inventory;
using LinuxP2V.Engine.Destinations.VSphere.Vim;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Destinations.VSphere.Preflight;

/// <summary>Whether the session may do what a conversion does, each privilege where it counts.</summary>
internal sealed class PrivilegeCheck(VimClient client, HelperImageStore images)
{
    private const string FileManagement = "Datastore.FileManagement";
    private const string CryptographerAccess = "Cryptographer.Access";
    private const string SystemManagement = "Host.Config.SystemManagement";
    private const string SetCustomField = "Global.SetCustomField";
    private const string AttachTag = "InventoryService.Tagging.AttachTag";
    private const string EncryptNew = "Cryptographer.EncryptNew";

    private static readonly string[] OnFolder =
    [
        "VirtualMachine.Inventory.Create",
        "VirtualMachine.Inventory.Delete",
        "VirtualMachine.Config.AddNewDisk",
        "VirtualMachine.Config.AddRemoveDevice",
        "VirtualMachine.Config.AdvancedConfig",
        "VirtualMachine.Config.Settings",
        "VirtualMachine.Config.EditDevice",
        "VirtualMachine.Interact.PowerOn",
        "VirtualMachine.Interact.PowerOff",
        "VirtualMachine.Interact.SetCDMedia",
    ];

    private static readonly string[] OnPool = ["Resource.AssignVMToPool"];
    private static readonly string[] OnVApp = ["VApp.AssignVM"];
    private static readonly string[] OnDatastore = ["Datastore.AllocateSpace"];

    /// <summary>Where the helper image goes.</summary>
    private static readonly string[] OnImageStore = ["Datastore.Browse", FileManagement];

    /// <summary>Where a helper image lies that is not sent.</summary>
    private static readonly string[] OnNamedImageStore = ["Datastore.Browse"];

    /// <summary>There on vSAN and virtual volumes, until the image has its folder.</summary>
    private static readonly string[] OnImageStoreWithNamespaces = ["Datastore.Config"];

    private static readonly string[] OnNetwork = ["Network.Assign"];

    public async Task<IReadOnlyList<Finding>> RunAsync(
        MachinePlacement placement,
        MachineSpecification machine,
        CancellationToken cancellationToken
    )
    {
        if (client.Content.AuthorizationManager is not { } manager)
            return [];

        List<(InventoryItem Item, string[] Privileges)> wanted =
        [
            (placement.Container, OnFolder),
            (placement.Pool, placement.IsInVApp ? OnVApp : OnPool),
            .. placement.Datastores.Select(datastore => (datastore, OnDatastore)),
            (
                placement.ImageStore,
                placement.NamedImage is null
                    ? await OnImageStoreAsync(placement.ImageStore, cancellationToken).ConfigureAwait(false)
                    : OnNamedImageStore
            ),
            .. placement.Networks.Distinct().Select(network => (network, OnNetwork)),
        ];
        var optional = Optional(placement, machine);
        var granted = await ReadAsync(
                manager,
                [
                    .. wanted,
                    .. optional.Select(want => (want.Item, new[] { want.Privilege })),
                    (placement.Datacenter, new[] { FileManagement }),
                ],
                cancellationToken
            )
            .ConfigureAwait(false);
        bool IsMissing(InventoryItem item, string privilege) => granted.TryGetValue(item.Object, out var held) && !held.Contains(privilege);

        var findings = new List<Finding>();
        foreach (var (item, privileges) in wanted)
        {
            foreach (var privilege in privileges.Where(privilege => IsMissing(item, privilege)))
            {
                var isEnough = privilege == FileManagement && await HasImageAsync(item, cancellationToken).ConfigureAwait(false);
                findings.Add(
                    Missing(
                        isEnough ? FindingSeverity.Warning : FindingSeverity.Error,
                        item,
                        privilege,
                        isEnough ? "It is not needed if the helper image that lies there is this version's." : ""
                    )
                );
            }
        }

        foreach (var (item, privilege, severity, reason) in optional)
        {
            // Rights that are given on the datacenter reach the host's file service as well.
            if (IsMissing(item, privilege) && (privilege != SystemManagement || IsMissing(placement.Datacenter, FileManagement)))
                findings.Add(Missing(severity, item, privilege, reason));
        }

        return findings;
    }

    /// <summary>What some servers ask for and others do not, and what some tasks need.</summary>
    private List<(InventoryItem Item, string Privilege, FindingSeverity Severity, string Reason)> Optional(
        MachinePlacement placement,
        MachineSpecification machine
    )
    {
        // An image that lies there is read, if that is allowed; what cannot be read is a finding of its own.
        List<(InventoryItem, string, FindingSeverity, string)> optional = placement.NamedImage is null
            ?
            [
                (
                    placement.ImageStore,
                    CryptographerAccess,
                    FindingSeverity.Information,
                    "It is needed only where the datastore is encrypted: the helper image cannot be sent there without it."
                ),
                (
                    placement.Host,
                    SystemManagement,
                    FindingSeverity.Information,
                    "Some servers ask for it when the helper image is sent, where the account's rights are not given on the datacenter."
                ),
            ]
            : [];
        if (client.Content.CustomFieldsManager is not null && (machine.CustomAttributes.Count > 0 || machine.SourceName is { Length: > 0 }))
            optional.Add(
                (
                    placement.Container,
                    SetCustomField,
                    machine.CustomAttributes.Count > 0 ? FindingSeverity.Warning : FindingSeverity.Information,
                    "The VM will have no custom attributes."
                )
            );

        if (machine.Tags.Count > 0)
            optional.Add((placement.Container, AttachTag, FindingSeverity.Warning, "The VM will have no tags."));

        if (machine.VirtualTpm)
            optional.Add((placement.Container, EncryptNew, FindingSeverity.Error, "A VM with a TPM is encrypted when it is made."));
        else if (placement.Policy is { } policy)
            optional.Add(
                (
                    placement.Container,
                    EncryptNew,
                    FindingSeverity.Information,
                    $"It is needed only where the policy {policy.Name} encrypts."
                )
            );

        return optional;
    }

    private static Finding Missing(FindingSeverity severity, InventoryItem item, string privilege, string reason) =>
        new(
            severity,
            ErrorIds.ServerPermissionMissing,
            item.Name,
            $"The account lacks the privilege {privilege} on {item.Name}.{(reason.Length > 0 ? " " : "")}{reason}",
            $"Ask for a role with {privilege} there, or connect with another account."
        );

    private async Task<string[]> OnImageStoreAsync(InventoryItem store, CancellationToken cancellationToken) =>
        HostState.HasNamespaces(store) && !await TryAsync(() => images.HasFolderAsync(store, cancellationToken)).ConfigureAwait(false)
            ? [.. OnImageStore, .. OnImageStoreWithNamespaces]
            : OnImageStore;

    private Task<bool> HasImageAsync(InventoryItem store, CancellationToken cancellationToken) =>
        TryAsync(async () => (await images.ListAsync(store, null, cancellationToken).ConfigureAwait(false)).Count > 0);

    /// <summary>What the account may not see counts as absent. A finding of its own says that it may not see it.</summary>
    private static async Task<bool> TryAsync(Func<Task<bool>> look)
    {
        try
        {
            return await look().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is VimFaultException or P2VException)
        {
            return false;
        }
    }

    /// <returns>Objects of which nothing is known are left out.</returns>
    private async Task<Dictionary<ManagedObject, HashSet<string>>> ReadAsync(
        ManagedObject manager,
        List<(InventoryItem Item, string[] Privileges)> wanted,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var response = await client
                .CallAsync(
                    "HasPrivilegeOnEntities",
                    manager,
                    [
                        ("entity", wanted.Select(want => want.Item.Object).Distinct()),
                        ("sessionId", client.SessionKey),
                        ("privId", wanted.SelectMany(want => want.Privileges).Distinct()),
                    ],
                    cancellationToken
                )
                .ConfigureAwait(false);
            return response
                .Children("returnval")
                .Where(entry => entry.Reference("entity") is not null)
                .ToDictionary(
                    entry => entry.Reference("entity")!.Value,
                    entry => new HashSet<string>(
                        entry
                            .Children("privAvailability")
                            .Where(availability => availability.Flag("isGranted") == true)
                            .Select(availability => availability.Text("privId") ?? "")
                    )
                );
        }
        catch (VimFaultException fault)
            when (fault.Is("NotSupported", "MethodNotFound", "InvalidRequest", "InvalidArgument", "NoPermission")
                && !fault.Is("NotAuthenticated")
            )
        {
            return await ReadRolesAsync(manager, wanted, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The older way: the roles that count on an object, and what each holds.</summary>
    private async Task<Dictionary<ManagedObject, HashSet<string>>> ReadRolesAsync(
        ManagedObject manager,
        List<(InventoryItem Item, string[] Privileges)> wanted,
        CancellationToken cancellationToken
    )
    {
        var roles =
            (await client.Properties.ReadAsync(manager, ["roleList"], cancellationToken).ConfigureAwait(false))["roleList"]
                ?.Elements()
                .ToDictionary(
                    role => role.Number("roleId") ?? 0,
                    role => role.Children("privilege").Select(privilege => privilege.Value).ToList()
                )
            ?? [];
        var granted = new Dictionary<ManagedObject, HashSet<string>>();
        foreach (var item in wanted.Select(want => want.Item.Object).Distinct())
        {
            var effective = (await client.Properties.ReadAsync(item, ["effectiveRole"], cancellationToken).ConfigureAwait(false))[
                "effectiveRole"
            ];
            if (effective is not null)
                granted[item] =
                [
                    .. effective.Elements().SelectMany(role => roles.TryGetValue(role.AsNumber() ?? 0, out var held) ? held : []),
                ];
        }

        return granted;
    }
}
