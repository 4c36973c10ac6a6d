using System.Net;
using System.Net.Sockets;

namespace LinuxP2V.Engine.Tests.Destinations.VSphere;

/// <summary>Something at port 22 of a loopback address of its own, where the account may listen there.</summary>
internal sealed class LoopbackSsh : IDisposable
{
    private readonly TcpListener listener;

    public LoopbackSsh()
    {
        Address = $"127.77.{Random.Shared.Next(1, 255)}.{Random.Shared.Next(1, 255)}";
        listener = new TcpListener(IPAddress.Parse(Address), 22);
        try
        {
            listener.Start();
            IsListening = true;
        }
        catch (SocketException) { }
    }

    public string Address { get; }

    public bool IsListening { get; }

    public void Dispose() => listener.Dispose();
}
