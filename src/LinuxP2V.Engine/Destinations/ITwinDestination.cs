using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Destinations;

/// <summary>
/// A destination that can make a disposable twin of a waiting helper VM: a VM of its own whose disks begin with what those of
/// the helper VM hold at one moment. Nothing that the twin writes reaches the disks of the helper VM, which runs on meanwhile.
/// The twin is driven by its own id like any other machine of the destination.
/// </summary>
public interface ITwinDestination : IDestination
{
    /// <summary>What would stop a twin of this machine from being made, before anything is created: space above all.</summary>
    /// <exception cref="P2VException">MachineNotFound.</exception>
    Task<IReadOnlyList<Finding>> TestTwinAsync(string machineId, CancellationToken cancellationToken);

    /// <summary>
    /// Makes the twin with the helper image attached, and leaves it off. Its adapters reach nobody but the engine, the finished
    /// twin's nobody at all. A twin that is there is deleted first. What was made is removed when the call fails.
    /// </summary>
    /// <param name="machineId">The helper VM, which must run.</param>
    /// <exception cref="P2VException">MachineNotFound, TwinNotPossible, DestinationFull, HelperImageMissing.</exception>
    Task<DestinationMachine> CreateTwinAsync(string machineId, TwinSpecification twin, CancellationToken cancellationToken);

    /// <summary>
    /// Deletes the twin of this machine with its disks, whoever made it, and takes off the machine what the twin needed of it.
    /// Does nothing where there is none, or no such machine.
    /// </summary>
    Task DeleteTwinAsync(string machineId, CancellationToken cancellationToken);

    /// <summary>What a finished twin has said since it was powered on.</summary>
    Task<TwinOutput> ReadOutputAsync(string twinId, CancellationToken cancellationToken);

    /// <summary>The twin's screen as a PNG file.</summary>
    /// <returns>Null where the destination cannot tell: the twin is off, or the hypervisor makes no such picture.</returns>
    Task<byte[]?> TakeScreenshotAsync(string twinId, CancellationToken cancellationToken);
}

/// <summary>The twin to make.</summary>
/// <param name="ConversionId">The mark that it bears, and its helper announces.</param>
/// <param name="Settings">For its helper.</param>
/// <param name="HelperImagePath">The helper ISO.</param>
public sealed record TwinSpecification(string ConversionId, HelperSettings Settings, string HelperImagePath);

/// <summary>What a twin says without a network. Each text is the guest's: as long as it likes, with any bytes in it.</summary>
/// <param name="Console">Of its first serial port, the newest part.</param>
/// <param name="Report">Of its second one, where the report of its boot goes.</param>
/// <param name="SshPort">Of 127.0.0.1, where the destination forwards one to its port 22; null: none.</param>
public sealed record TwinOutput(string Console, string Report, int? SshPort);
