using System.Diagnostics;
using System.Xml.Linq;
using LinuxP2V.Engine.Destinations.VSphere.Inventory;
using LinuxP2V.Engine.Destinations.VSphere.Vim;

namespace LinuxP2V.Engine.Destinations.VSphere.Machines;

/// <summary>Makes a VM and takes away what it made when that fails, also when the server's answer got lost on the way.</summary>
internal sealed class MachineMaker(VimClient client, IEngineConsole console)
{
    private const string SourceField = "LinuxP2V.Source";
    private static readonly TimeSpan CleanupTimeout = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    /// <summary>For a lost answer: the server may still be about to begin.</summary>
    private const int Looks = 5;

    public async Task<MachineSnapshot> MakeAsync(
        MachineSpecification machine,
        MachinePlacement placement,
        XElement spec,
        string conversionId,
        CancellationToken cancellationToken
    )
    {
        try
        {
            using var told = cancellationToken.Register(() =>
                console.Verbose($"Waiting for the server to give up {machine.Name} or to end it, so that it can be removed.")
            );
            // Zeroing large disks takes hours, and not every server can cancel it: the VM would appear later.
            var created =
                (
                    await client
                        .Tasks.RunAsync(
                            "CreateVM_Task",
                            placement.Folder.Object,
                            [("config", spec), ("pool", placement.Pool.Object), ("host", placement.Host.Object)],
                            cancellationToken,
                            stopTimeout: Timeout.InfiniteTimeSpan
                        )
                        .ConfigureAwait(false)
                ).AsReference() ?? throw new VimTransportException("The server did not say which VM it made.", isTransient: false);
            await NoteSourceAsync(created, machine.SourceName, cancellationToken).ConfigureAwait(false);
            // A task that ended well in spite of a stop.
            cancellationToken.ThrowIfCancellationRequested();
            return new MachineSnapshot(
                await client.Properties.ReadAsync(created, MachineSnapshot.Paths, cancellationToken).ConfigureAwait(false)
            );
        }
        catch (Exception exception)
        {
            await TryRemoveAsync(placement.Folder.Object, machine.Name, conversionId, isOutcomeKnown: exception is VimFaultException)
                .ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>The VM of a conversion: by its own id, else by its name in a folder, should the server have given it another id.</summary>
    public async Task<MachineSnapshot?> FindAsync(
        ManagedObject? folder,
        string name,
        string conversionId,
        CancellationToken cancellationToken
    )
    {
        if (await MachineFinder.FindOfAsync(client, conversionId, cancellationToken).ConfigureAwait(false) is { } known)
            return known;

        return
            folder is { } place
            && await MachineFinder.FindAsync(client, place, name, cancellationToken).ConfigureAwait(false)
                is { Type: "VirtualMachine" } named
            ? await MachineFinder.ReadOwnAsync(client, named, conversionId, cancellationToken).ConfigureAwait(false)
            : null;
    }

    /// <summary>Off and deleted with its disks.</summary>
    public async Task DestroyAsync(ManagedObject machine, CancellationToken cancellationToken)
    {
        try
        {
            await client.Tasks.RunAsync("PowerOffVM_Task", machine, [], cancellationToken).ConfigureAwait(false);
        }
        catch (VimFaultException fault) when (fault.Is("InvalidPowerState", "ManagedObjectNotFound")) { }

        try
        {
            await client.Tasks.RunAsync("Destroy_Task", machine, [], cancellationToken).ConfigureAwait(false);
        }
        catch (VimFaultException fault) when (fault.Is("ManagedObjectNotFound")) { }
    }

    /// <summary>A note for people; a VM without it is as good.</summary>
    private async Task NoteSourceAsync(ManagedObject machine, string? source, CancellationToken cancellationToken)
    {
        if (client.Content.CustomFieldsManager is not { } manager || source is not { Length: > 0 })
            return;

        try
        {
            var key =
                await FindFieldAsync(manager, cancellationToken).ConfigureAwait(false)
                ?? await AddFieldAsync(manager, cancellationToken).ConfigureAwait(false);
            await client
                .CallAsync("SetField", manager, [("entity", machine), ("key", key), ("value", source)], cancellationToken)
                .ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is VimFaultException or VimTransportException)
        {
            console.Warning($"The custom attribute {SourceField} could not be set: {exception.Message}");
        }
    }

    private async Task<long?> AddFieldAsync(ManagedObject manager, CancellationToken cancellationToken)
    {
        try
        {
            var response = await client
                .CallAsync("AddCustomFieldDef", manager, [("name", SourceField), ("moType", "VirtualMachine")], cancellationToken)
                .ConfigureAwait(false);
            return response.Child("returnval").Number("key");
        }
        catch (VimFaultException fault) when (fault.Is("DuplicateName"))
        {
            // Another conversion was faster.
            return await FindFieldAsync(manager, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<long?> FindFieldAsync(ManagedObject manager, CancellationToken cancellationToken) =>
        (await client.Properties.ReadAsync(manager, ["field"], cancellationToken).ConfigureAwait(false))["field"]
            ?.Elements()
            .FirstOrDefault(field => field.Text("name") == SourceField)
            .Number("key");

    private async Task TryRemoveAsync(ManagedObject folder, string name, string conversionId, bool isOutcomeKnown)
    {
        using var timeout = new CancellationTokenSource(CleanupTimeout);
        try
        {
            await RemoveAsync(folder, name, conversionId, isOutcomeKnown, timeout.Token).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            console.Warning($"The VM {name} may have been left behind: {exception.Message} Remove-P2VConversion -DeleteVM looks for it.");
        }
    }

    private async Task RemoveAsync(
        ManagedObject folder,
        string name,
        string conversionId,
        bool isOutcomeKnown,
        CancellationToken cancellationToken
    )
    {
        var watch = Stopwatch.StartNew();
        for (var look = 1; ; look++)
        {
            if (await FindAsync(folder, name, conversionId, cancellationToken).ConfigureAwait(false) is { } machine)
            {
                await DestroyAsync(machine.Object, cancellationToken).ConfigureAwait(false);
                return;
            }

            if (isOutcomeKnown || (look >= Looks && !await IsBusyAsync(folder, cancellationToken).ConfigureAwait(false)))
                return;

            if (watch.Elapsed > CleanupTimeout)
                throw new VimTransportException("The server is still at work in the folder.", isTransient: false);

            await Task.Delay(LookAgain, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<bool> IsBusyAsync(ManagedObject folder, CancellationToken cancellationToken)
    {
        var tasks = (await client.Properties.ReadAsync(folder, ["recentTask"], cancellationToken).ConfigureAwait(false))["recentTask"]
            .AsReferences();
        foreach (var task in tasks)
        {
            var info = await client.Properties.ReadAsync(task, ["info.state"], cancellationToken).ConfigureAwait(false);
            if (info["info.state"]?.Value is "queued" or "running")
                return true;
        }

        return false;
    }
}
