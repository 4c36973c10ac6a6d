namespace LinuxP2V.Engine.Tasks;

/// <summary>Addresses of the finished VM, as they were asked for.</summary>
public sealed record GuestNetwork
{
    /// <summary>In the place of an address: IPv4 by DHCP.</summary>
    public const string Dhcp = "dhcp";

    /// <summary>
    /// Interface of the source, by its name or an adapter's MAC address, to all of its addresses: 192.0.2.10/24, 2001:db8::10/64,
    /// <see cref="Dhcp"/>.
    /// </summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Addresses { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>One default gateway of each family at most. Each belongs to the interface in whose subnet it lies.</summary>
    public IReadOnlyList<string> Gateways { get; init; } = [];

    /// <summary>For the interfaces that get fixed addresses.</summary>
    public IReadOnlyList<string> DnsServers { get; init; } = [];
}
