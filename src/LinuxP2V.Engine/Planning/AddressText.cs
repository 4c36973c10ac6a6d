using System.Globalization;
using System.Net;
using System.Net.Sockets;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Planning;

/// <summary>IP addresses as an admin writes them.</summary>
internal static class AddressText
{
    private static readonly char[] AddressEnd = ['/'];

    /// <param name="parameter">Stands in the error.</param>
    /// <exception cref="P2VException">PlanNotPossible: no address of a machine with its prefix length.</exception>
    public static SubnetAddress ReadWithPrefix(string text, string parameter)
    {
        var parts = text.Split(AddressEnd, 2);
        var address = Read(parts[0], parameter, "192.0.2.9/24");
        var most = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        if (
            parts.Length < 2
            || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var prefix)
            || prefix < 1
            || prefix > most
        )
            throw Refused($"{parameter} {text} has no prefix length from 1 to {most}.", "Give one, such as 192.0.2.9/24.");

        if (most == 32 && prefix < 31 && IsOfTheNet(address, prefix))
            throw Refused($"{parameter} {text} is the address of the net itself or its broadcast.", "Give an address of a machine.");

        return new SubnetAddress(address, prefix, text);
    }

    /// <inheritdoc cref="ReadWithPrefix"/>
    public static IPAddress Read(string text, string parameter, string example) =>
        // .NET takes "1" for 0.0.0.1.
        IPAddress.TryParse(text, out var address) && (text.Contains(':') || text.Count(c => c == '.') == 3)
            ? address
            : throw Refused($"{parameter} '{text}' is no IP address.", $"Give one, such as {example}.");

    /// <summary>One of each family at most.</summary>
    /// <inheritdoc cref="ReadWithPrefix"/>
    public static IReadOnlyList<IPAddress> ReadGateways(IReadOnlyList<string> texts, string parameter)
    {
        var gateways = texts.Select(text => Read(text, parameter, "192.0.2.1")).ToList();
        return gateways.GroupBy(gateway => gateway.AddressFamily).FirstOrDefault(same => same.Count() > 1) is { } several
            ? throw Refused($"{parameter} names {string.Join(" and ", several)}.", "Give one gateway of each family, IPv4 and IPv6.")
            : gateways;
    }

    public static P2VException Refused(string cause, string remedy) => new(ErrorIds.PlanNotPossible, cause, remedy);

    /// <summary>All bits behind the prefix are the same.</summary>
    private static bool IsOfTheNet(IPAddress address, int prefix)
    {
        var bytes = address.GetAddressBytes();
        var bits = Enumerable.Range(prefix, 32 - prefix).Select(bit => (bytes[bit / 8] & (0x80 >> (bit % 8))) != 0).Distinct().ToList();
        return bits.Count == 1;
    }
}

/// <summary>The address of a machine in a subnet.</summary>
/// <param name="Prefix">Bits.</param>
/// <param name="Text">As it was written.</param>
internal sealed record SubnetAddress(IPAddress Address, int Prefix, string Text)
{
    /// <summary>In one way of writing.</summary>
    public string Canonical => string.Format(CultureInfo.InvariantCulture, "{0}/{1}", Address, Prefix);

    /// <summary>Whether another address lies in the same subnet.</summary>
    public bool Holds(IPAddress other)
    {
        if (other.AddressFamily != Address.AddressFamily)
            return false;

        var (a, b) = (other.GetAddressBytes(), Address.GetAddressBytes());
        return Enumerable.Range(0, Prefix).All(bit => ((a[bit / 8] ^ b[bit / 8]) & (0x80 >> (bit % 8))) == 0);
    }
}
