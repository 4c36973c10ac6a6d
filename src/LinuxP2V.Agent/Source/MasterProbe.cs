using System.Net.Sockets;
using LinuxP2V.Protocol.Ssh;

namespace LinuxP2V.Agent.Source;

/// <summary>
/// Asks an OpenSSH master whether it is alive, in its own protocol (PROTOCOL.mux, version 4), as <c>ssh -O check</c>
/// does without a process for it. One that is about to end does not answer, though its process and socket still stand.
/// </summary>
internal static class MasterProbe
{
    private const uint Hello = 1;
    private const uint ProtocolVersion = 4;
    private const uint AliveCheck = 0x10000004;
    private const uint Alive = 0x80000005;
    private const int LargestAnswer = 1 << 16;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    public static async Task<bool> AnswersAsync(string socketPath, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), limit.Token);
            await using var stream = new NetworkStream(socket);
            await SendAsync(stream, Hello, ProtocolVersion, limit.Token);
            if (await ReadTypeAsync(stream, limit.Token) != Hello)
                return false;

            await SendAsync(stream, AliveCheck, 0, limit.Token);
            return await ReadTypeAsync(stream, limit.Token) == Alive;
        }
        catch (Exception exception)
            when (exception is SocketException or IOException
                || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested)
            )
        {
            return false;
        }
    }

    /// <summary>Every message is its length, its type, and what belongs to it.</summary>
    private static async Task SendAsync(NetworkStream stream, uint type, uint argument, CancellationToken cancellationToken)
    {
        byte[] message = [.. SshFields.Encode(type), .. SshFields.Encode(argument)];
        await stream.WriteAsync(SshFields.Encode(message), cancellationToken);
    }

    private static async Task<uint?> ReadTypeAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        var head = new byte[4];
        await stream.ReadExactlyAsync(head, cancellationToken);
        var length = new SshFields(head).Number();
        if (length is < 4 or > LargestAnswer)
            return null;

        var body = new byte[length];
        await stream.ReadExactlyAsync(body, cancellationToken);
        return new SshFields(body).Number();
    }
}
