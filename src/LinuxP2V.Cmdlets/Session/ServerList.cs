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
        // A name that is there stands for itself, whatever characters it has.
        var exact = All.Where(s =>
                string.Equals(s.Name, pattern, StringComparison.OrdinalIgnoreCase)
                || string.Equals(s.Address, pattern, StringComparison.Ordinal)
            )
            .ToList();
        return exact.Count > 0 ? exact : [.. All.Where(s => Wildcard.Matches(pattern, s.Name))];
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
