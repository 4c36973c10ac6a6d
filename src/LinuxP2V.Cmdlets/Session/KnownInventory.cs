using LinuxP2V.Engine.Destinations;

namespace LinuxP2V.Cmdlets.Session;

/// <summary>
/// Names of the inventory for completion. A server is asked once a minute at most, and waited for only a moment: an answer
/// that comes later is there for the next key.
/// </summary>
internal sealed class KnownInventory
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan Freshness = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private readonly Dictionary<P2VServer, (DateTime AskedAt, Task<IReadOnlyList<InventoryName>> Answer)> known = [];

    /// <param name="server">Null: none.</param>
    /// <returns>Empty where nothing is known in time.</returns>
    public IReadOnlyList<InventoryName> Of(P2VServer? server)
    {
        if (server?.Connection?.Destination is not IServerDestination destination)
            return [];

        Task<IReadOnlyList<InventoryName>> answer;
        lock (known)
        {
            if (!known.TryGetValue(server, out var question) || DateTime.UtcNow - question.AskedAt > Freshness)
                known[server] = question = (DateTime.UtcNow, Task.Run(() => AskAsync(destination)));

            answer = question.Answer;
        }

        return answer.Wait(Wait) ? answer.Result : [];
    }

    private static async Task<IReadOnlyList<InventoryName>> AskAsync(IServerDestination destination)
    {
        using var timeout = new CancellationTokenSource(Timeout);
        try
        {
            return await destination.ListInventoryAsync(timeout.Token).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // Completion never fails.
            return [];
        }
    }
}
