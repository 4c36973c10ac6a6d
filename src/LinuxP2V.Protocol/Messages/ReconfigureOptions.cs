namespace LinuxP2V.Protocol.Messages;

/// <summary>What the reconfiguration must know of the source that the copy itself does not tell.</summary>
public sealed record ReconfigureOptions
{
    /// <summary>The kernel that ran on the source (<c>uname -r</c>): the one that must boot.</summary>
    public required string RunningKernel { get; init; }

    /// <summary>The admin wants to go on where the copy would not boot: such findings are told, and the work goes on.</summary>
    public bool Force { get; init; }

    /// <summary>Every network adapter of the source that the VM has one for.</summary>
    public IReadOnlyList<AdapterMapping> Adapters
    {
        get;
        init => field = value ?? [];
    } = [];

    /// <summary>
    /// Source devices that the copy no longer has, such as a volume left out, a swap area dropped, a RAID that became a
    /// plain disk: everything that names them is rewritten or switched off.
    /// </summary>
    public IReadOnlyList<DroppedDevice> Dropped
    {
        get;
        init => field = value ?? [];
    } = [];

    /// <summary>Source device to its successor where it changed (md0 to a partition, a LUKS volume made plain).</summary>
    public IReadOnlyList<ReplacedDevice> Replaced
    {
        get;
        init => field = value ?? [];
    } = [];

    /// <summary>
    /// The loader that the source's firmware started, such as \EFI\debian\shimx64.efi; null for BIOS, or where it is
    /// not known.
    /// </summary>
    public string? BootedLoader { get; init; }

    /// <summary>Whether the copy stays the machine that its source is.</summary>
    public GuestIdentity Identity
    {
        get;
        init => field = value ?? new GuestIdentity();
    } = new();

    /// <summary>The copy is the twin of a rehearsal: it writes to its second serial port how its boot went.</summary>
    public bool ReportsBoot { get; init; }

    /// <summary>Interfaces of the copy that get other addresses than the source has; all others stay as they are.</summary>
    public IReadOnlyList<InterfaceAddresses> Addresses
    {
        get;
        init => field = value ?? [];
    } = [];

    /// <summary>Scripts of the admin's that run in the copy, in their order; none of those that run on the source.</summary>
    public IReadOnlyList<HookScript> Hooks
    {
        get;
        init => field = value ?? [];
    } = [];

    /// <summary>The VM's memory; null where it is not known.</summary>
    public long? MemoryBytes { get; init; }
}

/// <summary>What the copy calls itself.</summary>
public sealed record GuestIdentity
{
    /// <summary>
    /// The copy becomes a machine of its own, which may run beside its source: another machine id, other SSH host keys, other
    /// names towards DHCP.
    /// </summary>
    public bool IsNew { get; init; }

    /// <summary>Null: the source's.</summary>
    public string? HostName { get; init; }
}

/// <summary>
/// All addresses of an interface. Fixed ones of the source go; a family of which none is given keeps what it gets by itself.
/// Texts are canonical, as IPAddress writes them.
/// </summary>
/// <param name="Name">The interface as the source calls it: eth0, bond0.</param>
public sealed record InterfaceAddresses(string Name)
{
    /// <summary>IPv4 comes by DHCP; no address of IPv4 is given then.</summary>
    public bool Dhcp { get; init; }

    /// <summary>IPv4 and IPv6 with prefix length, such as 192.0.2.10/24.</summary>
    public IReadOnlyList<string> Addresses
    {
        get;
        init => field = value ?? [];
    } = [];

    /// <summary>The source's addresses of the interface that the copy has nowhere, without prefix length: others may name them.</summary>
    public IReadOnlyList<string> Left
    {
        get;
        init => field = value ?? [];
    } = [];

    /// <summary>Default gateways that are reached by this interface, one of each family at most.</summary>
    public IReadOnlyList<string> Gateways
    {
        get;
        init => field = value ?? [];
    } = [];

    /// <summary>Empty: those that the configuration names stay.</summary>
    public IReadOnlyList<string> DnsServers
    {
        get;
        init => field = value ?? [];
    } = [];
}

/// <summary>A network adapter of the source and the one that takes its place.</summary>
/// <param name="SourceName">The interface name on the source, which the copy keeps.</param>
/// <param name="SourceMac">The permanent address, lower case with colons.</param>
/// <param name="TargetMac">The address of the VM's adapter; null when the destination left it to chance.</param>
public sealed record AdapterMapping(string SourceName, string SourceMac, string? TargetMac)
{
    /// <summary>Never empty: a file that names no address would match nothing, or everything.</summary>
    public string? TargetMac { get; init; } = string.IsNullOrWhiteSpace(TargetMac) ? null : TargetMac;

    /// <summary>The kernel's driver on the source, such as ixgbe; null where it is not known.</summary>
    public string? SourceDriver { get; init; }

    /// <summary>The source's PCI slot, such as 0000:3b:00.0; null where it is not known, or for an adapter without one.</summary>
    public string? SourceSlot { get; init; }
}

/// <param name="Device">The source's device node.</param>
/// <param name="Uuid">Its file system's or swap's UUID.</param>
/// <param name="MountPoint">Where it was mounted, if it was.</param>
public sealed record DroppedDevice(string Device, string? Uuid, string? MountPoint);

/// <param name="SourceDevice">The source's device node, which configuration files may name.</param>
/// <param name="VolumeId">The volume of the layout that took its place.</param>
public sealed record ReplacedDevice(string SourceDevice, string VolumeId);
