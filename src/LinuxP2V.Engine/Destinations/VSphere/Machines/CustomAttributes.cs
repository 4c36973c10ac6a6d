using LinuxP2V.Engine.Destinations.VSphere.Vim;

namespace LinuxP2V.Engine.Destinations.VSphere.Machines;

/// <summary>
/// Writes custom attributes of a VM: those that the task asks for, and the source's name. An attribute that does not exist is
/// defined for VMs. They are notes for people: a VM without them is as good.
/// </summary>
internal sealed class CustomAttributes(VimClient client, IEngineConsole console)
{
    /// <summary>Names the machine that the VM was made of.</summary>
    public const string Source = "LinuxP2V.Source";

    /// <summary>A field bears one name once, whatever its objects are.</summary>
    private const string AnyObject = "ManagedEntity";

    private const string OfMachines = "VirtualMachine";

    public async Task SetAsync(ManagedObject machine, MachineSpecification wanted, CancellationToken cancellationToken)
    {
        var values = wanted.CustomAttributes.Select(attribute => (attribute.Key, attribute.Value)).ToList();
        if (wanted.SourceName is { Length: > 0 } source && !wanted.CustomAttributes.ContainsKey(Source))
            values.Add((Source, source));

        if (client.Content.CustomFieldsManager is not { } manager)
        {
            if (wanted.CustomAttributes.Count > 0)
                console.Warning("This server has no custom attributes: only a vCenter has. None was set.");

            return;
        }

        foreach (var (name, value) in values)
            await TrySetAsync(manager, machine, name, value, cancellationToken).ConfigureAwait(false);
    }

    private async Task TrySetAsync(
        ManagedObject manager,
        ManagedObject machine,
        string name,
        string value,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var key =
                await FindAsync(manager, name, cancellationToken).ConfigureAwait(false)
                ?? await AddAsync(manager, name, cancellationToken).ConfigureAwait(false);
            await client
                .CallAsync("SetField", manager, [("entity", machine), ("key", key), ("value", value)], cancellationToken)
                .ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is VimFaultException or VimTransportException)
        {
            console.Warning($"The custom attribute {name} could not be set: {exception.Message}");
        }
    }

    private async Task<long?> AddAsync(ManagedObject manager, string name, CancellationToken cancellationToken)
    {
        try
        {
            var response = await client
                .CallAsync("AddCustomFieldDef", manager, [("name", name), ("moType", OfMachines)], cancellationToken)
                .ConfigureAwait(false);
            return response.Child("returnval").Number("key");
        }
        catch (VimFaultException fault) when (fault.Is("DuplicateName"))
        {
            // Another conversion was faster.
            return await FindAsync(manager, name, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<long?> FindAsync(ManagedObject manager, string name, CancellationToken cancellationToken) =>
        (await client.Properties.ReadAsync(manager, ["field"], cancellationToken).ConfigureAwait(false))["field"]
            ?.Elements()
            .FirstOrDefault(field =>
                string.Equals(field.Text("name"), name, StringComparison.OrdinalIgnoreCase)
                && field.Text("managedObjectType") is null or "" or AnyObject or OfMachines
            )
            .Number("key");
}
