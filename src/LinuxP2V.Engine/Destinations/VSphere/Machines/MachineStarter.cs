using System.Xml.Linq;
using LinuxP2V.Engine.Destinations.VSphere.Inventory;
using LinuxP2V.Engine.Destinations.VSphere.Vim;

namespace LinuxP2V.Engine.Destinations.VSphere.Machines;

/// <summary>Powers a VM on: in a cluster with DRS by the call with which DRS chooses the host, else where the VM is.</summary>
internal sealed class MachineStarter(VimClient client, InventoryReader inventory)
{
    private const string Together = "PowerOnMultiVM_Task";

    /// <exception cref="VimFaultException">InvalidPowerState where it runs already.</exception>
    public async Task StartAsync(ManagedObject machine, ManagedObject? host, CancellationToken cancellationToken)
    {
        if (
            await FindDatacenterWithDrsAsync(host, cancellationToken).ConfigureAwait(false) is { } datacenter
            && await TryStartByDrsAsync(machine, datacenter, cancellationToken).ConfigureAwait(false)
        )
            return;

        await client.Tasks.RunAsync("PowerOnVM_Task", machine, [], cancellationToken).ConfigureAwait(false);
    }

    /// <returns>Null where DRS is off or only gives advice.</returns>
    private async Task<ManagedObject?> FindDatacenterWithDrsAsync(ManagedObject? host, CancellationToken cancellationToken)
    {
        if (!client.Content.IsVirtualCenter)
            return null;

        var tree = await inventory.ReadAsync(cancellationToken).ConfigureAwait(false);
        return tree.Find(tree.Find(host)?.Parent) is { } compute && HostState.LetsDrsPlace(compute)
            ? tree.DatacenterOf(compute)?.Object
            : null;
    }

    /// <returns>Whether it runs now. Where not, the plain call says why, or does it.</returns>
    private async Task<bool> TryStartByDrsAsync(ManagedObject machine, ManagedObject datacenter, CancellationToken cancellationToken)
    {
        try
        {
            var result = await client
                .Tasks.RunAsync(
                    Together,
                    datacenter,
                    [("vm", machine), ("option", VimData.Option("OverrideAutomationLevel", "fullyAutomated"))],
                    cancellationToken
                )
                .ConfigureAwait(false);
            if (AttemptOf(result, machine).Reference("task") is not { } task)
                return false;

            await client.Tasks.WaitAsync(task, Together, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (VimFaultException fault) when (!fault.Is("NotAuthenticated", "InvalidPowerState"))
        {
            return false;
        }
    }

    private static XElement? AttemptOf(XElement? result, ManagedObject machine) =>
        result.Children("attempted").FirstOrDefault(attempt => attempt.Reference("vm") == machine);
}
