using LinuxP2V.Engine.Access;
using LinuxP2V.Engine.Destinations;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Tests.Rehearsals;

/// <summary>A destination whose calls a test overrides as far as it needs them.</summary>
internal abstract class TwinStub : ITwinDestination
{
    public DestinationReference Reference { get; } = new("Local", "/vms");

    public virtual Task<TwinOutput> ReadOutputAsync(string twinId, CancellationToken cancellationToken) => throw Unasked();

    public virtual Task<DestinationMachine> GetAsync(string machineId, CancellationToken cancellationToken) => throw Unasked();

    public Task<byte[]?> TakeScreenshotAsync(string twinId, CancellationToken cancellationToken) => throw Unasked();

    public Task<IReadOnlyList<Finding>> TestTwinAsync(string machineId, CancellationToken cancellationToken) => throw Unasked();

    public Task<DestinationMachine> CreateTwinAsync(string machineId, TwinSpecification twin, CancellationToken cancellationToken) =>
        throw Unasked();

    public Task DeleteTwinAsync(string machineId, CancellationToken cancellationToken) => throw Unasked();

    public Task<IReadOnlyList<Finding>> TestAsync(
        MachineSpecification machine,
        string? helperImagePath,
        CancellationToken cancellationToken
    ) => throw Unasked();

    public Task<IReadOnlyList<MachinePlace>> FindPlacesAsync(
        MachineSpecification machine,
        string? machineId,
        CancellationToken cancellationToken
    ) => throw Unasked();

    public Task<DestinationMachine> CreateAsync(
        MachineSpecification machine,
        HelperSettings settings,
        string helperImagePath,
        string conversionId,
        CancellationToken cancellationToken
    ) => throw Unasked();

    public Task<DestinationMachine?> FindAsync(MachineSpecification machine, string conversionId, CancellationToken cancellationToken) =>
        throw Unasked();

    public Task PowerOnAsync(string machineId, CancellationToken cancellationToken) => throw Unasked();

    public Task PowerOffAsync(string machineId, CancellationToken cancellationToken) => throw Unasked();

    public Task<HelperEndpoint> AttachHelperAsync(string machineId, HelperSettings settings, CancellationToken cancellationToken) =>
        throw Unasked();

    public Task ConfirmHelperAsync(string machineId, HelperEndpoint helper, CancellationToken cancellationToken) => throw Unasked();

    public Task<bool> IsHelperFinishedAsync(string machineId, CancellationToken cancellationToken) => throw Unasked();

    public SourceEndpoint SeenFromHelper(SourceEndpoint source) => throw Unasked();

    public Task<DestinationMachine> FinishAsync(string machineId, CancellationToken cancellationToken) => throw Unasked();

    public Task DeleteAsync(string machineId, CancellationToken cancellationToken) => throw Unasked();

    private static NotSupportedException Unasked() => new("The test does not expect this call.");
}
