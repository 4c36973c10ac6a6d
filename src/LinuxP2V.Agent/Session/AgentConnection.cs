using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using LinuxP2V.Protocol;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Session;

/// <summary>One attached engine: its requests in, all events since the place that it names out.</summary>
internal sealed class AgentConnection(Socket socket, AgentDaemon daemon) : IDisposable
{
    private static readonly byte[] NewLine = "\n"u8.ToArray();

    private readonly SemaphoreSlim writing = new(1, 1);
    private long sentSequence;

    /// <summary>The last event that was handed to the socket.</summary>
    public long SentSequence => Interlocked.Read(ref sentSequence);

    public void Dispose()
    {
        writing.Dispose();
        socket.Dispose();
    }

    /// <summary>Serves until either side ends it. A broken connection shows as IOException or SocketException.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var stream = new NetworkStream(socket, ownsSocket: true);
        using var reader = new StreamReader(stream, new UTF8Encoding(false));
        if (await ReadHelloAsync(stream, reader, cancellationToken) is not { } hello)
            return;

        await WriteAsync(stream, [daemon.Greet()], cancellationToken);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (hello.CanSign)
            daemon.Signatures.Join(TellAsync);

        try
        {
            var sending = SendAsync(stream, new ReaderPlace(hello.AfterSequence), end.Token, cancellationToken);
            var receiving = ReceiveAsync(stream, reader, end.Token);
            await Task.WhenAny(sending, receiving);
            await end.CancelAsync();
            await Task.WhenAll(sending, receiving).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        finally
        {
            daemon.Signatures.Leave(TellAsync);
        }

        async Task TellAsync(AgentEvent agentEvent)
        {
            try
            {
                // Not with the end of the requests: half a line would end the connection for whoever reads it.
                await WriteAsync(stream, [agentEvent], cancellationToken);
            }
            catch (Exception exception)
                when (exception is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
            {
                // The connection ends; the next engine is told.
            }
        }
    }

    private async Task<HelloRequest?> ReadHelloAsync(Stream stream, StreamReader reader, CancellationToken cancellationToken)
    {
        var line = await reader.ReadLineAsync(cancellationToken);
        if (line is null)
            return null;

        var request = Parse(line, out var requestId, out var version);
        if (request is HelloRequest { Version: ProtocolVersion.Current } hello)
            return hello;

        // Greeted all the same: the engine learns which version this helper has.
        await WriteAsync(
            stream,
            [
                daemon.Greet(),
                Refuse(
                    requestId,
                    version is not null
                        ? new ErrorDescription(
                            ErrorIds.HelperVersionMismatch,
                            $"The helper has version {ProtocolVersion.Current} of the protocol, the engine version {version}.",
                            "Use the helper image that belongs to this version of the module."
                        )
                        : new ErrorDescription(
                            ErrorIds.OperationOutOfOrder,
                            "The first line on a connection was no hello.",
                            "Report this together with the conversion's log."
                        )
                ),
            ],
            cancellationToken
        );
        return null;
    }

    private async Task ReceiveAsync(Stream stream, StreamReader reader, CancellationToken cancellationToken)
    {
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.Length == 0)
                continue;

            var request = Parse(line, out var requestId, out _);
            switch (request)
            {
                case null:
                    await WriteAsync(
                        stream,
                        [
                            Refuse(
                                requestId,
                                new ErrorDescription(
                                    ErrorIds.HelperVersionMismatch,
                                    "The helper could not read a request.",
                                    "Use the helper image that belongs to this version of the module."
                                )
                            ),
                        ],
                        cancellationToken
                    );
                    break;
                case HelloRequest:
                    await WriteAsync(stream, [daemon.Greet()], cancellationToken);
                    break;
                case SignatureRequest signature:
                    daemon.Signatures.Take(signature);
                    break;
                default:
                    daemon.Queue.Accept(request);
                    break;
            }
        }
    }

    /// <param name="end">The requests have ended: send what there is, then stop.</param>
    private async Task SendAsync(Stream stream, ReaderPlace place, CancellationToken end, CancellationToken cancellationToken)
    {
        while (true)
        {
            var (events, next, more) = daemon.Log.ReadAfter(place);
            await WriteAsync(stream, events, cancellationToken);
            place = next;
            Interlocked.Exchange(ref sentSequence, place.Sequence);
            if (end.IsCancellationRequested && !more.IsCompleted)
                return;

            await more.WaitAsync(end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task WriteAsync(Stream stream, IReadOnlyList<AgentEvent> events, CancellationToken cancellationToken)
    {
        if (events.Count == 0)
            return;

        using var buffer = new MemoryStream();
        foreach (var agentEvent in events)
        {
            JsonSerializer.Serialize(buffer, agentEvent, ProtocolJson.Default.AgentEvent);
            buffer.Write(NewLine);
        }

        await writing.WaitAsync(cancellationToken);
        try
        {
            await stream.WriteAsync(buffer.GetBuffer().AsMemory(0, (int)buffer.Length), cancellationToken);
        }
        finally
        {
            writing.Release();
        }
    }

    /// <summary>Reads what it can: a line of another version still gives its id and its version.</summary>
    private static AgentRequest? Parse(string line, out string requestId, out int? version)
    {
        (requestId, version) = ("", null);
        AgentRequest? request = null;
        try
        {
            using var document = JsonDocument.Parse(line);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                if (document.RootElement.TryGetProperty("requestId", out var id) && id.ValueKind == JsonValueKind.String)
                    requestId = id.GetString()!;
                if (document.RootElement.TryGetProperty("version", out var number) && number.TryGetInt32(out var value))
                    version = value;
            }

            request = JsonSerializer.Deserialize(line, ProtocolJson.Default.AgentRequest);
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException or InvalidOperationException)
        {
            // Neither the line nor the parser's message goes anywhere: a request can hold a password.
        }

        return request;
    }

    /// <summary>For this connection alone, so without a sequence.</summary>
    private static OperationFailedEvent Refuse(string requestId, ErrorDescription error) =>
        new()
        {
            Time = DateTimeOffset.UtcNow,
            RequestId = requestId,
            Error = error,
        };
}
