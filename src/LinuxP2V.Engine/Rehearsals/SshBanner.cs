using System.Net;
using System.Net.Sockets;
using System.Text;

namespace LinuxP2V.Engine.Rehearsals;

/// <summary>Whether an SSH server answers behind a forwarded port, which takes connections whether or not one does.</summary>
internal static class SshBanner
{
    private const string Start = "SSH-";
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <param name="port">Of 127.0.0.1.</param>
    public static async Task<bool> AnswersAsync(int port, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(Timeout);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        // .NET Framework's calls know no token; closing ends them everywhere.
        using var registration = timeout.Token.Register(socket.Dispose);
        try
        {
            await Task
                .Factory.FromAsync(socket.BeginConnect, socket.EndConnect, new IPEndPoint(IPAddress.Loopback, port), null)
                .ConfigureAwait(false);
            using var stream = new NetworkStream(socket, ownsSocket: false);
            var bytes = new byte[Start.Length];
            var length = 0;
            while (length < bytes.Length)
            {
                var read = await stream.ReadAsync(bytes, length, bytes.Length - length, timeout.Token).ConfigureAwait(false);
                if (read == 0)
                    return false;

                length += read;
            }

            return Encoding.ASCII.GetString(bytes) == Start;
        }
        catch (Exception exception)
            when (exception is SocketException or IOException or ObjectDisposedException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return false;
        }
    }
}
