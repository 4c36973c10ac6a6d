using LinuxP2V.Engine;
using LinuxP2V.Engine.Access;
using LinuxP2V.Engine.Destinations;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Cmdlets.Tests.Support;

internal class FakeDestination(DestinationReference reference) : IDestination
{
    public DestinationMachine? Machine { get; set; }

    public List<string> PoweredOn { get; } = [];

    public IReadOnlyList<Finding> Findings { get; set; } = [];

    public DestinationReference Reference { get; } = reference;

    public Task<IReadOnlyList<MachinePlace>> FindPlacesAsync(
        MachineSpecification machine,
        string? machineId,
        CancellationToken cancellationToken
    ) => Task.FromResult<IReadOnlyList<MachinePlace>>([]);

    public Task<IReadOnlyList<Finding>> TestAsync(
        MachineSpecification machine,
        string? helperImagePath,
        CancellationToken cancellationToken
    ) => Task.FromResult(Findings);

    public Task PowerOnAsync(string machineId, CancellationToken cancellationToken)
    {
        PoweredOn.Add(machineId);
        return Task.CompletedTask;
    }

    public SourceEndpoint SeenFromHelper(SourceEndpoint source) => source;

    public Task<DestinationMachine> CreateAsync(
        MachineSpecification machine,
        HelperSettings settings,
        string helperImagePath,
        string conversionId,
        CancellationToken cancellationToken
    ) => throw NotAsked();

    public Task<DestinationMachine> GetAsync(string machineId, CancellationToken cancellationToken) =>
        Task.FromResult(
            Machine?.Id == machineId
                ? Machine
                : throw new P2VException(ErrorIds.MachineNotFound, $"There is no {machineId}.", "Look for it.", machineId)
        );

    public Task<DestinationMachine?> FindAsync(MachineSpecification machine, string conversionId, CancellationToken cancellationToken) =>
        throw NotAsked();

    public Task PowerOffAsync(string machineId, CancellationToken cancellationToken) => throw NotAsked();

    public Task<HelperEndpoint> AttachHelperAsync(string machineId, HelperSettings settings, CancellationToken cancellationToken) =>
        throw NotAsked();

    public Task ConfirmHelperAsync(string machineId, HelperEndpoint helper, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<bool> IsHelperFinishedAsync(string machineId, CancellationToken cancellationToken) => throw NotAsked();

    public Task<DestinationMachine> FinishAsync(string machineId, CancellationToken cancellationToken) => throw NotAsked();

    public Task DeleteAsync(string machineId, CancellationToken cancellationToken) => throw NotAsked();

    private static InvalidOperationException NotAsked() => new("No cmdlet calls this.");
}
