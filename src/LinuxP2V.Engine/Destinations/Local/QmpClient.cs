using System.Text.Json;

namespace LinuxP2V.Engine.Destinations.Local;

/// <summary>One command to a running QEMU, which may not answer.</summary>
internal static class QmpClient
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(5);

    /// <returns>
    /// What the command returns; null when QEMU refuses it, or does not answer in time: it serves one client at a time.
    /// </returns>
    public static async Task<JsonElement?> ExecuteAsync(
        string socketPath,
        string command,
        CancellationToken cancellationToken,
        object? arguments = null
    )
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(AnswerTimeout);
        try
        {
            using var session = await QmpSession.OpenAsync(socketPath, timeout.Token).ConfigureAwait(false);
            return await session.ExecuteAsync(command, arguments).ConfigureAwait(false);
        }
        catch (Exception exception) when (QmpSession.IsBroken(exception) || exception is QmpException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return null;
        }
    }
}
