using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Engine.Destinations;

/// <summary>The VM that a destination makes: helper first, destination VM afterwards, on the same hardware.</summary>
public sealed record MachineSpecification
{
    /// <summary>Unique in its folder at the destination.</summary>
    public required string Name { get; init; }

    /// <summary>What the VM starts with.</summary>
    public required Firmware Firmware { get; init; }

    /// <summary>The firmware checks signatures. For UEFI only.</summary>
    public bool SecureBoot { get; init; }

    /// <summary>Virtual processors.</summary>
    public required int NumCpu { get; init; }

    /// <summary>A divisor of <see cref="NumCpu"/>; null: the destination's choice.</summary>
    public int? CoresPerSocket { get; init; }

    /// <summary>A multiple of 4 MiB, which vSphere asks for.</summary>
    public required long MemoryBytes { get; init; }

    /// <summary>In the order of the layout's disks.</summary>
    public required IReadOnlyList<DiskSpecification> Disks { get; init; }

    /// <summary>In the order of the plan's adapters.</summary>
    public IReadOnlyList<AdapterSpecification> Adapters { get; init; } = [];

    /// <summary>The adapters of the finished VM are not connected when it starts. The helper's are.</summary>
    public bool StartDisconnected { get; init; }

    /// <summary>os-release ID and VERSION_ID, from which a destination chooses its guest id.</summary>
    public string? OperatingSystemId { get; init; }

    /// <summary>os-release VERSION_ID, such as 12; null where the source has none.</summary>
    public string? OperatingSystemVersion { get; init; }

    /// <summary>What the user wants to stand at the VM; null: nothing.</summary>
    public string? Notes { get; init; }

    /// <summary>The machine it is made of, for the destination to note: its host name.</summary>
    public string? SourceName { get; init; }

    /// <summary>vSphere: name to value of custom attributes.</summary>
    public IReadOnlyDictionary<string, string> CustomAttributes { get; init; } = new Dictionary<string, string>();

    /// <summary>vSphere: each the name of a tag, or its category and name: Site/Bonn.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>vSphere: name or id of the storage policy of the VM's files and disks; null: the datastore's own.</summary>
    public string? StoragePolicy { get; init; }

    /// <summary>vSphere: an empty TPM 2.0. For UEFI only.</summary>
    public bool VirtualTpm { get; init; }

    /// <summary>vSphere: vmx-19 and the like; null is the host's default.</summary>
    public string? HardwareVersion { get; init; }

    /// <summary>Where on the destination the VM goes.</summary>
    public PlacementSettings Placement { get; init; } = new();
}

/// <summary>A virtual disk to create.</summary>
/// <param name="SizeBytes">What the guest sees.</param>
/// <param name="Address">The controller and unit that the disk is attached to.</param>
/// <param name="Format">How its space is allocated.</param>
public sealed record DiskSpecification(long SizeBytes, DiskAddress Address, DiskFormat Format)
{
    /// <summary>Data that will land on it, roughly: what a thin disk takes of the destination's space.</summary>
    public long UsedBytes { get; init; }
}

/// <param name="Network">The destination's network; null is its first or only one.</param>
public sealed record AdapterSpecification(AdapterKind Kind, string? Network)
{
    /// <summary>
    /// Of the finished VM, lower case with colons; null: the destination makes one. The helper's adapter always has one that the
    /// destination made: the source may still use its own.
    /// </summary>
    public string? MacAddress { get; init; }
}

/// <summary>Which destination, without a secret: enough to connect again when a credential is given.</summary>
/// <param name="Kind">Local or VSphere.</param>
/// <param name="Address">A folder, or a server's name.</param>
/// <param name="Port">Null: the usual one, or none.</param>
public sealed record DestinationReference(string Kind, string Address, int? Port = null)
{
    /// <summary>Some vCenter or ESXi host: for a plan that is made before one is chosen.</summary>
    public static DestinationReference AnyVSphere { get; } = new(DestinationKinds.VSphere, "");
}
