using System.Net.Sockets;

namespace LinuxP2V.Engine.Files;

/// <summary>Connects to a socket file, however long its path is.</summary>
internal static class UnixSocket
{
    /// <exception cref="SocketException">Nobody listens there, or there is no such file.</exception>
    public static async Task<Stream> ConnectAsync(string path, CancellationToken cancellationToken)
    {
#if NET
        // A socket address holds 107 bytes: a short-lived link leads to the folder of a longer one.
        var link = Path.Combine(Path.GetTempPath(), $"p2v-{Guid.NewGuid():N}");
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            Directory.CreateSymbolicLink(link, Path.GetDirectoryName(path)!);
            await socket
                .ConnectAsync(new UnixDomainSocketEndPoint(Path.Combine(link, Path.GetFileName(path))), cancellationToken)
                .ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
        finally
        {
            File.Delete(link);
        }
#else
        await Task.Yield();
        throw new PlatformNotSupportedException();
#endif
    }
}
