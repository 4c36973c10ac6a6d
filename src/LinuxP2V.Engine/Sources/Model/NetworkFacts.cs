namespace LinuxP2V.Engine.Sources.Model;

public sealed record NetworkFacts
{
    /// <summary>All interfaces but lo, virtual ones too.</summary>
    public IReadOnlyList<NetworkAdapterFacts> Adapters { get; init; } = [];

    public IReadOnlyList<RouteFacts> Routes { get; init; } = [];

    public IReadOnlyList<string> DnsServers { get; init; } = [];

    public IReadOnlyList<string> DnsSearch { get; init; } = [];

    /// <summary>Who configures: ifupdown, NetworkManager, netplan, systemd-networkd, wicked, ifcfg; several at once are possible.</summary>
    public IReadOnlyList<string> Managers { get; init; } = [];
}

public sealed record NetworkAdapterFacts
{
    public required string Name { get; init; }

    /// <summary>The permanent address where known, else the current one; lower case with colons.</summary>
    public required string MacAddress { get; init; }

    /// <summary>Has a device behind it: gets an adapter in the VM. Bridges, bonds and VLANs do not.</summary>
    public required bool IsPhysical { get; init; }

    public string? Driver { get; init; }

    public bool IsUp { get; init; }

    public int? Mtu { get; init; }

    /// <summary>With prefix length; link-local ones left out.</summary>
    public IReadOnlyList<string> Addresses { get; init; } = [];
}

/// <param name="Destination">"default" or a prefix.</param>
public sealed record RouteFacts(string Destination, string? Gateway, string? Interface);
