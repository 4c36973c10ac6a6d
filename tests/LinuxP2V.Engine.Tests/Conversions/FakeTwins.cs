using LinuxP2V.Engine.Access;
using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Helpers;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Tests.Conversions;

/// <summary>A destination with one machine and one twin of it, each with an agent of its own; and the way to both agents.</summary>
internal sealed class FakeTwins(FakeDestination machine, FakeDestination twin, FakeAgent agent, FakeAgent agentOfTwin)
    : ITwinDestination,
        IAgentConnector
{
    private const string TwinId = "twin-1";
    private const int TwinPort = 23;

    public DestinationReference Reference => machine.Reference;

    public bool HasTwin { get; private set; }

    public int TwinsMade { get; private set; }

    public TwinSpecification? Made { get; private set; }

    /// <summary>What the twin says once it is on.</summary>
    public string Report { get; set; } = "begin\nstate running\nend\n";

    public IReadOnlyList<Finding> TwinFindings { get; set; } = [];

    /// <summary>Called while the twin boots.</summary>
    public Func<Task> OnLook { get; set; } = () => Task.CompletedTask;

    /// <summary>Null: it succeeds.</summary>
    public Exception? DeletionFailure { get; set; }

    public Task<IReadOnlyList<Finding>> TestTwinAsync(string machineId, CancellationToken cancellationToken) =>
        Task.FromResult(TwinFindings);

    public Task<DestinationMachine> CreateTwinAsync(string machineId, TwinSpecification wanted, CancellationToken cancellationToken)
    {
        HasTwin = true;
        if (TwinsMade++ > 0)
            agentOfTwin.Restart();

        Made = wanted;
        twin.Reset();
        twin.Owner = wanted.ConversionId;
        return GetAsync(TwinId, cancellationToken);
    }

    public Task DeleteTwinAsync(string machineId, CancellationToken cancellationToken)
    {
        if (DeletionFailure is not null)
            throw DeletionFailure;

        HasTwin = false;
        return Task.CompletedTask;
    }

    public async Task<TwinOutput> ReadOutputAsync(string twinId, CancellationToken cancellationToken)
    {
        await OnLook();
        return new TwinOutput("", Report, null);
    }

    public Task<byte[]?> TakeScreenshotAsync(string twinId, CancellationToken cancellationToken) => Task.FromResult<byte[]?>([1, 2, 3]);

    public Task<IReadOnlyList<Finding>> TestAsync(MachineSpecification specification, string? image, CancellationToken cancellationToken) =>
        machine.TestAsync(specification, image, cancellationToken);

    public Task<IReadOnlyList<MachinePlace>> FindPlacesAsync(
        MachineSpecification specification,
        string? machineId,
        CancellationToken cancellationToken
    ) => machine.FindPlacesAsync(specification, machineId, cancellationToken);

    public Task<DestinationMachine> CreateAsync(
        MachineSpecification specification,
        HelperSettings settings,
        string helperImagePath,
        string conversionId,
        CancellationToken cancellationToken
    ) => machine.CreateAsync(specification, settings, helperImagePath, conversionId, cancellationToken);

    public Task<DestinationMachine?> FindAsync(
        MachineSpecification specification,
        string conversionId,
        CancellationToken cancellationToken
    ) => machine.FindAsync(specification, conversionId, cancellationToken);

    public async Task<DestinationMachine> GetAsync(string machineId, CancellationToken cancellationToken) =>
        await Of(machineId).GetAsync(machineId, cancellationToken) with
        {
            Id = machineId,
        };

    public Task PowerOnAsync(string machineId, CancellationToken cancellationToken) =>
        Of(machineId).PowerOnAsync(machineId, cancellationToken);

    public Task PowerOffAsync(string machineId, CancellationToken cancellationToken) =>
        Of(machineId).PowerOffAsync(machineId, cancellationToken);

    public async Task<HelperEndpoint> AttachHelperAsync(string machineId, HelperSettings settings, CancellationToken cancellationToken)
    {
        var helper = await Of(machineId).AttachHelperAsync(machineId, settings, cancellationToken);
        return machineId == TwinId ? helper with { Port = TwinPort } : helper;
    }

    public Task ConfirmHelperAsync(string machineId, HelperEndpoint helper, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<bool> IsHelperFinishedAsync(string machineId, CancellationToken cancellationToken) =>
        Of(machineId).IsHelperFinishedAsync(machineId, cancellationToken);

    public SourceEndpoint SeenFromHelper(SourceEndpoint source) => source;

    public async Task<DestinationMachine> FinishAsync(string machineId, CancellationToken cancellationToken) =>
        await Of(machineId).FinishAsync(machineId, cancellationToken) with
        {
            Id = machineId,
        };

    public Task DeleteAsync(string machineId, CancellationToken cancellationToken) =>
        Of(machineId).DeleteAsync(machineId, cancellationToken);

    public Task<IAgentChannel> ConnectAsync(HelperEndpoint helper, ConversionKey key, CancellationToken cancellationToken) =>
        (helper.Port == TwinPort ? agentOfTwin : agent).ConnectAsync(helper, key, cancellationToken);

    private FakeDestination Of(string machineId) => machineId == TwinId ? twin : machine;
}
