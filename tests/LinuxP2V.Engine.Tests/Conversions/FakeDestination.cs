using LinuxP2V.Engine.Access;
using LinuxP2V.Engine.Destinations;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Tests.Conversions;

/// <summary>A destination in memory that repeats calls as safely as a real one must.</summary>
internal sealed class FakeDestination(FakeAgent agent) : IDestination
{
    public DestinationReference Reference { get; } = new("Local", "/vms");

    public string? Owner { get; set; }

    public MachinePower Power { get; set; }

    public bool IsFinished { get; set; }

    public bool IsHandedOver { get; private set; }

    public List<string> Calls { get; } = [];

    /// <summary>Call name to a gate: a call that never returns is how an engine's death looks from here.</summary>
    public Dictionary<string, Task> HoldAt { get; } = [];

    /// <summary>Call name to the error of its next call.</summary>
    public Dictionary<string, P2VException> FailOnce { get; } = [];

    /// <summary>What it offers; the settings that a machine is created with tell which was taken.</summary>
    public IReadOnlyList<MachinePlace> Places { get; set; } = [];

    public PlacementSettings? CreatedAt { get; private set; }

    public IReadOnlyList<Finding> Findings { get; set; } = [];

    public Task<IReadOnlyList<MachinePlace>> FindPlacesAsync(
        MachineSpecification machine,
        string? machineId,
        CancellationToken cancellationToken
    ) => Task.FromResult(Places);

    public Task<IReadOnlyList<Finding>> TestAsync(
        MachineSpecification machine,
        string? helperImagePath,
        CancellationToken cancellationToken
    ) => Task.FromResult(Findings);

    public async Task<DestinationMachine> CreateAsync(
        MachineSpecification machine,
        HelperSettings settings,
        string helperImagePath,
        string conversionId,
        CancellationToken cancellationToken
    )
    {
        await EnterAsync("Create");
        Assert.True(Owner is null || Owner == conversionId);
        Owner = conversionId;
        CreatedAt = machine.Placement;
        return Machine();
    }

    public string? MacAddress { get; set; } = "52:54:00:00:00:01";

    /// <summary>An ESXi makes addresses at the first power-on only.</summary>
    public string? MacAddressOfPowerOn { get; set; }

    public string? Question { get; set; }

    public IReadOnlyList<Finding> MachineFindings { get; set; } = [];

    /// <summary>So many times it does not answer when it is asked for the machine.</summary>
    public int Silences { get; set; }

    /// <summary>How often it was asked for the machine.</summary>
    public int Looks { get; private set; }

    /// <summary>Told whether it was handed over.</summary>
    public Action<bool>? OnPoweredOn { get; set; }

    public Task<DestinationMachine?> FindAsync(MachineSpecification machine, string conversionId, CancellationToken cancellationToken) =>
        Task.FromResult(Owner == conversionId ? Machine() : null);

    public async Task<DestinationMachine> GetAsync(string machineId, CancellationToken cancellationToken)
    {
        await Task.Yield();
        Looks++;
        if (Silences > 0)
        {
            Silences--;
            throw new P2VException(ErrorIds.ServerUnreachable, "away", "wait");
        }

        return Machine();
    }

    public async Task PowerOnAsync(string machineId, CancellationToken cancellationToken)
    {
        await EnterAsync("PowerOn");
        if (Power == MachinePower.PoweredOff && !IsHandedOver)
        {
            IsFinished = false;
        }

        MacAddress = MacAddressOfPowerOn ?? MacAddress;
        Power = MachinePower.PoweredOn;
        PoweredOnAt = PoweredOnAt is null ? null : $"{PoweredOnAt}'";
        OnPoweredOn?.Invoke(IsHandedOver);
    }

    public async Task PowerOffAsync(string machineId, CancellationToken cancellationToken)
    {
        await EnterAsync("PowerOff");
        Power = MachinePower.PoweredOff;
    }

    public async Task<HelperEndpoint> AttachHelperAsync(string machineId, HelperSettings settings, CancellationToken cancellationToken)
    {
        await EnterAsync("Attach");
        return new HelperEndpoint("127.0.0.1", 22, HostKey, agent.BootId) { PoweredOnAt = PoweredOnAt };
    }

    public string HostKey { get; set; } = "ssh-ed25519 AAAA";

    public string? PoweredOnAt { get; set; }

    public Task ConfirmHelperAsync(string machineId, HelperEndpoint helper, CancellationToken cancellationToken) =>
        HostKey == helper.HostKey
            ? Task.CompletedTask
            : Task.FromException(new P2VException(ErrorIds.HelperHostKeyMismatch, "another key is announced", "look"));

    public Task<bool> IsHelperFinishedAsync(string machineId, CancellationToken cancellationToken) => Task.FromResult(IsFinished);

    public SourceEndpoint SeenFromHelper(SourceEndpoint source) => source;

    public async Task<DestinationMachine> FinishAsync(string machineId, CancellationToken cancellationToken)
    {
        await EnterAsync("Finish");
        Assert.True(IsFinished);
        IsHandedOver = true;
        return Machine();
    }

    public async Task DeleteAsync(string machineId, CancellationToken cancellationToken)
    {
        await EnterAsync("Delete");
        Owner = null;
    }

    /// <summary>Ready for the next machine.</summary>
    public void Reset()
    {
        Owner = null;
        Power = MachinePower.PoweredOff;
        IsFinished = false;
        IsHandedOver = false;
    }

    private async Task EnterAsync(string call)
    {
        Calls.Add(call);
        if (HoldAt.TryGetValue(call, out var hold))
        {
            await hold;
        }

        if (FailOnce.Remove(call, out var error))
        {
            throw error;
        }
    }

    private DestinationMachine Machine() =>
        new("vm-1", "web01", Power, "/vms/web01", [MacAddress])
        {
            ConversionId = Owner,
            Question = Question,
            PoweredOnAt = PoweredOnAt,
            Findings = MachineFindings,
        };
}
