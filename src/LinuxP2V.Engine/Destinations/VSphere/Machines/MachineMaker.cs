using System.Diagnostics;
using System.Xml.Linq;
using LinuxP2V.Engine.Destinations.VSphere.Inventory;
using LinuxP2V.Engine.Destinations.VSphere.Tags;
using LinuxP2V.Engine.Destinations.VSphere.Vim;

namespace LinuxP2V.Engine.Destinations.VSphere.Machines;

/// <summary>Makes a VM and takes away what it made when that fails, also when the server's answer got lost on the way.</summary>
internal sealed class MachineMaker(VimClient client, IEngineConsole console, MachineTags tags)
{
    private static readonly TimeSpan CleanupTimeout = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    private readonly CustomAttributes attributes = new(client, console);

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
        // Where DRS places VMs it knows more than we do.
        (string, object?) host = ("host", placement.IsHostOpen ? null : placement.Host.Object);
        (string Method, ManagedObject Self, (string, object?)[] Arguments) call = placement.IsInVApp
            ? ("CreateChildVM_Task", placement.Pool.Object, [("config", spec), host])
            : ("CreateVM_Task", placement.Folder.Object, [("config", spec), ("pool", placement.Pool.Object), host]);
        try
        {
            using var told = cancellationToken.Register(() =>
                console.Verbose($"Waiting for the server to give up {machine.Name} or to end it, so that it can be removed.")
            );
            // Zeroing large disks takes hours, and not every server can cancel it: the VM would appear later.
            var created =
                (
                    await client
                        .Tasks.RunAsync(call.Method, call.Self, call.Arguments, cancellationToken, stopTimeout: Timeout.InfiniteTimeSpan)
                        .ConfigureAwait(false)
                ).AsReference() ?? throw new VimTransportException("The server did not say which VM it made.", isTransient: false);
            await NoteAsync(created, machine, cancellationToken).ConfigureAwait(false);
            // A task that ended well in spite of a stop.
            cancellationToken.ThrowIfCancellationRequested();
            return new MachineSnapshot(
                await client.Properties.ReadAsync(created, MachineSnapshot.Paths, cancellationToken).ConfigureAwait(false)
            );
        }
        catch (Exception exception)
        {
            await TryRemoveAsync(placement.Container.Object, machine.Name, conversionId, isOutcomeKnown: exception is VimFaultException)
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

    /// <summary>Writes what people look for at the VM. It may be repeated.</summary>
    public async Task NoteAsync(ManagedObject created, MachineSpecification machine, CancellationToken cancellationToken)
    {
        await attributes.SetAsync(created, machine, cancellationToken).ConfigureAwait(false);
        try
        {
            foreach (var tag in await tags.FindAsync(machine.Tags, cancellationToken).ConfigureAwait(false))
                await tags.AttachAsync(tag, created, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // They are for people, and can be given by hand.
            console.Warning($"{machine.Name} has not got all the tags {string.Join(", ", machine.Tags)}: {exception.Message}");
        }
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
