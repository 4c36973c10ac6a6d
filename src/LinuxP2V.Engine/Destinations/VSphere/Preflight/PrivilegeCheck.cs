using LinuxP2V.Engine.Destinations.VSphere.Inventory;
using LinuxP2V.Engine.Destinations.VSphere.Vim;
using LinuxP2V.Engine.Sources;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Destinations.VSphere.Preflight;

/// <summary>Whether the session may do what a conversion does, each privilege where it counts.</summary>
internal sealed class PrivilegeCheck(VimClient client)
{
    private static readonly string[] OnFolder =
    [
        "VirtualMachine.Inventory.Create", "VirtualMachine.Inventory.Delete", "VirtualMachine.Config.AddNewDisk", "VirtualMachine.Config.AddRemoveDevice",
        "VirtualMachine.Config.AdvancedConfig", "VirtualMachine.Config.Settings", "VirtualMachine.Config.EditDevice",
        "VirtualMachine.Interact.PowerOn", "VirtualMachine.Interact.PowerOff", "VirtualMachine.Interact.SetCDMedia",
    ];

    private static readonly string[] OnPool = ["Resource.AssignVMToPool"];
    private static readonly string[] OnDatastore = ["Datastore.AllocateSpace", "Datastore.Browse", "Datastore.FileManagement"];
    private static readonly string[] OnNetwork = ["Network.Assign"];

    public async Task<IReadOnlyList<Finding>> RunAsync(MachinePlacement placement, CancellationToken cancellationToken)
    {
        if (client.Content.AuthorizationManager is not { } manager)
            return [];

        List<(InventoryItem Item, string[] Privileges)> wanted =
        [
            (placement.Folder, OnFolder),
            (placement.Pool, OnPool),
            .. placement.Datastores.Select(datastore => (datastore, OnDatastore)),
            .. placement.Networks.Distinct().Select(network => (network, OnNetwork)),
        ];
        var granted = await ReadAsync(manager, wanted, cancellationToken).ConfigureAwait(false);
        return
        [
            .. from want in wanted
               from privilege in want.Privileges
               where granted.TryGetValue(want.Item.Object, out var held) && !held.Contains(privilege)
               select new Finding(
                   FindingSeverity.Error,
                   ErrorIds.ServerPermissionMissing,
                   want.Item.Name,
                   $"The account lacks the privilege {privilege} on {want.Item.Name}.",
                   $"Ask for a role with {privilege} there, or connect with another account."),
        ];
    }

    /// <returns>Objects of which nothing is known are left out.</returns>
    private async Task<Dictionary<ManagedObject, HashSet<string>>> ReadAsync(
        ManagedObject manager, List<(InventoryItem Item, string[] Privileges)> wanted, CancellationToken cancellationToken)
    {
        try
        {
            var response = await client.CallAsync(
                "HasPrivilegeOnEntities",
                manager,
                [("entity", wanted.Select(want => want.Item.Object).Distinct()), ("sessionId", client.SessionKey), ("privId", wanted.SelectMany(want => want.Privileges).Distinct())],
                cancellationToken).ConfigureAwait(false);
            return response.Children("returnval").Where(entry => entry.Reference("entity") is not null).ToDictionary(
                entry => entry.Reference("entity")!.Value,
                entry => new HashSet<string>(entry.Children("privAvailability").Where(availability => availability.Flag("isGranted") == true).Select(availability => availability.Text("privId") ?? "")));
        }
        catch (VimFaultException fault) when (fault.Is("NotSupported", "MethodNotFound", "InvalidRequest", "InvalidArgument", "NoPermission"))
        {
            return await ReadRolesAsync(manager, wanted, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The older way: the roles that count on an object, and what each holds.</summary>
    private async Task<Dictionary<ManagedObject, HashSet<string>>> ReadRolesAsync(
        ManagedObject manager, List<(InventoryItem Item, string[] Privileges)> wanted, CancellationToken cancellationToken)
    {
        var roles = (await client.Properties.ReadAsync(manager, ["roleList"], cancellationToken).ConfigureAwait(false))["roleList"]?.Elements()
            .ToDictionary(role => role.Number("roleId") ?? 0, role => role.Children("privilege").Select(privilege => privilege.Value).ToList()) ?? [];
        var granted = new Dictionary<ManagedObject, HashSet<string>>();
        foreach (var item in wanted.Select(want => want.Item.Object).Distinct())
        {
            var effective = (await client.Properties.ReadAsync(item, ["effectiveRole"], cancellationToken).ConfigureAwait(false))["effectiveRole"];
            if (effective is not null)
                granted[item] = [.. effective.Elements().SelectMany(role => roles.TryGetValue(role.AsNumber() ?? 0, out var held) ? held : [])];
        }

        return granted;
    }
}
