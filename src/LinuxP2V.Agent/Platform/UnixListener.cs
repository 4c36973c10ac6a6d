using System.Net.Sockets;

namespace LinuxP2V.Agent.Platform;

/// <summary>A socket in a folder that only its owner can open. Each connection is served beside the others.</summary>
internal sealed class UnixListener : IAsyncDisposable
{
    private readonly string path;
    private readonly Func<Stream, CancellationToken, Task> serveAsync;
    private readonly CancellationTokenSource end = new();
    private readonly Socket listener;
    private readonly Task accepting;

    /// <param name="serveAsync">Serves one connection, which is closed behind it. What breaks the connection ends it in silence.</param>
    public UnixListener(string path, Func<Stream, CancellationToken, Task> serveAsync)
    {
        (this.path, this.serveAsync) = (path, serveAsync);
        listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        listener.Listen(16);
        accepting = AcceptAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        listener.Dispose();
        await accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        File.Delete(path);
        end.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            var socket = await listener.AcceptAsync(end.Token);
            _ = ServeAsync(socket, end.Token);
        }
    }

    private async Task ServeAsync(Socket socket, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = new NetworkStream(socket, ownsSocket: true);
            await serveAsync(stream, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException)
        {
            // Whoever asked has gone, and says so itself.
        }
    }
}
