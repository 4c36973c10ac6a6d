using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace LinuxP2V.Engine.Tests.Destinations.VSphere;

/// <summary>An HTTP proxy that tunnels to any address, for who logs in.</summary>
internal sealed class ConnectProxy : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly string login;

    public ConnectProxy(string user, string password)
    {
        login = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"));
        listener.Start();
        _ = AcceptAsync();
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");

    /// <summary>Where it has tunnelled to.</summary>
    public ConcurrentQueue<string> Targets { get; } = new();

    public void Dispose() => listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await listener.AcceptTcpClientAsync());
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException) { }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var accepted = client;
        var stream = client.GetStream();
        try
        {
            while (await ReadHeadAsync(stream) is { Length: > 0 } head)
            {
                var target = head.Split(' ')[1];
                if (!head.Contains($"Proxy-Authorization: {login}\r\n", StringComparison.OrdinalIgnoreCase))
                {
                    await WriteAsync(stream, "HTTP/1.1 407 Login\r\nProxy-Authenticate: Basic realm=\"p\"\r\nContent-Length: 0\r\n\r\n");
                    continue;
                }

                Targets.Enqueue(target);
                using var server = new TcpClient();
                await server.ConnectAsync(IPEndPoint.Parse(target));
                await WriteAsync(stream, "HTTP/1.1 200 Connected\r\n\r\n");
                await Task.WhenAny(stream.CopyToAsync(server.GetStream()), server.GetStream().CopyToAsync(stream));
                return;
            }
        }
        catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException) { }
    }

    private static async Task<string> ReadHeadAsync(NetworkStream stream)
    {
        var text = new StringBuilder();
        var one = new byte[1];
        while (!text.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(one) > 0)
            text.Append((char)one[0]);

        return text.ToString();
    }

    private static Task WriteAsync(NetworkStream stream, string text) => stream.WriteAsync(Encoding.ASCII.GetBytes(text)).AsTask();
}
