namespace LinuxP2V.Engine.Sources.Model;

/// <summary>What is known of the source's network.</summary>
public sealed record NetworkFacts
{
    /// <summary>All interfaces but lo, virtual ones too.</summary>
    public IReadOnlyList<NetworkAdapterFacts> Adapters { get; init; } = [];

    /// <summary>Of the main table, IPv4 and IPv6.</summary>
    public IReadOnlyList<RouteFacts> Routes { get; init; } = [];

    /// <summary>Addresses, as /etc/resolv.conf has them.</summary>
    public IReadOnlyList<string> DnsServers { get; init; } = [];

    /// <summary>Domains, as /etc/resolv.conf has them.</summary>
    public IReadOnlyList<string> DnsSearch { get; init; } = [];

    /// <summary>Who configures: ifupdown, NetworkManager, netplan, systemd-networkd, wicked, ifcfg; several at once are possible.</summary>
    public IReadOnlyList<string> Managers { get; init; } = [];
}

/// <summary>A network interface, as ip prints it and /sys/class/net has it.</summary>
public sealed record NetworkAdapterFacts
{
    /// <summary>The kernel's name: eno1.</summary>
    public required string Name { get; init; }

    /// <summary>The permanent address where known, else the current one; lower case with colons.</summary>
    public required string MacAddress { get; init; }

    /// <summary>Has a device behind it: gets an adapter in the VM. Bridges, bonds and VLANs do not.</summary>
    public required bool IsPhysical { get; init; }

    /// <summary>The kernel module of the device; null for a virtual interface.</summary>
    public string? Driver { get; init; }

    /// <summary>The address of its PCI device, such as 0000:3b:00.0; null for USB, or where the source does not tell.</summary>
    public string? PciAddress { get; init; }

    /// <summary>The administrator has it up; a cable may be missing all the same.</summary>
    public bool IsUp { get; init; }

    /// <summary>Bytes; null where the source does not tell.</summary>
    public int? Mtu { get; init; }

    /// <summary>With prefix length; link-local ones left out.</summary>
    public IReadOnlyList<string> Addresses { get; init; } = [];
}

/// <param name="Destination">"default" or a prefix.</param>
public sealed record RouteFacts(string Destination, string? Gateway, string? Interface);
