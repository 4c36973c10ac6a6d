using LinuxP2V.Engine.Access;
using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Sources.Model;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Tasks;

/// <summary>A planned conversion: plain data without a secret, so that it can be stored, reviewed and run elsewhere.</summary>
public sealed record ConversionTask
{
    /// <summary>How the source is reached, without secrets.</summary>
    public required SourceEndpoint Source { get; init; }

    /// <summary>The source as it was read when the task was planned.</summary>
    public required SourceFacts Facts { get; init; }

    /// <summary>Where the VM is made.</summary>
    public required DestinationReference Destination { get; init; }

    /// <summary>What the user asked for.</summary>
    public required TaskSettings Settings { get; init; }

    /// <summary>What comes of facts and settings.</summary>
    public required ConversionPlan Plan { get; init; }

    /// <summary>The VM's name.</summary>
    public string Name => Plan.Machine.Name;
}

/// <summary>The planner's result: the VM, what goes onto its disks, and what is left behind.</summary>
public sealed record ConversionPlan
{
    /// <summary>The VM to create.</summary>
    public required MachineSpecification Machine { get; init; }

    /// <summary>What is built on the VM's disks.</summary>
    public required TargetLayout Layout { get; init; }

    /// <summary>Volumes of the source that are not copied.</summary>
    public IReadOnlyList<SkippedVolume> Skipped { get; init; } = [];

    /// <summary>Devices of the source that are others in the copy.</summary>
    public IReadOnlyList<ReplacedDevice> Replaced { get; init; } = [];

    /// <summary>Source adapters in the order of the VM's adapters.</summary>
    public IReadOnlyList<NetworkAdapterFacts> Adapters { get; init; } = [];

    /// <summary>Interfaces of the copy that get other addresses than the source has.</summary>
    public IReadOnlyList<InterfaceAddresses> Addresses { get; init; } = [];
}

/// <param name="Reason">Why it stays behind, for the admin: "left out by -ExcludeVolume", "network file system (nfs4)".</param>
/// <param name="IsSelected">The admin left it out; else it is of a kind that is never copied.</param>
public sealed record SkippedVolume(string? MountPoint, string Device, string? Uuid, string Reason, bool IsSelected);
