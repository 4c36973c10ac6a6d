using LinuxP2V.Engine.Access;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Destinations;

/// <summary>
/// A place where VMs are made. The conversion drives it through these calls alone. All of them are safe to repeat: a
/// conversion that goes on after a crash asks again for what may have happened already.
/// </summary>
public interface IDestination
{
    /// <summary>Which destination this is, as a task stores it.</summary>
    DestinationReference Reference { get; }

    /// <summary>What would stop this VM from being made, before anything is created.</summary>
    /// <param name="helperImagePath">
    /// The image that it is to be made with, which is compared with the one that lies at the destination; null: not known yet.
    /// </param>
    Task<IReadOnlyList<Finding>> TestAsync(MachineSpecification machine, string? helperImagePath, CancellationToken cancellationToken);

    /// <summary>
    /// Where the VM could go, best first; for one that exists, the place where it is. Empty when there is none: creating
    /// the VM then tells why.
    /// </summary>
    Task<IReadOnlyList<MachinePlace>> FindPlacesAsync(MachineSpecification machine, string? machineId, CancellationToken cancellationToken);

    /// <summary>
    /// Creates the VM with its empty disks and the helper image, CD first in its boot order, and leaves it off.
    /// <paramref name="conversionId"/> marks it as ours: a VM of the same conversion is returned, one of another is an
    /// error (DestinationNameTaken). What was made is removed when the call fails.
    /// </summary>
    Task<DestinationMachine> CreateAsync(
        MachineSpecification machine,
        HelperSettings settings,
        string helperImagePath,
        string conversionId,
        CancellationToken cancellationToken
    );

    /// <summary>
    /// The VM that was made for a conversion, although the one who made it never learned its id: looked for by the mark,
    /// where it was to be made and wherever else the destination can look.
    /// </summary>
    /// <returns>Null when there is none.</returns>
    Task<DestinationMachine?> FindAsync(MachineSpecification machine, string conversionId, CancellationToken cancellationToken);

    /// <exception cref="P2VException">MachineNotFound.</exception>
    Task<DestinationMachine> GetAsync(string machineId, CancellationToken cancellationToken);

    /// <summary>Does nothing to a machine that runs.</summary>
    Task PowerOnAsync(string machineId, CancellationToken cancellationToken);

    /// <summary>Pulls the plug. Does nothing to a machine that is off.</summary>
    Task PowerOffAsync(string machineId, CancellationToken cancellationToken);

    /// <summary>
    /// Hands the helper its settings anew and waits for an announcement that carries their authorized key: the way in
    /// for an engine that has just made a key pair. The private key thus never has to be stored.
    /// </summary>
    /// <exception cref="P2VException">HelperAddressNotObtained, HelperStartFailed, or what the helper itself reports.</exception>
    Task<HelperEndpoint> AttachHelperAsync(string machineId, HelperSettings settings, CancellationToken cancellationToken);

    /// <summary>Looks whether another than this helper has announced itself meanwhile, where others than the helper can.</summary>
    /// <exception cref="P2VException">HelperHostKeyMismatch.</exception>
    Task ConfirmHelperAsync(string machineId, HelperEndpoint helper, CancellationToken cancellationToken);

    /// <summary>
    /// Whether the copy is finished: of a machine that is off, because its helper said so before it went, which tells a
    /// finish whose engine died from a helper that died; of any, because <see cref="FinishAsync"/> was done. So a machine
    /// that is found finished and then on is nobody's helper any more.
    /// </summary>
    Task<bool> IsHelperFinishedAsync(string machineId, CancellationToken cancellationToken);

    /// <summary>The source's address as the helper must use it: behind QEMU's user network the host's loopback has another one.</summary>
    SourceEndpoint SeenFromHelper(SourceEndpoint source);

    /// <summary>Takes the helper's ISO, settings and boot order off a machine that is off: it is the destination VM from now on.</summary>
    Task<DestinationMachine> FinishAsync(string machineId, CancellationToken cancellationToken);

    /// <summary>Powers off and deletes the machine with its disks. Does nothing when it is gone.</summary>
    Task DeleteAsync(string machineId, CancellationToken cancellationToken);
}

/// <summary>Whether a VM runs.</summary>
public enum MachinePower
{
    /// <summary>It is off.</summary>
    PoweredOff,

    /// <summary>It runs.</summary>
    PoweredOn,

    /// <summary>Its memory is stored, and it does not run.</summary>
    Suspended,
}

/// <param name="Id">The destination's own: a VM folder, a managed object reference.</param>
/// <param name="Location">For people: the folder, or the inventory path.</param>
/// <param name="MacAddresses">
/// In the order of the adapters, lower case with colons; null for one that is made at the first power-on.
/// </param>
/// <param name="StartCommand">How to start it by hand, where the destination has no console of its own.</param>
public sealed record DestinationMachine(
    string Id,
    string Name,
    MachinePower Power,
    string Location,
    IReadOnlyList<string?> MacAddresses,
    string? StartCommand = null
)
{
    /// <summary>The conversion that it was made for; null when it bears no mark.</summary>
    public string? ConversionId { get; init; }

    /// <summary>
    /// The question that it waits with until somebody answers at the destination, a full datastore as a rule. Null:
    /// nothing.
    /// </summary>
    public string? Question { get; init; }

    /// <summary>
    /// When it was powered on, as the destination writes it; null when it is off, or where the destination does not tell.
    /// </summary>
    public string? PoweredOnAt { get; init; }

    /// <summary>What other tools have left at it and its owner should know.</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];
}

/// <param name="Host">As the engine reaches it.</param>
/// <param name="HostKey">As the helper announced it, <c>algorithm base64</c>.</param>
/// <param name="BootId">Of the agent that announced itself.</param>
public sealed record HelperEndpoint(string Host, int Port, string HostKey, string BootId)
{
    /// <summary>
    /// When its VM was powered on, as the destination writes it: as long as this stays, so does the host key. Null where nobody
    /// but the helper can announce itself.
    /// </summary>
    public string? PoweredOnAt { get; init; }
}
