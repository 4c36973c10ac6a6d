namespace LinuxP2V.Protocol.Messages;

/// <summary>
/// What the helper gets before it boots, through the VM's own settings (guestinfo.linuxp2v.settings on vSphere, the
/// fw_cfg item opt/linuxp2v/settings on QEMU). Nothing in it is secret.
/// </summary>
public sealed record HelperSettings
{
    /// <summary>The conversion that the helper works for.</summary>
    public required string ConversionId { get; init; }

    /// <summary>The one key that the helper's sshd takes, as an authorized_keys line.</summary>
    public required string AuthorizedKey { get; init; }

    /// <summary>The helper's own address; DHCP where nothing is set.</summary>
    public HelperNetwork Network
    {
        get;
        init => field = value ?? new();
    } = new();
}

// The serializer sets a member that the text lacks to null, past its initializer.

/// <summary>The helper's own address. Without <see cref="Addresses"/> it asks DHCP and listens to router advertisements.</summary>
public sealed record HelperNetwork
{
    /// <summary>With prefix length, IPv4 or IPv6: 192.0.2.10/24, 2001:db8::10/64.</summary>
    public IReadOnlyList<string> Addresses
    {
        get;
        init => field = value ?? [];
    } = [];

    /// <summary>At most one of each family.</summary>
    public IReadOnlyList<string> Gateways
    {
        get;
        init => field = value ?? [];
    } = [];

    /// <summary>Addresses, in the order in which they are asked; empty: those that DHCP gives.</summary>
    public IReadOnlyList<string> DnsServers
    {
        get;
        init => field = value ?? [];
    } = [];

    /// <summary>Of the adapter, in bytes; null: what DHCP or the adapter has.</summary>
    public int? Mtu { get; init; }
}

/// <summary>
/// What the helper says once its sshd listens, and again whenever it was asked: guestinfo.linuxp2v.announcement on
/// vSphere; on QEMU a line <c>linuxp2v:</c> + JSON + newline on the second serial port.
/// </summary>
public sealed record HelperAnnouncement
{
    /// <summary>The conversion that the helper works for.</summary>
    public required string ConversionId { get; init; }

    /// <summary>New at each start of the helper.</summary>
    public required string BootId { get; init; }

    /// <summary>At which its sshd can be reached, without prefix lengths.</summary>
    public required IReadOnlyList<string> Addresses
    {
        get;
        init => field = value ?? [];
    }

    /// <summary>The host key as <c>algorithm base64</c>.</summary>
    public required string HostKey { get; init; }

    /// <summary>The key that the helper now takes, so that an engine which handed over a new one knows it arrived.</summary>
    public required string AuthorizedKey { get; init; }

    /// <summary>The last thing a helper says before it powers off as the destination VM.</summary>
    public bool IsFinished { get; init; }

    /// <summary>Set when the helper could not get so far; the engine shows it instead of waiting.</summary>
    public ErrorDescription? Problem { get; init; }
}
