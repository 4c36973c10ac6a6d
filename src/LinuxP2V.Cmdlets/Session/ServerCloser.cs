using LinuxP2V.Engine;
using LinuxP2V.Engine.Destinations;

namespace LinuxP2V.Cmdlets.Session;

/// <summary>Ends sessions at servers, but not under a conversion that works through one: it would fail.</summary>
internal static class ServerCloser
{
    /// <summary>For the end of a runspace, which the end of the process may follow.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <summary>Names of this session's conversions that work through the server.</summary>
    public static IReadOnlyList<string> Users(P2VSession session, P2VServer server) =>
        server.Connection?.Destination is { } destination
            ? [.. Driven(session, destination).Select(id => session.Engine.Conversions.Get(id).Task.Name)]
            : [];

    /// <summary>Returns once the session has ended, which is after the last conversion that uses it.</summary>
    public static async Task CloseAsync(P2VSession session, P2VServer server)
    {
        if (server.Connection?.Destination is not { } destination || destination is not IAsyncDisposable connection)
            return;
        foreach (var id in Driven(session, destination))
        {
            try
            {
                await session.Engine.Conversions.WaitAsync(id, null, CancellationToken.None).ConfigureAwait(false);
            }
            catch (P2VException)
            {
                // Whatever became of it, it uses the session no more.
            }
        }

        await connection.DisposeAsync().ConfigureAwait(false);
    }

    public static void CloseAll(P2VSession session)
    {
        var closings = session
            .Servers.All.Select(server =>
            {
                session.Servers.Remove(server);
                return (IsIdle: Users(session, server).Count == 0, Closing: Task.Run(() => CloseAsync(session, server)));
            })
            .ToList();
        try
        {
            Task.WaitAll([.. closings.Where(c => c.IsIdle).Select(c => c.Closing)], Timeout);
        }
        catch (AggregateException)
        {
            // A session that is not logged out ends at the server by itself.
        }
    }

    private static List<string> Driven(P2VSession session, IDestination destination) =>
        [
            .. session
                .Destinations.Where(d => ReferenceEquals(d.Value, destination) && session.Engine.Conversions.IsDriven(d.Key))
                .Select(d => d.Key),
        ];
}
