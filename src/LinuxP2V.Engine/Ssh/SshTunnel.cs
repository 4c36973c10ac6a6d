using System.Net;
using Renci.SshNet;
using Renci.SshNet.Common;

namespace LinuxP2V.Engine.Ssh;

/// <summary>A way through a jump host: a port on this machine's loopback that leads to the machine behind.</summary>
internal sealed class SshTunnel : IDisposable
{
    private readonly JumpHostLogins.Lease login;
    private readonly ForwardedPortLocal port;

    private SshTunnel(JumpHostLogins.Lease login, ForwardedPortLocal port)
    {
        this.login = login;
        this.port = port;
    }

    public SshConnection Connection => login.Connection;

    public static string Host => IPAddress.Loopback.ToString();

    public int Port => (int)port.BoundPort;

    /// <summary>What the jump host said when it could not connect further.</summary>
    public string? Problem { get; private set; }

    public static async Task<SshTunnel> OpenAsync(
        SshTarget jumpHost,
        string host,
        int port,
        IEngineConsole console,
        CancellationToken cancellationToken
    )
    {
        var login = await JumpHostLogins.TakeAsync(jumpHost, console, cancellationToken).ConfigureAwait(false);
        var tunnel = new SshTunnel(login, new ForwardedPortLocal(Host, 0, host, (uint)port));
        try
        {
            tunnel.port.Exception += (_, failure) => tunnel.Problem = failure.Exception.Message;
            login.Connection.AddPort(tunnel.port);
            await Task.Run(tunnel.port.Start, cancellationToken).ConfigureAwait(false);
            return tunnel;
        }
        catch (Exception exception)
        {
            tunnel.Dispose();
            if (exception is SshException or System.Net.Sockets.SocketException)
                throw SshErrors.WhileConnecting(jumpHost, exception, null, null);

            throw;
        }
    }

    public void Dispose()
    {
        login.Connection.RemovePort(port);
        port.Dispose();
        login.Dispose();
    }
}
