using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Tasks;

public enum DiskFormat
{
    Thin,
    Thick,
    EagerZeroedThick,
}

public enum AdapterKind
{
    Vmxnet3,
    E1000e,
    E1000,
    VirtioNet,
}

public enum LvmMode
{
    /// <summary>Groups and volumes come back with their names.</summary>
    Keep,

    /// <summary>Each logical volume becomes a partition.</summary>
    Basic,
}

/// <summary>What the admin asks for. A null is "as the source is", or the planner's choice from the source's kernel.</summary>
public sealed record TaskSettings
{
    /// <summary>The VM's name; null: the source's host name.</summary>
    public string? Name { get; init; }

    public int? NumCpu { get; init; }

    public long? MemoryBytes { get; init; }

    public DiskFormat DiskFormat { get; init; } = DiskFormat.Thin;

    public DiskController? DiskController { get; init; }

    public AdapterKind? AdapterKind { get; init; }

    /// <summary>One name for all adapters, or one for each.</summary>
    public IReadOnlyList<string> NetworkNames { get; init; } = [];

    /// <summary>Mount points, devices or swap:UUID, wildcards allowed.</summary>
    public IReadOnlyList<string> ExcludeVolumes { get; init; } = [];

    /// <summary>Absolute paths on the source.</summary>
    public IReadOnlyList<string> ExcludePaths { get; init; } = [];

    /// <summary>Mount point to new size in bytes.</summary>
    public IReadOnlyDictionary<string, long> VolumeSizes { get; init; } = new Dictionary<string, long>();

    public LvmMode LvmMode { get; init; }

    public HelperNetwork HelperNetwork { get; init; } = new();

    /// <summary>How the data is brought over.</summary>
    public CopyOptions Copy { get; init; } = new();

    public bool SkipReconfiguration { get; init; }

    public bool PowerOn { get; init; }

    /// <summary>Placement on vSphere; each a name. The embedded destination has one place only.</summary>
    public PlacementSettings Placement { get; init; } = new();

    public string? Notes { get; init; }

    /// <summary>vSphere's virtual hardware, vmx-19 and the like; null: the host's default.</summary>
    public string? HardwareVersion { get; init; }
}

/// <summary>Each a name, a wildcard, an inventory path, or an id such as HostSystem-host-12. Null: the only one, or the best.</summary>
public sealed record PlacementSettings
{
    /// <summary>A host, or a cluster.</summary>
    public string? VMHost { get; init; }

    /// <summary>A datastore; over a datastore cluster or what a wildcard names the disks are spread when one has not the room.</summary>
    public string? Datastore { get; init; }

    public string? ResourcePool { get; init; }

    /// <summary>A VM folder, or a datacenter.</summary>
    public string? InventoryLocation { get; init; }
}
