using LinuxP2V.Agent.Platform;
using LinuxP2V.Protocol.Messages;
using LinuxP2V.Protocol.Ssh;

namespace LinuxP2V.Agent.Source;

/// <summary>
/// Stands where ssh looks for its ssh-agent, and has the engine sign. The helper thus holds no private key. ssh first tells
/// which machine the login is for (session-bind@openssh.com); nothing is signed without that, as the engine could not tell
/// whom the signature lets in.
/// </summary>
internal sealed class EngineKeyAgent : IKeyAgent
{
    /// <summary>Bytes, as ssh-agent's own limit.</summary>
    private const int LongestMessage = 256 << 10;

    private const byte Failure = 5;
    private const byte Success = 6;
    private const byte ListKeys = 11;
    private const byte KeyList = 12;
    private const byte Sign = 13;
    private const byte Signature = 14;
    private const byte Extension = 27;

    private readonly IReadOnlyList<byte[]> keys;
    private readonly ISignatures signatures;
    private readonly UnixListener listener;

    /// <param name="publicKeys">Each as <c>algorithm base64</c>.</param>
    public EngineKeyAgent(IReadOnlyList<string> publicKeys, string socketPath, ISignatures signatures)
    {
        keys = [.. publicKeys.Select(key => Convert.FromBase64String(key[(key.IndexOf(' ', StringComparison.Ordinal) + 1)..]))];
        this.signatures = signatures;
        SocketPath = socketPath;
        listener = new UnixListener(socketPath, ServeAsync);
    }

    public string SocketPath { get; }

    public ValueTask DisposeAsync() => listener.DisposeAsync();

    private async Task ServeAsync(Stream stream, CancellationToken cancellationToken)
    {
        Binding? binding = null;
        var messages = new Messages(stream);
        while (await messages.ReadAsync(cancellationToken) is { Length: > 0 } message)
        {
            byte[] answer;
            try
            {
                answer = message[0] switch
                {
                    ListKeys => Keys(),
                    Extension => (binding = Binding.Read(message)) is null ? [Failure] : [Success],
                    Sign when binding is not null => await messages.WhileThereAsync(
                        token => SignAsync(message, binding, token),
                        cancellationToken
                    ),
                    _ => [Failure],
                };
            }
            catch (InvalidDataException)
            {
                answer = [Failure];
            }

            await stream.WriteAsync(SshFields.Encode(answer), cancellationToken);
        }
    }

    private byte[] Keys() =>
        [
            KeyList,
            .. SshFields.Encode((uint)keys.Count),
            .. keys.SelectMany(key => (byte[])[.. SshFields.Encode(key), .. SshFields.Encode([])]),
        ];

    private async Task<byte[]> SignAsync(byte[] message, Binding binding, CancellationToken cancellationToken)
    {
        var (key, data, flags) = ReadQuestion(message);
        if (!keys.Any(known => known.AsSpan().SequenceEqual(key)))
            return [Failure];

        var signature = await signatures.SignAsync(
            new SignatureNeededEvent
            {
                SignatureId = Guid.NewGuid().ToString("N"),
                PublicKey = Convert.ToBase64String(key),
                Data = Convert.ToBase64String(data),
                Flags = (int)flags,
                HostKey = Convert.ToBase64String(binding.HostKey),
                HostSignature = Convert.ToBase64String(binding.Signature),
            },
            cancellationToken
        );
        return signature is null ? [Failure] : [Signature, .. SshFields.Encode(signature)];
    }

    private static (byte[] Key, byte[] Data, uint Flags) ReadQuestion(byte[] message)
    {
        var fields = new SshFields(message.AsSpan(1));
        return (fields.Bytes(), fields.Bytes(), fields.Number());
    }

    /// <summary>Whom a connection of ssh-agent's clients is for.</summary>
    /// <param name="Signature">Of the host key, over the session's identifier.</param>
    private sealed record Binding(byte[] HostKey, byte[] Signature)
    {
        /// <returns>Null for another extension.</returns>
        public static Binding? Read(byte[] message)
        {
            var fields = new SshFields(message.AsSpan(1));
            if (fields.Text() != "session-bind@openssh.com")
                return null;

            var hostKey = fields.Bytes();
            _ = fields.Bytes();
            return new Binding(hostKey, fields.Bytes());
        }
    }

    /// <summary>Messages behind their length.</summary>
    private sealed class Messages(Stream stream)
    {
        private readonly byte[] first = new byte[1];
        private Task<int>? pending;

        /// <returns>Null at the end, or where what comes is no message.</returns>
        public async Task<byte[]?> ReadAsync(CancellationToken cancellationToken)
        {
            var length = new byte[sizeof(uint)];
            if (await NextByteAsync(cancellationToken) == 0)
                return null;

            (length[0], pending) = (first[0], null);
            if (await stream.ReadAtLeastAsync(length.AsMemory(1), 3, throwOnEndOfStream: false, cancellationToken) < 3)
                return null;

            var count = new SshFields(length).Number();
            if (count > LongestMessage)
                return null;

            var message = new byte[count];
            return await stream.ReadAtLeastAsync(message, message.Length, throwOnEndOfStream: false, cancellationToken) == message.Length
                ? message
                : null;
        }

        /// <summary>Ends the work when the one who asked for it has gone: an engine may be away for hours.</summary>
        public async Task<T> WhileThereAsync<T>(Func<CancellationToken, Task<T>> workAsync, CancellationToken cancellationToken)
        {
            using var gone = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var work = workAsync(gone.Token);
            var next = NextByteAsync(cancellationToken);
            if (await Task.WhenAny(work, next) == next && await next == 0)
                await gone.CancelAsync();

            return await work;
        }

        /// <summary>Read ahead while something else goes on; the next message begins with it.</summary>
        private Task<int> NextByteAsync(CancellationToken cancellationToken) =>
            pending ??= stream.ReadAsync(first, cancellationToken).AsTask();
    }
}
