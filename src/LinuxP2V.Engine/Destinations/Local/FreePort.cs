using System.Net;
using System.Net.Sockets;

namespace LinuxP2V.Engine.Destinations.Local;

/// <summary>TCP ports of 127.0.0.1.</summary>
internal static class FreePort
{
    /// <summary>A port that nobody listens on now, and that no other VM keeps for itself.</summary>
    public static int Find(ICollection<int> reserved)
    {
        while (true)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            var port = ((IPEndPoint)socket.LocalEndPoint!).Port;
            if (!reserved.Contains(port))
                return port;
        }
    }

    public static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
