using LinuxP2V.Engine.Destinations;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Tasks;

/// <summary>What becomes of the source's LVM.</summary>
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

    /// <summary>Virtual processors; null: as many as the source has.</summary>
    public int? NumCpu { get; init; }

    /// <summary>Null: as on the source, where its sockets divide the processors evenly.</summary>
    public int? CoresPerSocket { get; init; }

    /// <summary>Null: as much as the source has.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>Of all disks.</summary>
    public DiskFormat DiskFormat { get; init; } = DiskFormat.Thin;

    /// <summary>Of all disks; null: the best that the source's kernel has a driver for.</summary>
    public DiskController? DiskController { get; init; }

    /// <summary>Of all adapters; null: the best that the source's kernel has a driver for.</summary>
    public AdapterKind? AdapterKind { get; init; }

    /// <summary>One name for all adapters, or one for each.</summary>
    public IReadOnlyList<string> NetworkNames { get; init; } = [];

    /// <summary>Adapter of the source, by its name or MAC address, to the network of its VM's adapter; in the place of names.</summary>
    public IReadOnlyDictionary<string, string> NetworkMappings { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// Of the finished VM, one for all adapters or one for each: an address, Keep (the source's) or Generate (the destination's).
    /// Empty: Generate.
    /// </summary>
    public IReadOnlyList<string> MacAddresses { get; init; } = [];

    /// <summary>The adapters of the finished VM are not connected when it starts.</summary>
    public bool StartDisconnected { get; init; }

    /// <summary>Mount points, devices or swap:UUID, wildcards allowed.</summary>
    public IReadOnlyList<string> ExcludeVolumes { get; init; } = [];

    /// <summary>Volumes on disks that call themselves removable, named in the same way: copied like the others.</summary>
    public IReadOnlyList<string> IncludeVolumes { get; init; } = [];

    /// <summary>Absolute paths on the source.</summary>
    public IReadOnlyList<string> ExcludePaths { get; init; } = [];

    /// <summary>Mount point to new size in bytes.</summary>
    public IReadOnlyDictionary<string, long> VolumeSizes { get; init; } = new Dictionary<string, long>();

    /// <summary>Whether volume groups are kept.</summary>
    public LvmMode LvmMode { get; init; }

    /// <summary>The helper's own address.</summary>
    public HelperNetwork HelperNetwork { get; init; } = new();

    /// <summary>How the data is brought over.</summary>
    public CopyOptions Copy { get; init; } = new();

    /// <summary>
    /// The helper gets the private key, so that it can log in again while no engine is connected. Else the key stays with the
    /// engine, which signs each login.
    /// </summary>
    public bool AllowUnattended { get; init; }

    /// <summary>The copy becomes a machine of its own: other machine id, SSH host keys and names towards DHCP.</summary>
    public bool NewIdentity { get; init; }

    /// <summary>The copy's own host name; null: the source's.</summary>
    public string? GuestHostName { get; init; }

    /// <summary>The addresses that the copy gets in the place of the source's.</summary>
    public GuestNetwork GuestNetwork { get; init; } = new();

    /// <summary>Scripts of the admin's, in the order in which those of a moment run. They hold no secret.</summary>
    public IReadOnlyList<HookScript> Hooks
    {
        get;
        init => field = value ?? [];
    } = [];

    /// <summary>The copy is not made bootable: it equals its source.</summary>
    public bool SkipReconfiguration { get; init; }

    /// <summary>The VM is started at the end.</summary>
    public bool PowerOn { get; init; }

    /// <summary>Placement on vSphere; each a name. The embedded destination has one place only.</summary>
    public PlacementSettings Placement { get; init; } = new();

    /// <summary>What stands at the VM; null: nothing.</summary>
    public string? Notes { get; init; }

    /// <summary>Name to value of vSphere's custom attributes.</summary>
    public IReadOnlyDictionary<string, string> CustomAttributes { get; init; } = new Dictionary<string, string>();

    /// <summary>vSphere's tags, each by its name, or by its category and name: Site/Bonn.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>vSphere: name or id of the storage policy of the VM's files and disks; null: the datastore's own.</summary>
    public string? StoragePolicy { get; init; }

    /// <summary>vSphere: the VM gets an empty TPM 2.0.</summary>
    public bool VirtualTpm { get; init; }

    /// <summary>vSphere's virtual hardware, vmx-19 and the like; null: the host's default.</summary>
    public string? HardwareVersion { get; init; }
}
