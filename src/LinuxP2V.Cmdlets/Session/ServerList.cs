using System.Management.Automation;
using LinuxP2V.Engine;
using LinuxP2V.Engine.Destinations;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Cmdlets.Session;

/// <summary>The connected servers of a session; the one connected last is the default.</summary>
internal sealed class ServerList
{
    private readonly List<P2VServer> _servers = [];

    public IReadOnlyList<P2VServer> All => [.. _servers];

    public P2VServer? Default => _servers.LastOrDefault();

    /// <summary>Replaces a server of the same address.</summary>
    public void Add(P2VServer server)
    {
        Remove(server);
        _servers.Add(server);
    }

    public void Remove(P2VServer server)
    {
        foreach (var same in _servers.Where(s => IsSame(s.Reference, server.Reference)).ToList())
        {
            same.IsConnected = false;
            _servers.Remove(same);
        }
    }

    public IReadOnlyList<P2VServer> Find(string pattern)
    {
        var wildcard = WildcardPattern.Get(pattern, WildcardOptions.IgnoreCase);
        return [.. _servers.Where(s => wildcard.IsMatch(s.Name) || string.Equals(s.Address, pattern, StringComparison.Ordinal))];
    }

    /// <summary>The one server that -Server means; without it the default.</summary>
    public P2VServer Resolve(P2VServer? given)
    {
        if (given is null)
            return Default ?? throw NotConnected("No server is connected.", "Connect one: Connect-P2VServer -LocalPath <folder>.");
        var found = given.Destination is null ? Find(given.Name) : [.. _servers.Where(s => ReferenceEquals(s, given))];
        return found.Count switch
        {
            1 => found[0],
            0 => throw NotConnected($"The server '{given.Name}' is not connected.", "Connect it: Connect-P2VServer -LocalPath <folder>."),
            _ => throw NotConnected($"'{given.Name}' means {found.Count} connected servers.", "Give the full name of one."),
        };
    }

    /// <summary>The connected server that a task or conversion was planned for.</summary>
    public IDestination Resolve(DestinationReference reference) =>
        _servers.LastOrDefault(s => IsSame(s.Reference, reference))?.Destination
        ?? throw NotConnected(
            $"The destination '{reference.Address}' is not connected in this session.",
            reference.Kind == P2VServer.LocalKind
                ? $"Connect it: Connect-P2VServer -LocalPath '{reference.Address}'."
                : $"Connect it with Connect-P2VServer ({reference.Kind} {reference.Address}).");

    private static bool IsSame(DestinationReference? one, DestinationReference? other) => one is not null && one == other;

    private static P2VException NotConnected(string cause, string remedy) => new(ErrorIds.ServerNotConnected, cause, remedy);
}
