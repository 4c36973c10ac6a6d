using LinuxP2V.Engine.Destinations.VSphere.Inventory;
using LinuxP2V.Engine.Destinations.VSphere.Vim;

namespace LinuxP2V.Engine.Destinations.VSphere.Machines;

/// <summary>
/// Powers a VM on: where DRS may choose the host, by the call with which it does; else where the VM is. A host that the admin
/// named stays the VM's.
/// </summary>
internal sealed class MachineStarter(VimClient client, InventoryReader inventory, IEngineConsole console)
{
    private const string Together = "PowerOnMultiVM_Task";

    /// <summary>DRS may start a VM without a task of which the server tells.</summary>
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(2);

    /// <exception cref="VimFaultException">InvalidPowerState where it runs already.</exception>
    public async Task StartAsync(MachineSnapshot machine, CancellationToken cancellationToken)
    {
        if (
            machine.Option(HelperKeys.HostIsOpen) == "TRUE"
            && await FindDatacenterWithDrsAsync(machine.Host, cancellationToken).ConfigureAwait(false) is { } datacenter
            && await TryStartByDrsAsync(machine, datacenter, cancellationToken).ConfigureAwait(false)
        )
            return;

        await client.Tasks.RunAsync("PowerOnVM_Task", machine.Object, [], cancellationToken).ConfigureAwait(false);
    }

    /// <returns>Null where DRS is off, only gives advice, or cannot be seen.</returns>
    private async Task<ManagedObject?> FindDatacenterWithDrsAsync(ManagedObject? host, CancellationToken cancellationToken)
    {
        try
        {
            var tree = await inventory.ReadAsync(cancellationToken).ConfigureAwait(false);
            return tree.Find(tree.Find(host)?.Parent) is { } compute && HostState.LetsDrsPlace(compute)
                ? tree.DatacenterOf(compute)?.Object
                : null;
        }
        catch (Exception exception) when (exception is VimFaultException or P2VException)
        {
            return null;
        }
    }

    /// <returns>Whether it runs now. Where not, the plain call says why, or does it.</returns>
    private async Task<bool> TryStartByDrsAsync(MachineSnapshot machine, ManagedObject datacenter, CancellationToken cancellationToken)
    {
        try
        {
            var result = await client
                .Tasks.RunAsync(Together, datacenter, [("vm", machine.Object)], cancellationToken)
                .ConfigureAwait(false);
            if (result.Children("attempted").FirstOrDefault(attempt => attempt.Reference("vm") == machine.Object) is not { } attempt)
            {
                var reason = result.Children("notAttempted").Select(refused => refused.Child("fault").Text("localizedMessage"));
                console.Verbose($"{machine.Name}: DRS did not start it. {reason.FirstOrDefault()}");
                return false;
            }

            if (attempt.Reference("task") is { } task)
                await client.Tasks.WaitAsync(task, Together, cancellationToken).ConfigureAwait(false);
            else
                await WaitForStartAsync(machine.Object, cancellationToken).ConfigureAwait(false);

            return true;
        }
        catch (VimFaultException fault) when (!fault.Is("NotAuthenticated", "InvalidPowerState"))
        {
            console.Verbose($"{machine.Name}: DRS could not start it. {fault.Message}");
            return false;
        }
    }

    /// <summary>What does not run after the time is seen by whoever looks next.</summary>
    private async Task WaitForStartAsync(ManagedObject machine, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(StartTimeout);
        try
        {
            await client.Updates.WaitAsync(machine, ["runtime.powerState"], IsOn, timeout.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested) { }
    }

    private static bool IsOn(ObjectProperties machine) => machine["runtime.powerState"]?.Value == "poweredOn";
}
