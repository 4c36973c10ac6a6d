using System.Text;
using System.Text.Json;
using LinuxP2V.Engine.Files;

namespace LinuxP2V.Engine.Destinations.Local;

/// <summary>
/// A conversation with a running QEMU by its machine protocol: a JSON object a line. QEMU serves one client at a time.
/// </summary>
internal sealed class QmpSession : IDisposable
{
    private readonly Stream stream;
    private readonly StreamReader reader;
    private readonly CancellationToken cancellationToken;

    // A blocked read on .NET Framework would not see the token; closing ends it everywhere.
    private readonly CancellationTokenRegistration registration;

    private QmpSession(Stream stream, CancellationToken cancellationToken)
    {
        this.stream = stream;
        this.cancellationToken = cancellationToken;
        reader = new StreamReader(stream, new UTF8Encoding(false), false, 4096, leaveOpen: true);
        registration = cancellationToken.Register(stream.Dispose);
    }

    /// <summary>Greets QEMU. The token ends the session, not its opening alone.</summary>
    /// <exception cref="IOException">Or another of <see cref="IsBroken"/>.</exception>
    public static async Task<QmpSession> OpenAsync(string socketPath, CancellationToken cancellationToken)
    {
        var session = new QmpSession(await UnixSocket.ConnectAsync(socketPath, cancellationToken).ConfigureAwait(false), cancellationToken);
        try
        {
            await session.ExecuteAsync("qmp_capabilities").ConfigureAwait(false);
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Whether it means that nobody answers, or not in time.</summary>
    public static bool IsBroken(Exception exception) =>
        exception
            is IOException
                or System.Net.Sockets.SocketException
                or ObjectDisposedException
                or OperationCanceledException
                or JsonException;

    /// <param name="arguments">An object that is written as JSON; null: none.</param>
    /// <returns>What the command returns.</returns>
    /// <exception cref="QmpException">QEMU refuses.</exception>
    public async Task<JsonElement> ExecuteAsync(string command, object? arguments = null)
    {
        var request = new Dictionary<string, object> { ["execute"] = command };
        if (arguments is not null)
            request["arguments"] = arguments;

        var line = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(request) + "\n");
        await stream.WriteAsync(line, 0, line.Length, cancellationToken).ConfigureAwait(false);
        while (await reader.ReadLineAsync().ConfigureAwait(false) is { } answer)
        {
            using var document = JsonDocument.Parse(answer);
            if (document.RootElement.TryGetProperty("return", out var result))
                return result.Clone();

            // The greeting and events come in between.
            if (document.RootElement.TryGetProperty("error", out var error))
                throw new QmpException(command, error.GetProperty("desc").GetString() ?? "");
        }

        throw new IOException($"QEMU ended while it was asked for {command}.");
    }

    public void Dispose()
    {
        registration.Dispose();
        reader.Dispose();
        stream.Dispose();
    }
}

/// <summary>QEMU refused a command.</summary>
internal sealed class QmpException(string command, string description) : Exception($"{command}: {description}")
{
    public string Description { get; } = description;
}
