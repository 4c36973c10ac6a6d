using LinuxP2V.Engine;
using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Destinations.VSphere.Vim;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Cmdlets.Session;

/// <summary>
/// Finds the server that is meant: among those that are connected, else among PowerCLI's connections, which are then
/// borrowed. So a user who has run Connect-VIServer need not connect again.
/// </summary>
/// <param name="lenders">PowerCLI's open connections.</param>
internal sealed class ServerAccess(P2VSession session, IEngineConsole console, Func<IReadOnlyList<IServerLender>> lenders)
{
    private const string HowToConnect =
        "Connect one: Connect-P2VServer <vCenter or ESXi> -Credential <credential>, or Connect-P2VServer -LocalPath <folder>.";

    /// <param name="given">As -Server has it; null: the server that the items come from, else the default.</param>
    /// <exception cref="P2VException">ServerNotConnected; PlanNotPossible: an item of another server; what connecting meets.</exception>
    public async Task<P2VServer> FindAsync(
        P2VServer? given,
        IReadOnlyCollection<P2VInventoryItem> items,
        CancellationToken cancellationToken
    )
    {
        var origin = items.FirstOrDefault(item => item.Server is not null);
        var server = (given, origin) switch
        {
            ({ Lender: { } lender }, _) => await BorrowAsync(lender, cancellationToken),
            ({ } known, _) => await FindAsync(known, cancellationToken),
            (null, { Server: { } name }) => FindOrigin(name) ?? await BorrowAsync(LenderOf(name), cancellationToken),
            _ => session.Servers.Default ?? await BorrowAsync(OnlyLender(), cancellationToken),
        };
        ThrowIfOfAnother(items, server.Address, server.Name);
        return server;
    }

    /// <param name="name">Of the server, for the message.</param>
    /// <exception cref="P2VException">PlanNotPossible: an item of another server than this one.</exception>
    public static void ThrowIfOfAnother(IEnumerable<P2VInventoryItem> items, string? address, string name)
    {
        if (items.FirstOrDefault(item => item.Server is { } origin && !IsSameHost(origin, address)) is { } stranger)
        {
            throw new P2VException(
                ErrorIds.PlanNotPossible,
                $"'{stranger.Name}' is an object of {stranger.Server}, but the destination is {name}.",
                $"Give an object of {name}, or its name as text; or choose the destination with -Server {stranger.Server}.",
                stranger
            );
        }
    }

    /// <summary>The server that a task or conversion was planned for.</summary>
    /// <param name="planned">The server that another runspace planned it for, with its connection; null: not known.</param>
    /// <exception cref="P2VException">ServerNotConnected; what connecting meets.</exception>
    public async Task<IDestination> FindAsync(
        DestinationReference reference,
        CancellationToken cancellationToken,
        P2VServer? planned = null
    )
    {
        if (session.Servers.Find(reference) is { } known)
            return known.Connection!.Destination;

        if (planned is { IsConnected: true, Connection: { } connection } && connection.Reference == reference)
            return connection.Destination;

        var isLocal = reference.Kind == P2VServer.LocalKind;
        if (
            !isLocal
            && lenders()
                .FirstOrDefault(l =>
                    l.ReferencePort == reference.Port && string.Equals(l.Name, reference.Address, StringComparison.OrdinalIgnoreCase)
                )
                is { } lender
        )
            return (await BorrowAsync(lender, cancellationToken)).Connection!.Destination;
        var port = reference.Port is { } number ? FormattableString.Invariant($":{number}") : "";
        throw NotConnected(
            $"The destination '{reference.Address}{port}' is not connected in this session.",
            isLocal
                ? $"Connect it: Connect-P2VServer -LocalPath '{reference.Address}'."
                : $"Connect it: Connect-P2VServer {reference.Address}{port} -Credential <credential>, "
                    + $"or with PowerCLI: Connect-VIServer {reference.Address}."
        );
    }

    /// <summary>PowerCLI's connection of that name; null: the only one.</summary>
    /// <exception cref="P2VException">ServerNotConnected.</exception>
    public IServerLender FindLender(string? name) => name is null ? OnlyLender() : LenderOf(name);

    /// <summary>Opens a session and makes the server the default. A former connection to it ends once nothing uses it any more.</summary>
    public async Task<P2VServer> ConnectAsync(VSphereConnectionOptions options, CancellationToken cancellationToken)
    {
        var destination = await session.Engine.ConnectVSphereAsync(options, console, cancellationToken);
        var identity = (destination as IServerDestination)?.Identity;
        var server = new P2VServer(options.Address, destination)
        {
            Port = options.Port,
            Product = identity?.Product,
            Version = identity?.Version,
            User = identity?.User ?? options.UserName,
            CertificateThumbprint = identity?.CertificateThumbprint,
            IsBorrowed = options.SessionSecret is not null,
        };
        if (session.Servers.Add(server) is { } replaced)
            _ = ServerCloser.CloseAsync(session, replaced);
        return server;
    }

    private async Task<P2VServer> FindAsync(P2VServer given, CancellationToken cancellationToken)
    {
        // It may be of another runspace: a connection serves all of the process.
        if (given.Connection is not null)
            return given.IsConnected ? given : throw NotConnected($"The server '{given.Name}' is not connected any more.", HowToConnect);
        var found = session.Servers.Find(given.Name);
        return found.Count switch
        {
            1 => found[0],
            0 => await BorrowAsync(LenderOf(given.Name), cancellationToken),
            _ => throw NotConnected($"'{given.Name}' means {found.Count} connected servers.", "Give the full name of one."),
        };
    }

    private async Task<P2VServer> BorrowAsync(IServerLender lender, CancellationToken cancellationToken)
    {
        await session.Connecting.WaitAsync(cancellationToken);
        try
        {
            return session.Servers.Find(new DestinationReference(P2VServer.VSphereKind, lender.Name, lender.ReferencePort))
                ?? await ConnectAsync(lender.ToOptions(null, false), cancellationToken);
        }
        finally
        {
            session.Connecting.Release();
        }
    }

    private P2VServer? FindOrigin(string name) =>
        session.Servers.All.LastOrDefault(s => s.Kind != P2VServer.LocalKind && IsSameHost(name, s.Address));

    private IServerLender LenderOf(string name) =>
        lenders().FirstOrDefault(l => IsSameHost(l.Name, name))
        ?? throw NotConnected($"The server '{name}' is not connected.", HowToConnect);

    private IServerLender OnlyLender()
    {
        var open = lenders();
        return open.Count switch
        {
            1 => open[0],
            0 => throw NotConnected("No server is connected.", HowToConnect),
            // What is made must not land on whichever was connected last.
            _ => throw NotConnected($"PowerCLI is connected to several servers: {string.Join(", ", open)}.", "Choose one with -Server."),
        };
    }

    /// <summary>vc01 and vc01.example.org are taken for one: tools name a server as their users did.</summary>
    private static bool IsSameHost(string one, string? other)
    {
        if (string.Equals(one, other, StringComparison.OrdinalIgnoreCase))
            return true;
        return other is not null && (IsShortFor(one, other) || IsShortFor(other, one));
    }

    private static bool IsShortFor(string name, string full) =>
        name.IndexOf('.') < 0 && full.StartsWith(name + ".", StringComparison.OrdinalIgnoreCase);

    private static P2VException NotConnected(string cause, string remedy) => new(ErrorIds.ServerNotConnected, cause, remedy);
}
