using System.Text;
using System.Text.Json;
using LinuxP2V.Engine.Files;

namespace LinuxP2V.Engine.Destinations.Local;

/// <summary>One command to a running QEMU by its machine protocol: a JSON object a line.</summary>
internal static class QmpClient
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(5);

    /// <returns>What the command returns; null when nobody answers in time: QEMU serves one client at a time.</returns>
    public static async Task<JsonElement?> ExecuteAsync(string socketPath, string command, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(AnswerTimeout);
        try
        {
            using var stream = await UnixSocket.ConnectAsync(socketPath, timeout.Token).ConfigureAwait(false);
            // A blocked read on .NET Framework would not see the token; closing ends it everywhere.
            using var registration = timeout.Token.Register(stream.Dispose);
            using var reader = new StreamReader(stream, new UTF8Encoding(false), false, 4096, leaveOpen: true);
            await AskAsync(stream, reader, "qmp_capabilities", timeout.Token).ConfigureAwait(false);
            return await AskAsync(stream, reader, command, timeout.Token).ConfigureAwait(false);
        }
        catch (Exception exception)
            when (exception
                    is IOException
                        or System.Net.Sockets.SocketException
                        or ObjectDisposedException
                        or OperationCanceledException
                        or JsonException
            )
        {
            cancellationToken.ThrowIfCancellationRequested();
            return null;
        }
    }

    private static async Task<JsonElement?> AskAsync(
        Stream stream,
        StreamReader reader,
        string command,
        CancellationToken cancellationToken
    )
    {
        var request = Encoding.UTF8.GetBytes($$"""{"execute":"{{command}}"}""" + "\n");
        await stream.WriteAsync(request, 0, request.Length, cancellationToken).ConfigureAwait(false);
        while (await ReadLineAsync(reader).ConfigureAwait(false) is { } line)
        {
            using var document = JsonDocument.Parse(line);
            if (document.RootElement.TryGetProperty("return", out var result))
                return result.Clone();

            // The greeting and events come in between.
            if (document.RootElement.TryGetProperty("error", out _))
                return null;
        }

        return null;
    }

    /// <summary>Cancelling closes the stream below.</summary>
    private static Task<string?> ReadLineAsync(StreamReader reader) => reader.ReadLineAsync();
}
