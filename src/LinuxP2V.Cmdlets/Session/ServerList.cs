using System.Management.Automation;
using LinuxP2V.Engine.Destinations;

namespace LinuxP2V.Cmdlets.Session;

/// <summary>
/// The connected servers of a session; the one connected last is the default. Cmdlets of one pipeline use it at the
/// same time.
/// </summary>
internal sealed class ServerList
{
    private readonly List<P2VServer> servers = [];

    public IReadOnlyList<P2VServer> All
    {
        get
        {
            lock (servers)
                return [.. servers];
        }
    }

    public P2VServer? Default => All is [.., var last] ? last : null;

    /// <returns>The server of the same address and port that it replaces.</returns>
    public P2VServer? Add(P2VServer server)
    {
        lock (servers)
        {
            var replaced = Remove(server);
            servers.Add(server);
            return replaced;
        }
    }

    /// <returns>What was taken out; null when it was not there.</returns>
    public P2VServer? Remove(P2VServer server)
    {
        lock (servers)
        {
            var same = servers.Find(s => IsSame(s.Connection?.Reference, server.Connection?.Reference));
            if (same is not null)
            {
                same.IsConnected = false;
                servers.Remove(same);
            }

            return same;
        }
    }

    public bool Has(P2VServer server)
    {
        lock (servers)
            return servers.Contains(server);
    }

    public IReadOnlyList<P2VServer> Find(string pattern)
    {
        var wildcard = WildcardPattern.Get(pattern, WildcardOptions.IgnoreCase);
        return [.. All.Where(s => wildcard.IsMatch(s.Name) || string.Equals(s.Address, pattern, StringComparison.Ordinal))];
    }

    public P2VServer? Find(DestinationReference reference) => All.LastOrDefault(s => IsSame(s.Connection?.Reference, reference));

    /// <summary>Folders differ by case, names of servers do not.</summary>
    private static bool IsSame(DestinationReference? one, DestinationReference? other) =>
        one is not null
        && other is not null
        && one.Kind == other.Kind
        && one.Port == other.Port
        && string.Equals(
            one.Address,
            other.Address,
            one.Kind == P2VServer.LocalKind ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase
        );
}
