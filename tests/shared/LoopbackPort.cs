using System.Net;
using System.Net.Sockets;

namespace LinuxP2V.Tests.Shared;

/// <summary>Ports of 127.0.0.1 for servers of tests.</summary>
internal static class LoopbackPort
{
    /// <summary>
    /// Below the range from which the kernel takes the ports of outgoing connections: a server that is stopped and
    /// started again must not find its port in use by one of those.
    /// </summary>
    public static int FindFree()
    {
        while (true)
        {
            var port = Random.Shared.Next(20_000, 32_000);
            using var listener = new TcpListener(IPAddress.Loopback, port);
            try
            {
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody's.
            }
        }
    }
}
