using System.Globalization;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Guest.Addresses;

/// <summary>The addresses that an interface of the copy shall have, by family.</summary>
internal sealed class WantedAddresses
{
    private readonly InterfaceAddresses asked;

    /// <param name="adapters">Those of the source that the VM has one for.</param>
    public WantedAddresses(InterfaceAddresses asked, IReadOnlyList<AdapterMapping> adapters)
    {
        this.asked = asked;
        Adapter = adapters.FirstOrDefault(adapter => adapter.SourceName == asked.Name);
        OtherAdapters = adapters.Count(adapter => adapter.SourceName != asked.Name);
        var addresses = asked.Addresses.Select(WantedAddress.Parse).ToList();
        V4 = [.. addresses.Where(address => !address.IsV6)];
        V6 = [.. addresses.Where(address => address.IsV6)];
        Gateway4 = asked.Gateways.FirstOrDefault(gateway => !WantedAddress.IsOfV6(gateway));
        Gateway6 = asked.Gateways.FirstOrDefault(WantedAddress.IsOfV6);
    }

    public string Name => asked.Name;

    /// <summary>Null for a bond, a bridge, a VLAN.</summary>
    public AdapterMapping? Adapter { get; }

    /// <summary>How many other adapters the machine has.</summary>
    public int OtherAdapters { get; }

    /// <summary>IPv4 comes by DHCP.</summary>
    public bool Dhcp => asked.Dhcp;

    public IReadOnlyList<WantedAddress> V4 { get; }

    public IReadOnlyList<WantedAddress> V6 { get; }

    public string? Gateway4 { get; }

    public string? Gateway6 { get; }

    /// <summary>Empty: those that are configured stay.</summary>
    public IReadOnlyList<string> Dns => asked.DnsServers;

    /// <summary>Else fixed addresses go, and what comes by itself stays.</summary>
    public bool AsksV4 => Dhcp || V4.Count > 0;

    /// <inheritdoc cref="AsksV4"/>
    public bool AsksV6 => V6.Count > 0;

    /// <summary>For the list of changes: gives eth0 192.0.2.10/24, gateway 192.0.2.1.</summary>
    public string What =>
        $"gives {Name} "
        + string.Join(
            ", ",
            (Dhcp ? ["an address by DHCP"] : Array.Empty<string>())
                .Concat(asked.Addresses)
                .Concat(asked.Gateways.Select(gateway => $"gateway {gateway}"))
                .Concat(asked.DnsServers.Select(server => $"name server {server}"))
        );
}

/// <param name="Prefix">Bits.</param>
internal sealed record WantedAddress(string Address, int Prefix)
{
    public bool IsV6 => IsOfV6(Address);

    /// <summary>192.0.2.10/24.</summary>
    public string Text => string.Format(CultureInfo.InvariantCulture, "{0}/{1}", Address, Prefix);

    /// <summary>255.255.255.0, or the bits of IPv6.</summary>
    public string Netmask =>
        IsV6
            ? Prefix.ToString(CultureInfo.InvariantCulture)
            : string.Join(".", Enumerable.Range(0, 4).Select(part => (0xff00 >> Math.Min(Math.Max(Prefix - (part * 8), 0), 8)) & 0xff));

    /// <param name="text">As the engine has checked it.</param>
    public static WantedAddress Parse(string text)
    {
        var slash = text.IndexOf('/');
        return new WantedAddress(text[..slash], int.Parse(text[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture));
    }

    public static bool IsOfV6(string address) => address.IndexOf(':') >= 0;
}
