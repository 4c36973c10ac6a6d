using System.Collections;
using System.Globalization;
using LinuxP2V.Engine;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Cmdlets.Pipeline;

/// <summary>Tables by adapter: networks and addresses.</summary>
internal static class GuestTables
{
    private static readonly char[] Separators = [',', ' '];

    /// <param name="table">Adapter to P2VInventoryItem.</param>
    /// <exception cref="P2VException">PlanNotPossible.</exception>
    public static Dictionary<string, string> ReadNetworks(Hashtable table)
    {
        var networks = new Dictionary<string, string>();
        foreach (DictionaryEntry entry in table)
            networks[NameOf(entry.Key, "-NetworkMapping", table, networks.Keys)] = ((P2VInventoryItem)entry.Value!).Reference;

        return networks;
    }

    /// <param name="table">Interface to an address, several of them, or dhcp.</param>
    /// <exception cref="P2VException">PlanNotPossible.</exception>
    public static Dictionary<string, IReadOnlyList<string>> ReadAddresses(Hashtable table)
    {
        var addresses = new Dictionary<string, IReadOnlyList<string>>();
        foreach (DictionaryEntry entry in table)
            addresses[NameOf(entry.Key, "-IPAddress", table, addresses.Keys)] = [.. Texts(entry.Value.Unwrapped())];

        return addresses;
    }

    /// <summary>A cell of a row holds several addresses with commas between.</summary>
    private static IEnumerable<string> Texts(object? value) =>
        value switch
        {
            null => [],
            string text => text.Split(Separators, StringSplitOptions.RemoveEmptyEntries),
            IEnumerable list => list.Cast<object?>().SelectMany(item => Texts(item.Unwrapped())),
            _ => [Convert.ToString(value, CultureInfo.InvariantCulture) ?? ""],
        };

    private static string NameOf(object key, string parameter, Hashtable table, IEnumerable<string> taken)
    {
        var name = (Convert.ToString(key, CultureInfo.InvariantCulture) ?? "").Trim();
        return name.Length > 0 && !taken.Contains(name)
            ? name
            : throw new P2VException(
                ErrorIds.PlanNotPossible,
                name.Length > 0 ? $"{parameter} names {name} twice." : $"{parameter} has an entry without an adapter.",
                $"Give each adapter once, such as {parameter} @{{ eth0 = … }}.",
                table
            );
    }
}
