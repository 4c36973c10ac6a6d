using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Engine.Destinations;

/// <summary>The VM that a destination makes: helper first, destination VM afterwards, on the same hardware.</summary>
public sealed record MachineSpecification
{
    public required string Name { get; init; }

    public required Firmware Firmware { get; init; }

    public bool SecureBoot { get; init; }

    public required int NumCpu { get; init; }

    public required long MemoryBytes { get; init; }

    public required IReadOnlyList<DiskSpecification> Disks { get; init; }

    public IReadOnlyList<AdapterSpecification> Adapters { get; init; } = [];

    /// <summary>os-release ID and VERSION_ID, from which a destination chooses its guest id.</summary>
    public string? OperatingSystemId { get; init; }

    public string? OperatingSystemVersion { get; init; }

    public string? Notes { get; init; }

    /// <summary>The machine it is made of, for the destination to note: its host name.</summary>
    public string? SourceName { get; init; }

    /// <summary>vSphere: vmx-19 and the like; null is the host's default.</summary>
    public string? HardwareVersion { get; init; }

    public PlacementSettings Placement { get; init; } = new();
}

public sealed record DiskSpecification(long SizeBytes, DiskAddress Address, DiskFormat Format)
{
    /// <summary>Data that will land on it, roughly: what a thin disk takes of the destination's space.</summary>
    public long UsedBytes { get; init; }
}

/// <param name="Network">The destination's network; null is its first or only one.</param>
public sealed record AdapterSpecification(AdapterKind Kind, string? Network);

/// <summary>Which destination, without a secret: enough to connect again when a credential is given.</summary>
/// <param name="Kind">Local or VSphere.</param>
/// <param name="Address">A folder, or a server's name.</param>
/// <param name="Port">Null: the usual one, or none.</param>
public sealed record DestinationReference(string Kind, string Address, int? Port = null);
