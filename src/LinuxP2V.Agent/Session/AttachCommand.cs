using System.Net.Sockets;

namespace LinuxP2V.Agent.Session;

/// <summary>What sshd runs for the engine: bridges standard input and output to the daemon's socket.</summary>
internal static class AttachCommand
{
    private const int Unavailable = 69;
    private const int BufferBytes = 64 * 1024;

    /// <summary>A daemon that has just been started is waited for.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    /// <returns>0 once either side ended; 69 when there is no daemon.</returns>
    public static async Task<int> RunAsync(string socketPath)
    {
        using var socket = await ConnectAsync(socketPath);
        if (socket is null)
        {
            await Console.Error.WriteLineAsync($"linuxp2v-agent: nothing listens on {socketPath}");
            return Unavailable;
        }

        await using var stream = new NetworkStream(socket);
        await using var input = Console.OpenStandardInput();
        await using var output = Console.OpenStandardOutput();

        // Not awaited at the end: a read of standard input cannot be called back, leaving the program ends it.
        _ = ForwardAsync(input, stream, socket);
        await CopyAsync(stream, output);
        return 0;
    }

    /// <summary>The daemon sees the end of the requests, sends what it has and closes: the other direction then ends.</summary>
    private static async Task ForwardAsync(Stream input, NetworkStream stream, Socket socket)
    {
        await CopyAsync(input, stream);
        try
        {
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Closed by the daemon already.
        }
    }

    private static async Task CopyAsync(Stream from, Stream to)
    {
        var buffer = new byte[BufferBytes];
        try
        {
            while (await from.ReadAsync(buffer) is var count and > 0)
            {
                await to.WriteAsync(buffer.AsMemory(0, count));
                await to.FlushAsync();
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // The other side is gone: that is the end too.
        }
    }

    private static async Task<Socket?> ConnectAsync(string socketPath)
    {
        var start = Environment.TickCount64;
        while (true)
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath));
                return socket;
            }
            catch (SocketException)
            {
                socket.Dispose();
                if (Environment.TickCount64 - start > Timeout.TotalMilliseconds)
                    return null;
            }

            await Task.Delay(100);
        }
    }
}
